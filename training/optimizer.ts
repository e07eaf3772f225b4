import { type GradientClip, parseGradientClip } from './clip-gradients.js';
import { type AdamOptions, adam, adamW } from './optimizers/adam.js';
import type { UpdateRule } from './optimizers/rule.js';
import { momentum, sgd } from './optimizers/sgd.js';
import { closedSchema, type Section, typedReader } from './section.js';

export interface Optimizer {
  readonly rule: UpdateRule;
  readonly clip: GradientClip | null;
  /** Groups of `custom_cfg`; the last holds what none of them names. */
  readonly groups: readonly ParameterGroup[];
  /** The place in `groups` of a parameter, by its full name: the first group whose name is a part of it. */
  groupOf(parameter: string): number;
}

export interface ParameterGroup {
  /** Null for the rest. */
  readonly name: string | null;
  readonly learningRateMultiplier: number;
  readonly weightDecay: number;
}

/**
 * Reads the `optimizer` section of a yml. Throws a UserError that names the key.
 * Source: optimizers/optimizer.py; a type SGD with a `momentum` is Momentum, and `adam` and `sgd` are spelled so there
 * (cvlibs/builder.py).
 */
export function parseOptimizer(section: Section): Optimizer {
  const named = withType(section);
  const type = reader.typeOf(named, '');
  const options = reader.read<Options>(named, type, '');
  const groups = parseGroups(options);
  return {
    rule: ruleOf(type, options),
    clip: options.grad_clip_cfg === undefined ? null : parseGradientClip(options.grad_clip_cfg, 'grad_clip_cfg'),
    groups,
    groupOf: (parameter) => groups.findIndex(({ name }) => name === null || parameter.includes(name)),
  };
}

interface Options extends AdamOptions {
  readonly momentum: number;
  readonly use_nesterov: boolean;
  readonly weight_decay: number | null;
  readonly grad_clip_cfg?: Section;
  readonly custom_cfg?: readonly { name: string; lr_mult: number; weight_decay_mult: number | null }[] | null;
}

const number = { type: 'number', minimum: 0 };
const share = { type: 'number', minimum: 0, exclusiveMaximum: 1 };
const common = (weightDecay: object) => ({
  type: {},
  weight_decay: weightDecay,
  grad_clip_cfg: { type: 'object' },
  custom_cfg: {
    type: ['array', 'null'],
    items: closedSchema(
      {
        name: { type: 'string', minLength: 1 },
        lr_mult: { ...number, default: 1 },
        weight_decay_mult: { type: ['number', 'null'], minimum: 0, default: null },
      },
      ['name'],
    ),
  },
});
const coupled = common({ type: ['number', 'null'], minimum: 0, default: null });
const adamKeys = {
  beta1: { ...share, default: 0.9 },
  beta2: { ...share, default: 0.999 },
  epsilon: { type: 'number', exclusiveMinimum: 0, default: 1e-8 },
  lazy_mode: { type: 'boolean' },
};
const reader = typedReader('urn:tipcheck:optimizer', 'the optimizer section', {
  AdamW: closedSchema({ ...common({ ...number, default: 0.01 }), ...adamKeys }),
  Adam: closedSchema({ ...coupled, ...adamKeys }),
  Momentum: closedSchema({
    ...coupled,
    momentum: { ...number, default: 0.9 },
    use_nesterov: { type: 'boolean', default: false },
  }),
  SGD: closedSchema(coupled),
});

function withType(section: Section): Section {
  const spelled: Readonly<Record<string, string>> = { adam: 'Adam', sgd: 'SGD' };
  const type = typeof section.type === 'string' ? (spelled[section.type] ?? section.type) : section.type;
  return { ...section, type: type === 'SGD' && 'momentum' in section ? 'Momentum' : type };
}

function ruleOf(type: string, options: Options): UpdateRule {
  switch (type) {
    case 'AdamW':
      return adamW(options);
    case 'Adam':
      return adam(options);
    case 'Momentum':
      return momentum(options);
    default:
      return sgd;
  }
}

function parseGroups({ custom_cfg, weight_decay }: Options): ParameterGroup[] {
  const base = weight_decay ?? 0;
  const groups = (custom_cfg ?? []).map(({ name, lr_mult, weight_decay_mult }) => ({
    name,
    learningRateMultiplier: lr_mult,
    weightDecay: base * (weight_decay_mult ?? 1),
  }));
  return [...groups, { name: null, learningRateMultiplier: 1, weightDecay: base }];
}
