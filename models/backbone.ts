import type { Initial } from './model-definition.js';
import type { Operators } from './operators.js';
import type { Entry } from './parts/state.js';

/** What a network begins with: a folder under models/backbones/, whose `backbone.ts` exports `backbone`. */
export interface Backbone {
  /** Each `type` that the yml's `model.backbone:` section may have for it. */
  readonly types: readonly string[];
  /**
   * Validates the section, whose `type` is one of these, and fills in the reference's defaults. Throws a UserError that
   * names the key.
   * @param subject whose section it is, for errors
   */
  parse(section: BackboneSection, subject: string): BackboneNetwork;
}

export interface BackboneSection {
  readonly type: string;
}

/**
 * A backbone whose widths and depths are known.
 * Stage i of an image [b, c, h, w] gives [b, channels[i], ⌈h/2ⁱ⁺²⌉, ⌈w/2ⁱ⁺²⌉].
 */
export interface BackboneNetwork {
  readonly inChannels: number;
  readonly channels: readonly number[];
  /** Every DropPath by its name in the backbone, in the reference's order. A block calls its one twice. */
  readonly dropPaths: readonly { readonly name: string; readonly rate: number }[];
  /** Why it cannot be trained, after its name and a dot: `drop_rate is 0.1; 0 is wanted, …`; null where it can. */
  readonly untrainable: string | null;
  /** Names and shapes of its part of `state_dict()`, in the reference's order. @param name the backbone's own */
  parameters(name: string): Iterable<Entry>;
  /** How one of these is set before training. @param name without the backbone's own */
  initial(name: string, shape: readonly number[]): Initial;
  /** The feature maps of all stages. */
  forward<T>(ops: Operators<T>, image: T, name: string): readonly T[];
}
