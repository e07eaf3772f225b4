import type { GraphProto } from './model-proto.js';

/**
 * The modules that torch's dynamo exporter says tensors come from, as the porter's code calls them. It writes each
 * node's scopes as a list in Python's notation, whose last entry is the operation:
 * `['', 'backbone', 'backbone.norm1', 'layer_norm_2']`.
 */
export function listModules(graph: GraphProto): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  for (const { output = [], metadataProps = [] } of graph.node ?? []) {
    const scopes = metadataProps.find(({ key }) => key === 'pkg.torch.onnx.name_scopes')?.value;
    const entries = scopes === undefined ? [] : [...scopes.slice(0, longest).matchAll(/'([^'\\]*)'/g)];
    const module = entries.at(-2)?.[1] ?? '';
    if (module !== '') for (const name of output) modules.set(name, module);
  }
  return modules;
}

/** A path of a deep network; what is longer is no name. */
const longest = 4096;
