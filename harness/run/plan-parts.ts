import { elementCount } from '../contract/nd-array.js';
import type { GoldenProbe } from '../golden/bundle.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { groupBySize } from '../support/group-by-size.js';

/** A part of a run: some probes, and what is replaced of what they read. */
export interface Part {
  readonly probes: readonly GoldenProbe[];
  readonly replaced: readonly string[];
}

/** What a part's probes take at most. A session takes as much again for what lies between them. */
export const partBytes = 2 ** 26;

/**
 * The parts of a run whose probes take more than that: neither process then holds all that is recorded and put in.
 * One part where the port cannot say what a part reads.
 * @param outputs names of the bundle's
 */
export async function planParts(
  host: PortHost,
  wanted: readonly GoldenProbe[],
  replaced: readonly string[],
  outputs: readonly string[],
  most = partBytes,
): Promise<readonly Part[]> {
  const whole = [{ probes: wanted, replaced }];
  const bytesOf = ({ shape }: GoldenProbe) => elementCount(shape) * Float32Array.BYTES_PER_ELEMENT;
  const groups = joinBare(groupBySize(wanted, bytesOf, most), new Set(outputs));
  if (groups.length < 2) return whole;
  const parts: Part[] = [];
  for (const probes of groups) {
    const read = await host.reads(
      probes.map(({ name }) => name),
      replaced,
    );
    if (read === null) return whole;
    parts.push({ probes, replaced: read });
  }
  return parts;
}

/**
 * A graph of one probe, or of outputs alone, may be the graph that users run, which is optimised: it could not show
 * where that differs from the graph with probes. Such a group goes with its neighbour.
 */
function joinBare(groups: readonly GoldenProbe[][], outputs: ReadonlySet<string>): GoldenProbe[][] {
  const isBare = (group: readonly GoldenProbe[]) => group.length < 2 || group.every(({ name }) => outputs.has(name));
  const joined: GoldenProbe[][] = [];
  for (const group of groups) {
    const last = joined.at(-1);
    if (last !== undefined && isBare(last)) last.push(...group);
    else joined.push([...group]);
  }
  const end = joined.at(-1);
  if (joined.length > 1 && isBare(end!)) joined.splice(-2, 2, joined.slice(-2).flat());
  return joined;
}
