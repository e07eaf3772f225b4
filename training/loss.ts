import { cannot } from '../harness/support/errors.js';
import { type CrossEntropyOptions, crossEntropy } from './losses/cross-entropy.js';
import { type DiceOptions, dice } from './losses/dice.js';
import type { Evaluated, Loss } from './losses/loss.js';
import { type OhemOptions, ohemCrossEntropy } from './losses/ohem-cross-entropy.js';
import { closedSchema, type Section, typedReader } from './section.js';
import type { TensorOperators } from './tensor-operators.js';

/** The loss of a training step. */
export interface TrainingLoss {
  /** Labels of this class number are ignored by at least one of the losses. */
  readonly ignoreIndex: number;
  /** Σ coefᵢ · lossᵢ. `logits` are [b, n, c], `labels` [b, n] class numbers. */
  total<T>(ops: TensorOperators<T>, logits: T, labels: T): T;
}

/**
 * Reads the `loss` section of a yml for a network with one output: `types` and `coef`, one of each. Throws a UserError
 * that names the key. Source: `_build_loss` in cvlibs/builder.py and `loss_computation` in core/train.py.
 */
export function parseLoss(section: Section): TrainingLoss {
  const { types, coef } = reader.read<{ types: Section[]; coef: number[] }>(section, 'section', '');
  if (types.length !== 1 || coef.length !== 1) {
    throw cannot(
      'read',
      subject,
      `it has ${types.length} types and ${coef.length} coef`,
      'one of each is wanted, since the network has one output',
    );
  }
  const loss = parseOne(types[0]!, 'types.0');
  return {
    ignoreIndex: loss.ignoreIndex,
    total(ops, logits, labels) {
      const { terms } = loss.evaluate(ops, logits, labels);
      return terms.map((term) => scaled(ops, term, coef[0]!)).reduce((sum, term) => ops.add(sum, term));
    },
  };
}

const subject = 'the loss section';
const classWeights = { type: ['array', 'null'], items: { type: 'number' }, minItems: 1, default: null };
const ignoreIndex = { type: 'integer', default: 255 };
const numbers = { type: 'array', items: { type: 'number' } };

const reader = typedReader('urn:tipcheck:loss', subject, {
  section: closedSchema({ types: { type: 'array', minItems: 1, items: { type: 'object' } }, coef: numbers }, [
    'types',
    'coef',
  ]),
  CrossEntropyLoss: closedSchema({
    type: {},
    weight: classWeights,
    ignore_index: ignoreIndex,
    top_k_percent_pixels: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 1 },
    avg_non_ignore: { type: 'boolean', default: true },
    data_format: { enum: ['NCHW'] },
  }),
  OhemCrossEntropyLoss: closedSchema({
    type: {},
    thresh: { type: 'number', default: 0.7 },
    min_kept: { type: 'integer', minimum: 0, default: 10000 },
    ignore_index: ignoreIndex,
  }),
  DiceLoss: closedSchema({
    type: {},
    weight: classWeights,
    ignore_index: ignoreIndex,
    smooth: { type: 'number', default: 1 },
  }),
  MixedLoss: closedSchema(
    { type: {}, losses: { type: 'array', minItems: 1, items: { type: 'object' } }, coef: numbers },
    ['losses', 'coef'],
  ),
});

interface ParsedLoss extends Loss {
  readonly ignoreIndex: number;
}

function parseOne(section: Section, at: string): ParsedLoss {
  const type = reader.typeOf(section, at);
  if (type === 'MixedLoss') return parseMixed(section, at);
  const options = reader.read<CrossEntropyOptions & OhemOptions & DiceOptions>(section, type, at);
  const made = { CrossEntropyLoss: crossEntropy, OhemCrossEntropyLoss: ohemCrossEntropy, DiceLoss: dice }[type];
  if (made === undefined) throw new Error(`${type} has a schema and no implementation`);
  return { ...made(options), ignoreIndex: options.ignore_index };
}

/** Source: models/losses/mixed_loss.py. */
function parseMixed(section: Section, at: string): ParsedLoss {
  const { losses, coef } = reader.read<{ losses: Section[]; coef: number[] }>(section, 'MixedLoss', at);
  if (losses.length !== coef.length) {
    throw cannot(
      'read',
      subject,
      `${at} has ${losses.length} losses and ${coef.length} coef`,
      'one coef for each loss is wanted',
    );
  }
  const parts = losses.map((loss, index) => parseOne(loss, `${at}.losses.${index}`));
  const differing = parts.find((part) => part.ignoreIndex !== parts[0]!.ignoreIndex);
  if (differing !== undefined) {
    throw cannot(
      'read',
      subject,
      `${at}.losses have ignore_index ${parts[0]!.ignoreIndex} and ${differing.ignoreIndex}`,
      'one is wanted',
    );
  }
  return {
    ignoreIndex: parts[0]!.ignoreIndex,
    evaluate<T>(ops: TensorOperators<T>, logits: T, labels: T): Evaluated<T> {
      const terms: T[] = [];
      let seen = labels;
      for (const [index, part] of parts.entries()) {
        const evaluated = part.evaluate(ops, logits, seen);
        terms.push(...evaluated.terms.map((term) => scaled(ops, term, coef[index]!)));
        seen = evaluated.labels;
      }
      return { terms, labels: seen };
    },
  };
}

function scaled<T>(ops: TensorOperators<T>, term: T, coefficient: number): T {
  return coefficient === 1 ? term : ops.mul(term, ops.scalar(coefficient));
}
