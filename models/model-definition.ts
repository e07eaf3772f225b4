import type { ModelSection } from '../harness/contract/port.js';
import type { ForeignCode } from './foreign-code.js';
import type { Operators } from './operators.js';

/** Evaluation or training, as bundles name them. */
export type Phase = 'infer' | 'train';

/** The values of one tensor before training. */
export type Initial =
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'constant'; readonly value: number }
  /** Uniform numbers, each column [:, r] of norm 1: NMF bases that are kept. */
  | { readonly kind: 'bases' };

/** A network: one folder under models/, whose `model.ts` exports `definition`. */
export interface ModelDefinition<Config> {
  /** Each `type` that the yml's `model:` section may have for it. */
  readonly types: readonly string[];
  /** Whether logits are a number per class for each image, [b, classes], and no map. Absent: a map. */
  readonly classifies?: true;
  /** Validates the section and fills in the reference's defaults. Throws a UserError that names the key. */
  parse(section: ModelSection): Config;
  /** Names and shapes of `state_dict()`, in the reference's order. */
  parameters(config: Config): ReadonlyMap<string, readonly number[]>;
  /**
   * The shape of a small image that the model takes, for an engine to warm up with. Its channels are those of every
   * image.
   */
  exampleImage(config: Config): readonly [number, number, number, number];
  /**
   * Names and shapes of what one forward draws at random, for an image [b, 3, h, w]. `phase` is evaluation by default.
   */
  draws(config: Config, imageShape: readonly number[], phase?: Phase): ReadonlyMap<string, readonly number[]>;
  /**
   * How a parameter or buffer is set before training, by its name in `parameters`. Absent: the model is not trained
   * from scratch.
   */
  initial?(config: Config): ReadonlyMap<string, Initial>;
  /** Whether standard normal numbers are drawn under this name. Absent: none are. */
  drawsNormal?(config: Config, name: string): boolean;
  /**
   * The share of ones in what is drawn under this name for training; null if numbers are drawn and not flags.
   */
  keepShare?(config: Config, name: string): number | null;
  /**
   * How the names of the part begin that depends on the number of classes. Weights of other classes, ImageNet's say,
   * lack it or have another: it then keeps its initial values. Absent: all that is loaded must be there.
   */
  readonly classesPart?: string;
  /**
   * The probe that the last step of the forward resizes to the image's size, bilinearly with half-pixel centres, and
   * gives as logits; null if the last step is another. So averaging over scales resizes once, not twice.
   */
  scores?(config: Config): string | null;
  /**
   * Code bases beside the reference whose weights it takes under other names, of this very configuration. Absent or
   * empty: none is known.
   */
  foreign?(config: Config): readonly ForeignCode[];
  /**
   * The forward pass: an image to logits, a feature map of its size unless the model classifies. It is in training if
   * `ops.training` is there.
   */
  forward<T>(ops: Operators<T>, config: Config, image: T): T;
}
