import { elementCount, type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import type { GivenResult } from '../harness/contract/port.js';
import { UserError } from '../harness/support/errors.js';
import { findLogits, type ResultOutput } from './find-logits.js';
import { castOutput } from './float-ends.js';
import type { GraphProto } from './model-proto.js';
import type { ProbeMap } from './probe-map.js';

/** A file's logits, or what it gives in their place. */
export interface OpenedResult {
  /** Null where the probe `logits` is the file's logits. */
  readonly said: GivenResult | null;
  /** The tensor of the probe `logits`; null where a file that is judged has none. */
  tensor(): string | null;
  /** Throws a UserError where a file that is judged has no logits. */
  validate(): void;
  /** Labels as [b, 1, h, w]. Throws a UserError for what is not of the image's size. */
  shape(value: Float32NdArray, image: readonly number[]): Float32NdArray;
}

/**
 * A file that runs, whatever it gives, must have a result at once. A file that is judged may never be asked for its
 * logits.
 * @throws UserError
 */
export function openResult(graph: GraphProto, map: ProbeMap, path: string, judged: boolean): OpenedResult {
  const mapped = map.get('logits') ?? null;
  const find = () => findLogits(graph, mapped, path, judged ? fixOfJudge : fixOfRun);
  if (judged) {
    const validate = () => validateLogits(find(), path);
    return {
      said: null,
      tensor: () => (isJudgeable(validate) ? find().name : null),
      validate,
      shape: (value) => value,
    };
  }
  const output = find();
  const name = castOutput(graph, output.name);
  const { holds, by } = output;
  return {
    said: holds === 'logits' ? null : { holds, by },
    tensor: () => name,
    validate: () => undefined,
    shape: (value, image) => shapeResult(value, output, image, path),
  };
}

const fixOfRun = 'call that one logits in the file, or leave the others out of the export';
const fixOfJudge = `${fixOfRun}; or --map <file> with the line "logits: NAME"`;

function isJudgeable(validate: () => void): boolean {
  try {
    validate();
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function validateLogits({ name, holds, by }: ResultOutput, path: string): void {
  if (holds === 'logits') return;
  const why =
    holds === 'labels'
      ? `labels (${by}), which hide by how much the logits differ`
      : `probabilities (${by}), from which logits cannot be got back`;
  throw new UserError(
    `Cannot judge ${path}: its output ${name} gives ${why}; logits are wanted. Fix: an export that ends before them, or whose output logits they are made of`,
  );
}

function shapeResult(
  value: Float32NdArray,
  { name, holds }: ResultOutput,
  [b = 0, , h = 0, w = 0]: readonly number[],
  path: string,
): Float32NdArray {
  const { shape, data } = value;
  const flat = shape.join();
  if (holds === 'labels') {
    const fits = [[b, h, w].join(), [b, 1, h, w].join(), [b, h, w, 1].join()].includes(flat);
    if (fits && data.length === elementCount([b, 1, h, w])) return float32NdArray([b, 1, h, w], data);
  } else if (shape.length === 4 && shape[0] === b && shape[2] === h && shape[3] === w) return value;
  const wanted = holds === 'labels' ? `[${b}, ${h}, ${w}]` : `[${b}, classes, ${h}, ${w}]`;
  throw new UserError(
    `Cannot use the output ${name} of ${path}: it is [${shape.join(', ')}] for an image of ${w}×${h}; ${wanted} is wanted. Fix: an export whose ${holds} have the image's size`,
  );
}
