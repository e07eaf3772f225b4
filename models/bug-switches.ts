import type { ModelSection } from '../harness/hosts/port-contract.js';
import { UserError } from '../harness/support/errors.js';
import { suggest } from '../harness/support/suggest.js';
import type { Operators } from './operators.js';

/**
 * Bugs that people make when they port a network, each a switch: the project breaks its own ports with them to see that the
 * judge goes red at the right layer. A port applies the one named in its `settings.bug`; no command sets it.
 */
export interface BugSwitch {
  readonly what: string;
  /** Replaces some of the operators. */
  readonly operators?: <T>(ops: Operators<T>) => Partial<Operators<T>>;
  /** Changes the model's own constants. */
  readonly model?: (section: ModelSection) => ModelSection;
  /** Changes the optimizer's section, in training. */
  readonly optimizer?: (section: ModelSection) => ModelSection;
}

export const bugSwitches: Readonly<Record<string, BugSwitch>> = {
  'bn-epsilon': {
    what: 'batch norms add 1e-6 to the variance where the reference adds 1e-5',
    operators: (ops) => ({ batchNorm: (x, name) => ops.batchNorm(x, name, { epsilon: 1e-6 }) }),
  },
  'gelu-tanh': {
    what: "GELU's tanh approximation in place of erf",
    operators: (ops) => ({ gelu: (x) => ops.gelu(x, { approximate: 'tanh' }) }),
  },
  'strips-swapped': {
    what: 'k×1 strip convolutions run where 1×k ones belong, and the other way round',
    operators: (ops) => ({
      conv2d: (x, name, options) => {
        const other = name.replace(/(\.conv\d_)([12])$/, (_, stem, which) => `${stem}${which === '1' ? 2 : 1}`);
        if (other === name) return ops.conv2d(x, name, options);
        const [vertical, horizontal] = options.padding;
        return ops.conv2d(x, other, { ...options, padding: [horizontal, vertical] });
      },
    }),
  },
  'nmf-steps': {
    what: 'six NMF steps in evaluation where the reference takes seven',
    model: (section) =>
      withDecoder(section, (decoder) => ({
        ...decoder,
        ham_kwargs: { ...asRecord(decoder.ham_kwargs), EVAL_STEPS: 6 },
      })),
  },
  'align-corners': {
    what: 'bilinear resizing with the other align_corners',
    operators: (ops) => ({
      resizeBilinear: (x, like, { alignCorners }) => ops.resizeBilinear(x, like, { alignCorners: !alignCorners }),
    }),
  },
  'bias-left-out': {
    what: 'one depthwise convolution (block2.1, conv0) without its bias',
    operators: (ops) => ({
      conv2d: (x, name, options) =>
        ops.conv2d(
          x,
          name,
          name === 'backbone.block2.1.attn.spatial_gating_unit.conv0' ? { ...options, bias: false } : options,
        ),
    }),
  },
  'padding-shifted': {
    what: "the third patch embedding's padding is shifted by one pixel: none above and left, two below and right",
    operators: (ops) => ({
      conv2d: (x, name, options) =>
        ops.conv2d(x, name, name === 'backbone.patch_embed3.proj' ? { ...options, padding: [0, 0, 2, 2] } : options),
    }),
  },
};

/** The switch of this name, or null where none is asked for. Throws a UserError for a name that does not exist. */
export function findBugSwitch(name: unknown): BugSwitch | null {
  if (name === undefined) return null;
  const found = typeof name === 'string' ? bugSwitches[name] : undefined;
  if (found !== undefined) return found;
  throw new UserError(
    `Cannot switch on bug ${String(name)}: there is no such bug.${suggest(String(name), Object.keys(bugSwitches))}`,
  );
}

/** `ops` with the bug's operators in place of the right ones. */
export function withBug<T>(ops: Operators<T>, bug: BugSwitch | null): Operators<T> {
  if (bug?.operators === undefined) return ops;
  const replaced = bug.operators(ops);
  return new Proxy(ops, {
    get(target, key) {
      const found: unknown = Reflect.get(key in replaced ? replaced : target, key);
      return typeof found === 'function' ? found.bind(key in replaced ? replaced : target) : found;
    },
  });
}

function withDecoder(section: ModelSection, change: (decoder: ModelSection) => ModelSection): ModelSection {
  return { ...section, decoder_cfg: change(asRecord(section.decoder_cfg)) };
}

function asRecord(value: unknown): ModelSection {
  return typeof value === 'object' && value !== null ? (value as ModelSection) : {};
}
