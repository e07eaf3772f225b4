import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { budgets } from '../../harness/support/budgets.js';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { resolveAliases } from '../../harness/support/resolve-aliases.js';
import { findTooDeep } from '../../harness/support/yaml-depth.js';
import { constructScalar, resolvePlainScalar, type Yaml11Scalar, type Yaml11Type } from './yaml11-scalar.js';

/** A YAML value that still knows where it stands: file and line (from 1). */
export type YamlNode = YamlMapping | YamlList | YamlLeaf;

export interface YamlMapping {
  readonly kind: 'mapping';
  readonly entries: ReadonlyMap<string, YamlNode>;
  readonly origin: Origin;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly origin: Origin;
}

export interface YamlLeaf {
  readonly kind: 'scalar';
  readonly value: Yaml11Scalar;
  readonly origin: Origin;
}

export interface Origin {
  readonly path: string;
  readonly line: number;
}

/**
 * Parses YAML as PyYAML's full loader does: its scalar rules (YAML 1.1, narrower floats), `<<` merges, anchors, the
 * last of two equal keys. The `yaml` library reads the syntax; its own 1.1 schema is not used, because it takes `1e-3`
 * for a number.
 *
 * Differs: keys must be text (they become arguments by name), a flow collection's end must be indented like the rest of
 * it, and Python's own tags other than `!!python/tuple` are refused. Throws a UserError that names file and line.
 */
export function parseYaml11(text: string, path: string): YamlNode {
  if (text.length > budgets.yamlBytes)
    throw yamlError(
      { path, line: 1 },
      `it has ${text.length} characters; at most ${budgets.yamlBytes} are wanted (a budget)`,
    );
  const tooDeep = findTooDeep(text);
  if (tooDeep !== null)
    throw yamlError({ path, line: tooDeep }, 'it is nested too deeply; fewer levels are wanted (a budget)');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const failure = document.errors[0];
  if (failure !== undefined) {
    const origin = { path, line: lines.linePos(failure.pos[0]).line };
    const what = failure.code === 'MULTIPLE_DOCS' ? 'a second document begins' : failure.message.replace(/\.$/, '');
    throw yamlError(origin, `${what}; one well-formed YAML document is wanted`);
  }
  const toNode = nodeReader(document, lines, path);
  return toNode(document.contents, { path, line: 1 });
}

/** The value of a node as plain objects, arrays and scalars. What an anchor shares stays shared. */
export function plainValue(node: YamlNode): unknown {
  switch (node.kind) {
    case 'mapping':
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plainValue(value)]));
    case 'list':
      return node.items.map(plainValue);
    case 'scalar':
      return node.value;
  }
}

/** `file:line`, as error messages name a place. */
export function renderOrigin(origin: Origin): string {
  return `${origin.path}:${origin.line}`;
}

function yamlError(origin: Origin, what: string): UserError {
  return new UserError(`Cannot read ${renderOrigin(origin)}: ${what}`);
}

type NodeReader = (node: unknown, fallback: Origin) => YamlNode;

