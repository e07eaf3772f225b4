import type { Operators } from '../operators.js';
import { type Decomposition, decompose } from './decomposition.js';
import { conv, dropout2d, groupNorm } from './layers.js';

/** Source: `LightHamHead.__init__` in models/segnext.py. */
export interface LightHamConfig {
  readonly channels: number;
  readonly hamChannels: number;
  readonly numGroups: number;
  readonly alignCorners: boolean;
  readonly dropoutRate: number;
  readonly ham: Decomposition;
}

/**
 * Class scores at the size of the second stage, from every stage but the first.
 * Shapes: [b, cᵢ, hᵢ, wᵢ] → [b, classes, h₂, w₂]. Source: `LightHamHead` in models/segnext.py.
 */
export function lightHamHead<T>(ops: Operators<T>, features: readonly T[], name: string, config: LightHamConfig): T {
  const [largest, ...smaller] = features.slice(1);
  if (largest === undefined) throw new Error('the head takes the stages after the first; there are none');
  return ops.scope(() => {
    let x = ops.scope(() => {
      // The reference resizes the largest to its own size, too, which changes nothing.
      const resized = smaller.map((level) => ops.resizeBilinear(level, largest, { alignCorners: config.alignCorners }));
      const joined = () => ops.concatChannels([largest, ...resized]);
      return convGroupNorm(ops, joined, `${name}.squeeze`, config.numGroups, { activation: true });
    });
    const mixed = hamburger(ops, x, `${name}.hamburger`, config);
    x = convGroupNorm(ops, () => mixed, `${name}.align`, config.numGroups, { activation: true });
    x = dropout2d(ops, x, `${name}.dropout`, config.dropoutRate);
    return ops.probe(name, conv(ops, x, `${name}.conv_seg`));
  });
}

/**
 * relu(x + out(ham(in(x)))), with a ReLU before some decompositions. Source: `Hamburger` in models/segnext.py; its
 * ReLUs are functions, so no probes.
 */
function hamburger<T>(ops: Operators<T>, x: T, name: string, config: LightHamConfig): T {
  return ops.scope(() => {
    const entered = conv(ops, x, `${name}.ham_in`);
    const given = config.ham.rectified ? ops.relu(entered) : entered;
    const low = ops.probe(`${name}.ham`, decompose(ops, given, `${name}.ham`, config.ham));
    const left = convGroupNorm(ops, () => low, `${name}.ham_out`, config.numGroups, { activation: false });
    return ops.probe(name, ops.relu(ops.add(x, left)));
  });
}

/**
 * A 1×1 convolution without bias, a group norm and perhaps a ReLU; what only `input` makes is freed early. Source:
 * `ConvGNAct` in models/layers/layer_libs.py.
 */
function convGroupNorm<T>(
  ops: Operators<T>,
  input: () => T,
  name: string,
  groups: number,
  { activation }: { activation: boolean },
): T {
  let y = ops.scope(() => conv(ops, input(), `${name}._conv`, { bias: false }));
  y = groupNorm(ops, y, `${name}._group_norm`, groups);
  if (activation) {
    // `Activation` wraps the ReLU layer `act_func`: two sublayers with one output.
    y = ops.probe(`${name}._act.act_func`, ops.relu(y));
    y = ops.probe(`${name}._act`, y);
  }
  return ops.probe(name, y);
}
