import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { budgets } from './budgets.js';
import { resolveAliases } from './resolve-aliases.js';
import { findTooDeep } from './yaml-depth.js';

/** What is wrong with a YAML text, in a clause, and where. */
export interface YamlFault {
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

/**
 * Parses YAML 1.2 of plain mappings, lists and scalars, within its budgets. JSON is a part of it.
 * @param refuse makes the error of a fault
 * @throws what `refuse` makes: of text that is not YAML, a key that is there twice, an alias without an anchor, too
 *   many nodes
 */
export function parseYaml(text: string, refuse: (fault: YamlFault) => Error): unknown {
  if (text.length > budgets.yamlBytes)
    throw refuse({ line: 1, what: `it has ${text.length} characters; at most ${budgets.yamlBytes} are wanted` });
  const tooDeep = findTooDeep(text);
  if (tooDeep !== null) throw refuse({ line: tooDeep, what: 'it is nested too deeply; fewer levels are wanted' });
  const lines = new LineCounter();
  // The library compares each key with all before it, and looks through the document for each alias.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [failure] = document.errors;
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line);
  if (failure !== undefined)
    throw refuse({ line: lineAt(failure.pos[0]), what: failure.message.replace(/\.$/, '').split('\n')[0]! });
  const targets = resolveAliases(document);
  const done = new Map<Node, { readonly value: unknown; readonly nodes: number }>();
  const open = new Set<Node>();
  let counted = 0;

  const read = (node: unknown): unknown => {
    if (node === null || node === undefined) return null;
    const given = node as Node;
    const fault = (what: string) => refuse({ line: lineAt(given.range?.[0]), what });
    const target = isAlias(given) ? targets.get(given) : given;
    if (target === undefined) throw fault(`the alias ${isAlias(given) ? given.source : ''} has no anchor before it`);
    const known = done.get(target);
    if (known !== undefined) {
      spend(known.nodes, fault);
      return known.value;
    }
    if (open.has(target)) throw fault('an alias stands inside its own anchor');
    open.add(target);
    const before = counted;
    spend(1, fault);
    const value = convert(target, fault);
    done.set(target, { value, nodes: counted - before });
    open.delete(target);
    return value;
  };
  const spend = (nodes: number, fault: (what: string) => Error) => {
    counted += nodes;
    if (counted > budgets.yamlNodes)
      throw fault(
        `it has more than ${budgets.yamlNodes} nodes once its aliases are written out; at most ${budgets.yamlNodes} are allowed`,
      );
  };
  const convert = (node: Node, fault: (what: string) => Error): unknown => {
    if (isSeq(node)) return node.items.map(read);
    if (isScalar(node)) return node.value;
    if (!isMap(node)) throw fault('this is neither a mapping, a list nor a scalar');
    const entries = new Map<string, unknown>();
    for (const { key, value } of node.items as Pair<unknown, unknown>[]) {
      const name = read(key);
      const ofKey = (what: string) => refuse({ line: lineAt((key as Node | null)?.range?.[0]), what });
      if (typeof name === 'object' && name !== null) throw ofKey('a key is not text; keys must be');
      if (entries.has(String(name))) throw ofKey(`the key ${String(name)} is there twice`);
      entries.set(String(name), read(value));
    }
    return Object.fromEntries(entries);
  };
  return read(document.contents);
}