function nodeReader(document: Document, lines: LineCounter, path: string): NodeReader {
  const open = new Set<Node>();
  const done = new Map<Node, { readonly value: YamlNode; readonly nodes: number }>();
  const targets = resolveAliases(document);
  let counted = 0;
  return read;

  /** Each node counts as often as aliases and merges name it: whoever reads the values goes through all of them. */
  function spend(nodes: number, origin: Origin): void {
    counted += nodes;
    if (counted > budgets.yamlNodes)
      throw yamlError(
        origin,
        `it has more than ${budgets.yamlNodes} nodes once its aliases are written out; at most ${budgets.yamlNodes} are allowed (a budget)`,
      );
  }

  function read(node: unknown, fallback: Origin): YamlNode {
    if (node === null || node === undefined) return { kind: 'scalar', value: null, origin: fallback };
    const given = node as Node;
    const origin = originOf(given, fallback);
    const target = isAlias(given) ? targets.get(given) : given;
    if (target === undefined) throw yamlError(origin, 'an alias has no anchor of its name before it');
    const known = done.get(target);
    if (known !== undefined) {
      spend(known.nodes, origin);
      return known.value;
    }
    if (open.has(target)) throw yamlError(origin, 'an alias stands inside its own anchor; values must be finite');
    open.add(target);
    const before = counted;
    spend(1, origin);
    const value = convert(target, origin);
    open.delete(target);
    done.set(target, { value, nodes: counted - before });
    return value;
  }

  function convert(node: Node, origin: Origin): YamlNode {
    if (isMap(node)) {
      requireTag(node, ['map'], origin);
      return { kind: 'mapping', entries: readEntries(node, origin), origin };
    }
    if (isSeq(node)) {
      requireTag(node, ['seq', 'tag:yaml.org,2002:python/tuple'], origin);
      return { kind: 'list', items: node.items.map((item) => read(item, origin)), origin };
    }
    if (isScalar(node)) return { kind: 'scalar', value: readScalar(node, origin), origin };
    throw yamlError(origin, 'this is neither a mapping, a list nor a scalar');
  }

  /** Keys of `<<` stand before the mapping's own, which override them; of several sources the first wins. */
  function readEntries(map: YAMLMap, origin: Origin): Map<string, YamlNode> {
    const merged = new Map<string, YamlNode>();
    const own = new Map<string, YamlNode>();
    for (const pair of map.items as Pair<unknown, unknown>[]) {
      const keyOrigin = originOf(pair.key as Node, origin);
      if (isMergeKey(pair.key)) {
        for (const source of mergeSources(read(pair.value, keyOrigin)).reverse())
          for (const [key, value] of source) {
            spend(1, keyOrigin);
            merged.set(key, value);
          }
      } else {
        const value = read(pair.value, keyOrigin);
        own.set(readKey(pair.key, keyOrigin), value.kind === 'scalar' ? { ...value, origin: keyOrigin } : value);
      }
    }
    return new Map([...merged, ...own]);
  }

  function readKey(key: unknown, origin: Origin): string {
    const node = read(key, origin);
    if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
    const what =
      node.kind === 'scalar' ? `the key ${String(isScalar(key) ? key.source : node.value)}` : `a ${node.kind} as key`;
    throw yamlError(origin, `${what} is not text in YAML 1.1; keys must be text. Fix: put it in quotes`);
  }

  function originOf(node: Node | null, fallback: Origin): Origin {
    const offset = node?.range?.[0];
    return offset === undefined ? fallback : { path, line: lines.linePos(offset).line };
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.tag === undefined && key.value === '<<';
}

function mergeSources(node: YamlNode): ReadonlyMap<string, YamlNode>[] {
  if (node.kind === 'mapping') return [node.entries];
  if (node.kind === 'list') return node.items.flatMap(mergeSources);
  throw yamlError(node.origin, 'the value of << is a scalar; a mapping or a list of mappings is wanted');
}

const tagPrefix = 'tag:yaml.org,2002:';
const scalarTags: readonly Yaml11Type[] = ['str', 'null', 'bool', 'int', 'float', 'timestamp'];

function readScalar(node: Scalar, origin: Origin): Yaml11Scalar {
  const text = String(node.value ?? '');
  const type = scalarType(node, text, origin);
  try {
    return constructScalar(type, text);
  } catch (error) {
    throw yamlError(origin, `${messageOf(error)}, as YAML 1.1 reads it`);
  }
}

function scalarType(node: Scalar, text: string, origin: Origin): Yaml11Type {
  if (node.tag !== undefined) {
    requireTag(node, scalarTags, origin);
    return node.tag.slice(tagPrefix.length) as Yaml11Type;
  }
  const type = node.type === 'PLAIN' ? resolvePlainScalar(text) : 'str';
  if (type !== 'merge' && type !== 'value') return type;
  throw yamlError(origin, `a bare ${text} is not a value in YAML 1.1. Fix: put it in quotes`);
}

function requireTag(node: Node, known: readonly string[], origin: Origin): void {
  const tag = node.tag;
  if (tag === undefined || known.some((name) => tag === name || tag === tagPrefix + name)) return;
  throw yamlError(origin, `the tag ${tag} is not known; ${known.join(', ')} are`);
}
