import { cannot } from '../harness/support/errors.js';
import { closedSchema, type Section, typedReader } from './section.js';

/** The learning rate of step 0, 1, 2, …, in float64. */
export type Schedule = (step: number) => number;

/**
 * Reads the `lr_scheduler` section of a yml. Throws a UserError that names the key.
 * Source: `lr_scheduler` in cvlibs/builder.py, paddle/optimizer/lr.py.
 * @param iters of the whole training: PolynomialDecay's default for decay_steps, less the warm-up
 */
export function parseSchedule(section: Section, iters: number): Schedule {
  const type = reader.typeOf(section, '');
  const options = reader.read<Options>(section, type, '');
  const { warmup_iters, warmup_start_lr } = options;
  if ((warmup_iters === undefined) !== (warmup_start_lr === undefined)) {
    throw cannot(
      'read',
      'the lr_scheduler section',
      `it has ${warmup_iters === undefined ? 'warmup_start_lr' : 'warmup_iters'} alone`,
      'warmup_iters and warmup_start_lr are wanted together',
    );
  }
  const decay = decayOf(type, options, Math.max(iters - (warmup_iters ?? 0), 1));
  if (warmup_iters === undefined || warmup_start_lr === undefined) return decay;
  return withWarmup(decay, warmup_iters, warmup_start_lr, options.learning_rate);
}

interface Options {
  readonly learning_rate: number;
  readonly warmup_iters?: number;
  readonly warmup_start_lr?: number;
  readonly decay_steps?: number;
  readonly end_lr: number;
  readonly power: number;
  readonly cycle: boolean;
  readonly step_size: number;
  readonly gamma: number;
  readonly milestones: readonly number[];
  readonly boundaries: readonly number[];
  readonly values: readonly number[];
  readonly T_max: number;
  readonly eta_min: number;
}

const number = { type: 'number', minimum: 0 };
const count = { type: 'integer', minimum: 1 };
const places = { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1 };
const common = { type: {}, learning_rate: number, warmup_iters: count, warmup_start_lr: number };
const gamma = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.1 };
const { default: _default, ...gammaGiven } = gamma;
const reader = typedReader('urn:tipcheck:lr-scheduler', 'the lr_scheduler section', {
  PolynomialDecay: closedSchema(
    {
      ...common,
      decay_steps: count,
      end_lr: { ...number, default: 1e-4 },
      power: { type: 'number', exclusiveMinimum: 0, default: 1 },
      cycle: { type: 'boolean', default: false },
    },
    ['learning_rate'],
  ),
  StepDecay: closedSchema({ ...common, step_size: count, gamma }, ['learning_rate', 'step_size']),
  MultiStepDecay: closedSchema({ ...common, milestones: places, gamma }, ['learning_rate', 'milestones']),
  ExponentialDecay: closedSchema({ ...common, gamma: gammaGiven }, ['learning_rate', 'gamma']),
  CosineAnnealingDecay: closedSchema({ ...common, T_max: count, eta_min: { ...number, default: 0 } }, [
    'learning_rate',
    'T_max',
  ]),
  // The warm-up ends at `learning_rate`, which PiecewiseDecay does not take: the reference fails on both.
  PiecewiseDecay: closedSchema({ type: {}, boundaries: places, values: { type: 'array', items: number } }, [
    'boundaries',
    'values',
  ]),
});

function decayOf(type: string, options: Options, iters: number): Schedule {
  const { learning_rate: base, gamma } = options;
  switch (type) {
    case 'PolynomialDecay':
      return polynomialDecay(options, options.decay_steps ?? iters);
    case 'StepDecay':
      return (step) => base * gamma ** Math.floor(step / options.step_size);
    case 'MultiStepDecay':
      validateAscending('milestones', options.milestones);
      return (step) => base * gamma ** passed(options.milestones, step);
    case 'ExponentialDecay':
      return (step) => base * gamma ** step;
    case 'CosineAnnealingDecay':
      return cosineDecay(options);
    default:
      return piecewiseDecay(options);
  }
}

function polynomialDecay({ learning_rate, end_lr, power, cycle }: Options, decaySteps: number): Schedule {
  return (step) => {
    const steps = cycle ? decaySteps * Math.max(Math.ceil(step / decaySteps), 1) : decaySteps;
    const done = Math.min(step, steps) / steps;
    return (learning_rate - end_lr) * (1 - done) ** power + end_lr;
  };
}

/**
 * Differs: the reference multiplies from step to step, which is the same up to rounding. This is the closed form, which
 * it has, too.
 */
function cosineDecay({ learning_rate, T_max, eta_min }: Options): Schedule {
  return (step) => eta_min + ((learning_rate - eta_min) * (1 + Math.cos((Math.PI * step) / T_max))) / 2;
}

function piecewiseDecay({ boundaries, values }: Options): Schedule {
  if (values.length <= boundaries.length) {
    throw cannot(
      'read',
      'the lr_scheduler section',
      `it has ${boundaries.length} boundaries and ${values.length} values`,
      'one value more than boundaries is wanted',
    );
  }
  return (step) => {
    const place = boundaries.findIndex((boundary) => step < boundary);
    return place < 0 ? values.at(-1)! : values[place]!;
  };
}

function withWarmup(decay: Schedule, iters: number, start: number, end: number): Schedule {
  if (!(end > start)) {
    throw cannot(
      'read',
      'the lr_scheduler section',
      `warmup_start_lr is ${start}`,
      `less than learning_rate, ${end}, is wanted`,
    );
  }
  return (step) => (step < iters ? ((end - start) * step) / iters + start : decay(step - iters));
}

/** How many of the ascending milestones lie at or before the step. */
function passed(milestones: readonly number[], step: number): number {
  const next = milestones.findIndex((milestone) => step < milestone);
  return next < 0 ? milestones.length : next;
}

function validateAscending(key: string, places: readonly number[]): void {
  const wrong = places.findIndex((place, at) => at > 0 && place <= places[at - 1]!);
  if (wrong >= 0)
    throw cannot(
      'read',
      'the lr_scheduler section',
      `${key} has ${places[wrong]} after ${places[wrong - 1]}`,
      'ascending steps are wanted',
    );
}
