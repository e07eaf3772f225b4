import { elementCount } from '../../../harness/contract/nd-array.js';
import type { Optimizer } from '../../../training/optimizer.js';

/**
 * How parameters and statistics are kept between steps: joined into a few vectors, each an input and an output of the
 * graph. (An input and an output for each tensor take 282 ms a step where vectors take 261.)
 */
export interface StateLayout {
  readonly chunks: readonly Chunk[];
  /** Where a tensor of state_dict() lies. */
  find(name: string): Place;
}

export interface Chunk {
  readonly name: string;
  /** Its place in `Optimizer.groups`; null for statistics, which no optimizer changes. */
  readonly group: number | null;
  readonly length: number;
  readonly places: readonly Place[];
}

export interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly chunk: string;
  readonly start: number;
}

/**
 * 2¹⁷ floats: a parameter and its moments, read and written, are 3 MB and stay in a processor's cache while they are
 * updated.
 */
const chunkLength = 2 ** 17;

/** Tensors follow each other as in `parameters`; each group of the optimizer has chunks of its own. */
export function planState(
  parameters: ReadonlyMap<string, readonly number[]>,
  isTrained: (name: string) => boolean,
  { groupOf }: Pick<Optimizer, 'groupOf'>,
): StateLayout {
  const open = new Map<number | null, { places: Place[]; length: number; name: string }>();
  const chunks: Chunk[] = [];
  for (const [name, shape] of parameters) {
    const group = isTrained(name) ? groupOf(name) : null;
    const size = elementCount(shape);
    let chunk = open.get(group);
    if (chunk === undefined || chunk.length + size > chunkLength) {
      chunk = { name: `${group === null ? 'statistics' : `group${group}`}/${chunks.length}`, places: [], length: 0 };
      open.set(group, chunk);
      chunks.push(Object.assign(chunk, { group }));
    }
    chunk.places.push({ name, shape, chunk: chunk.name, start: chunk.length });
    chunk.length += size;
  }
  const places = new Map(chunks.flatMap((chunk) => chunk.places.map((place) => [place.name, place] as const)));
  return {
    chunks,
    find(name) {
      const place = places.get(name);
      if (place === undefined) throw new Error(`the model asks for ${name}, which its own list of parameters lacks`);
      return place;
    },
  };
}
