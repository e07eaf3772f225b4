import type { ModelSection, TrainRequest } from '../harness/contract/port.js';
import { UserError } from '../harness/support/errors.js';
import { suggest } from '../harness/support/suggest.js';
import type { Operators } from './operators.js';

/**
 * Bugs that people make when they port a network, each a switch: the project breaks its own ports with them to see that
 * the judge goes red at the right layer. A port applies the one named in its `settings.bug`; no command sets it.
 */
export interface BugSwitch {
  readonly what: string;
  /** Replaces some of the operators. */
  readonly operators?: <T>(ops: Operators<T>) => Partial<Operators<T>>;
  /** Changes the model's own constants. */
  readonly model?: (section: ModelSection) => ModelSection;
  /** Changes what a training is asked for. */
  readonly training?: (request: TrainRequest) => TrainRequest;
  /** The layer that sends wrong gradients back. Only for a port that differentiates by its own rules. */
  readonly backward?: string;
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
    model: (section) => withNmf(section, { EVAL_STEPS: 6 }),
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

/** Bugs that only training shows. */
export const trainingBugSwitches: Readonly<Record<string, BugSwitch>> = {
  'nmf-train-steps': {
    what: 'seven NMF steps in training where the reference takes six',
    model: (section) => withNmf(section, { TRAIN_STEPS: 7 }),
  },
  'drop-path-unscaled': {
    what: 'what DropPath keeps is not divided by the probability of keeping it',
    operators: ({ training }) =>
      training === undefined
        ? {}
        : {
            training: {
              dropPath: (x, name, { call }) => training.dropPath(x, name, { rate: 0, call }),
              dropout2d: (x, name, options) => training.dropout2d(x, name, options),
            },
          },
  },
  'running-variance-unbiased': {
    what: 'the running variance is the unbiased one, as PyTorch keeps it',
    operators: (ops) => ({
      batchNorm: (x, name, { epsilon }) => ops.batchNorm(x, name, { epsilon, runningVariance: 'unbiased' }),
    }),
  },
  'norms-decay': {
    what: 'weight decay on the norms, too',
    training: withGroups((group) => ({ ...group, weight_decay_mult: 1 })),
  },
  'head-rate': {
    what: "the head without its learning rate's multiplier",
    training: withGroups((group) => ({ ...group, lr_mult: 1 })),
  },
  'coupled-decay': {
    what: 'Adam with the decay in the gradient in place of AdamW',
    training: (request) => ({ ...request, optimizer: { ...request.optimizer, type: 'Adam' } }),
  },
  'ignored-averaged': {
    what: 'the loss is averaged over all pixels, the ignored ones too',
    training: (request) => ({
      ...request,
      loss: { types: [{ type: 'CrossEntropyLoss', avg_non_ignore: false }], coef: [1] },
    }),
  },
  'schedule-end': {
    what: "the schedule with its own default end, 1e-4, in place of the configuration's",
    training: (request) => ({ ...request, lrScheduler: without(request.lrScheduler, 'end_lr') }),
  },
};

/** What stands before the name of a layer. */
const wrongBackward = 'wrong-backward:';

/** The switch of this name, or null where none is asked for. Throws a UserError for a name that does not exist. */
export function findBugSwitch(name: unknown): BugSwitch | null {
  if (name === undefined) return null;
  if (typeof name === 'string' && name.startsWith(wrongBackward))
    return { what: 'a layer sends wrong gradients back', backward: name.slice(wrongBackward.length) };
  const all = { ...bugSwitches, ...trainingBugSwitches };
  const found = typeof name === 'string' ? all[name] : undefined;
  if (found !== undefined) return found;
  throw new UserError(
    `Cannot switch on bug ${String(name)}: there is no such bug.${suggest(String(name), Object.keys(all))}`,
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

function withNmf(section: ModelSection, changed: ModelSection): ModelSection {
  return withDecoder(section, (decoder) => ({
    ...decoder,
    ham_kwargs: { ...asRecord(decoder.ham_kwargs), ...changed },
  }));
}

function withGroups(change: (group: ModelSection) => ModelSection): (request: TrainRequest) => TrainRequest {
  return (request) => {
    const { custom_cfg } = request.optimizer;
    const groups = Array.isArray(custom_cfg) ? custom_cfg.map((group) => change(asRecord(group))) : custom_cfg;
    return { ...request, optimizer: { ...request.optimizer, custom_cfg: groups } };
  };
}

function without(section: ModelSection, key: string): ModelSection {
  return Object.fromEntries(Object.entries(section).filter(([name]) => name !== key));
}

function withDecoder(section: ModelSection, change: (decoder: ModelSection) => ModelSection): ModelSection {
  return { ...section, decoder_cfg: change(asRecord(section.decoder_cfg)) };
}

function asRecord(value: unknown): ModelSection {
  return typeof value === 'object' && value !== null ? (value as ModelSection) : {};
}
