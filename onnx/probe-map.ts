import { UserError } from '../harness/support/errors.js';
import { whyUnread } from '../harness/support/explain-system.js';
import { parseYaml } from '../harness/support/parse-yaml.js';
import { readPlainText } from '../harness/support/plain-file.js';
import { suggest } from '../harness/support/suggest.js';
import type { GraphProto } from './model-proto.js';
import { listTensors } from './tensors.js';

/** Which tensor of the graph a probe is. */
export type ProbeMap = ReadonlyMap<string, string>;

/** Reads `probe name: tensor name` pairs of YAML. Throws a UserError. */
export async function readProbeMap(path: string): Promise<ProbeMap> {
  let text: string;
  try {
    text = await readPlainText(path);
  } catch (error) {
    const is = whyUnread(error, path);
    throw new UserError(`Cannot read the map ${path}: ${is}; a YAML file of probe and tensor names is wanted`);
  }
  const value = parseYaml(
    text,
    ({ line, what }) =>
      new UserError(`Cannot read the map ${path}:${line}: ${what}; lines of \`probe: tensor\` are wanted`),
  );
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(`Cannot read the map ${path}: it is not a mapping; lines of \`probe: tensor\` are wanted`);
  }
  for (const [probe, tensor] of Object.entries(value)) {
    if (typeof tensor === 'string') continue;
    throw new UserError(
      `Cannot read the map ${path}: ${probe} holds ${JSON.stringify(tensor)}; a tensor's name is wanted`,
    );
  }
  return new Map(Object.entries(value as Record<string, string>));
}

/** Throws a UserError for a mapped tensor that the file does not have. */
export function validateProbeMap(map: ProbeMap, graph: GraphProto, path: string): void {
  const tensors = listTensors(graph);
  for (const [probe, tensor] of map) {
    if (tensors.has(tensor)) continue;
    throw new UserError(
      `Cannot map ${probe} to ${tensor}: ${path} has no tensor of that name.${suggest(tensor, [...tensors])}`,
    );
  }
}

/** Throws a UserError for a name that a bundle does not have: nothing would be judged by it. */
export function validateMapKeys(map: ProbeMap, known: readonly string[], path: string): void {
  const names = new Set(known);
  for (const name of map.keys()) {
    if (names.has(name)) continue;
    throw new UserError(
      `Cannot map ${name} to a tensor of ${path}: the bundle has no probe, weight, input or draw of that name; a name that it has is wanted.${suggest(name, known)}`,
    );
  }
}

/** The map that `readProbeMap` reads. Names come from a file, and are quoted. */
export function renderProbeMap(map: ProbeMap): string {
  return [...map].map(([probe, tensor]) => `${JSON.stringify(probe)}: ${JSON.stringify(tensor)}\n`).join('');
}

/** The probe's tensor of a graph: the mapped one, or that of its name; null if there is none. */
export function findProbeTensor(tensors: ReadonlySet<string>, map: ProbeMap, probe: string): string | null {
  const mapped = map.get(probe);
  if (mapped !== undefined) return mapped;
  return tensors.has(probe) ? probe : null;
}
