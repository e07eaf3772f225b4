import { elementCount, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel, ModelSection } from '../../harness/contract/port.js';
import { normal, uniform } from '../../harness/golden/seeded.js';
import { cannot, EnvironmentError, UserError } from '../../harness/support/errors.js';
import { findSegmenter } from '../../models/find-segmenter.js';
import { areProbabilities, bySum } from './find-probabilities.js';
import type { Network, Scores } from './network.js';

/**
 * What a forward draws at random. `fixed`: the seeded numbers of one seed and name in every forward, so that the same
 * picture gives the same mask twice. `random`: numbers of their own for every forward, as the reference draws them.
 */
export type DrawnBases =
  | { readonly kind: 'fixed'; readonly seed: number; readonly name: string }
  | { readonly kind: 'random'; readonly seed: number };

/** `uniform/1:SEED:NAME` or `random`. Throws a UserError for anything else. @param seed of `random` */
export function parseBases(text: string, seed: number): DrawnBases {
  if (text === 'random') return { kind: 'random', seed };
  const [, digits, name] = /^uniform\/1:(\d{1,10}):(.+)$/.exec(text) ?? [];
  if (digits !== undefined && name !== undefined && Number(digits) < 2 ** 32)
    return { kind: 'fixed', seed: Number(digits), name };
  throw new UserError(
    `Cannot use --bases ${text}: it is neither random nor uniform/1:SEED:NAME; one of them is wanted, for example uniform/1:5:bases`,
  );
}

export interface ImageNetworks {
  /** Builds what forwards run in, which the first of them would else do. */
  prepare(): Promise<void>;
  /**
   * The network for one image of a data set. What its forwards draw depends on the image's place and on their order
   * alone: not on which images were inferred before, or in which process.
   */
  of(image: number): Network;
}

/**
 * A loaded model as what images are inferred by: one image at a time, its draws made here.
 * @param bases null: a network that draws anything is refused
 */
export async function openNetwork(
  loaded: LoadedModel,
  section: ModelSection,
  bases: DrawnBases | null,
): Promise<ImageNetworks> {
  const definition = await findSegmenter(section, 'infer with');
  const config = definition.parse(section);
  const probe = loaded.scores ?? 'logits';
  const isNormal = (name: string) => definition.drawsNormal?.(config, name) ?? false;
  const of = (image: number): Network => {
    let forwards = 0;
    return async ({ channels, height, width, data }) => {
      const shape = [1, channels, height, width];
      const call = `${image}/${forwards++}`;
      const draws = drawBases(definition.draws(config, shape), bases, call, isNormal);
      let scores: { readonly shape: readonly number[]; readonly data: Float32Array } | null = null;
      await loaded.infer(
        { inputs: new Map([['image', float32NdArray(shape, data)]]), draws, probes: [probe], replacements: new Map() },
        (name, value) => {
          if (name === probe) scores = { ...value, data: value.data.slice() }; // a port may use its array again
        },
      );
      const planes = planesOf(scores, probe, height, width);
      const result = loaded.result ?? (areProbabilities(planes) ? bySum : undefined);
      return result === undefined ? planes : { ...planes, result };
    };
  };
  return { prepare: async () => loaded.prepare?.({ probes: [probe], replaced: [] }), of };
}

/**
 * Values for what one forward draws, by name.
 * @param call tells forwards apart, for `random`
 * @param isNormal of a name: whether its numbers are standard normal ones, and not from [0, 1)
 */
export function drawBases(
  shapes: ReadonlyMap<string, readonly number[]>,
  bases: DrawnBases | null,
  call: string | number,
  isNormal: (name: string) => boolean,
): Map<string, NdArray> {
  return new Map([...shapes].map(([name, shape]) => [name, draw(name, shape, bases, call, isNormal(name))]));
}

function draw(
  name: string,
  shape: readonly number[],
  bases: DrawnBases | null,
  call: string | number,
  isNormal: boolean,
): NdArray {
  const count = elementCount(shape);
  if (bases === null)
    throw cannot('infer', 'with this network', `it draws ${name}`, 'an eval golden with `bases` is wanted');
  const numbers = (isNormal ? normal : uniform)(
    bases.seed,
    bases.kind === 'fixed' ? bases.name : `${name}/${call}`,
    count,
  );
  return float32NdArray(shape, Float32Array.from(numbers));
}

function planesOf(
  scores: { readonly shape: readonly number[]; readonly data: Float32Array } | null,
  probe: string,
  height: number,
  width: number,
): Scores {
  if (scores === null)
    throw new EnvironmentError(`Cannot infer: the port gave no ${probe}; the output \`${probe}\` is wanted`);
  const [b, channels = 0, h = 0, w = 0] = scores.shape;
  if (b !== 1 || scores.shape.length !== 4 || (probe === 'logits' && (h !== height || w !== width)))
    throw new EnvironmentError(
      `Cannot infer: the port gave ${probe} of shape [${scores.shape.join(', ')}]; [1, classes, ${height}, ${width}] is wanted`,
    );
  return { channels, height: h, width: w, data: scores.data };
}
