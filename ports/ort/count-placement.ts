import { elementCount } from '../../harness/contract/nd-array.js';
import type { ProfileEvent } from './profile-run.js';

/** Where the nodes of a graph ran that was meant for a GPU. */
export interface Placement {
  readonly nodes: number;
  /** Nodes on the processor that computed more than sizes, by operator. */
  readonly onCpu: ReadonlyMap<string, number>;
}

/** Sizes of up to rank 8, twice: what ONNX Runtime keeps on the processor on purpose. */
const sizesAtMost = 16;

export function countPlacement(events: readonly ProfileEvent[]): Placement {
  const ran = events.flatMap(({ cat, args }) => (cat === 'Node' && args?.provider !== undefined ? [args] : []));
  const onCpu = new Map<string, number>();
  for (const { op_name: operator = 'unknown', provider, output_type_shape: outputs = [] } of ran) {
    const computes = outputs.flatMap(Object.values).some((shape) => elementCount(shape) > sizesAtMost);
    if (provider === 'CPUExecutionProvider' && computes) onCpu.set(operator, (onCpu.get(operator) ?? 0) + 1);
  }
  return { nodes: ran.length, onCpu };
}

/** `none of 412 nodes`, or `3 of 412 nodes: Resize 2, Gelu 1`. */
export function describePlacement({ nodes, onCpu }: Placement): string {
  const found = [...onCpu].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const sum = found.reduce((total, [, count]) => total + count, 0);
  if (sum === 0) return `none of ${nodes} nodes`;
  return `${sum} of ${nodes} nodes: ${found.map(([operator, count]) => `${operator} ${count}`).join(', ')}`;
}
