import { type Alias, type Document, type Node, visit } from 'yaml';

/**
 * The node that each alias of a document stands for: the last of its name before it; undefined where there is none. In
 * one pass: the library looks through the whole document for each alias.
 */
export function resolveAliases(document: Document): ReadonlyMap<Alias, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, {
    Alias(_, alias) {
      targets.set(alias, anchors.get(alias.source));
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
