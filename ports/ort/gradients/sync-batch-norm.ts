import type { Value } from '../../../onnx/graph.js';
import { addAllReduce } from '../graph/all-reduce.js';
import { type Emitter, shapeOf } from './emitter.js';
import type { BatchStatistics, NormInputs } from './norms.js';
import type { Tape } from './tape.js';

/** One process among those that train together. */
export interface RankPlace {
  readonly rank: number;
  readonly size: number;
}

/**
 * A batch norm whose batch is that of all ranks: each normalises its own share with the statistics of all, and the
 * gradient takes its two means over all. The gradients of weight and bias are of this rank's share; they are averaged
 * with the rest.
 * Source: sync_batch_norm_op of Paddle.
 * Differs: it takes the variance as E[x²] − E[x]²; here centred sums of squares are put together.
 */
export function syncBatchNorm(tape: Tape, inputs: NormInputs, epsilon: number, ranks: RankPlace): BatchStatistics {
  const { emitter } = tape;
  const { add, sub, mul, div, scalar, unary, reshape, slice, sum } = emitter;
  const { x, weight, bias } = inputs;
  const [channels] = shapeOf(weight) as [number];
  const perChannel = (value: Value) => reshape(value, [1, channels, 1, 1]);
  const { mean, variance, count } = statisticsOfAll(emitter, x, ranks);
  const centred = sub(x, perChannel(mean));
  const inverse = perChannel(div(scalar(1), unary('Sqrt', add(variance, scalar(epsilon)))));
  const factor = mul(inverse, perChannel(weight));
  const output = add(mul(centred, factor), perChannel(bias));
  const rule = (gradient: Value): readonly Value[] => {
    const ofBias = sum(gradient, overBatch);
    const along = sum(mul(gradient, centred), overBatch);
    const shares = emitter.concat([reshape(ofBias, [channels]), reshape(along, [channels])], 0);
    const totals = div(addAllReduce(emitter.builder, shares), count);
    const meanOf = (start: number) => perChannel(slice(totals, 0, start, start + channels));
    const shared = mul(mul(factor, mul(inverse, inverse)), meanOf(channels));
    const dx = sub(sub(mul(gradient, factor), mul(centred, shared)), mul(factor, meanOf(0)));
    return [dx, reshape(mul(along, inverse), [channels]), reshape(ofBias, [channels])];
  };
  return { y: tape.record(output, [x, weight, bias], rule), mean, variance, count };
}

const overBatch = [0, 2, 3];

/**
 * From each rank's own mean and centred squares, which travel in one sum: each rank fills its own row of a table of
 * zeros.
 */
function statisticsOfAll(emitter: Emitter, x: Value, { rank, size }: RankPlace) {
  const { add, sub, mul, div, scalar, reshape, expand, slice, sum } = emitter;
  const [b, channels, h, w] = shapeOf(x) as [number, number, number, number];
  const own = scalar(b * h * w);
  const ownMean = div(sum(x, overBatch), own);
  const ownSquares = emitter.sumOfSquares(sub(x, ownMean), overBatch);
  const row = emitter.concat([reshape(ownMean, [channels]), reshape(ownSquares, [channels]), reshape(own, [1])], 0);
  const columns = 2 * channels + 1;
  const zeros = (rows: number) => (rows === 0 ? [] : [expand(scalar(0), [rows * columns])]);
  const filled = emitter.concat([...zeros(rank), row, ...zeros(size - 1 - rank)], 0);
  const table = reshape(addAllReduce(emitter.builder, filled), [size, columns]);
  const means = slice(table, 1, 0, channels); // [size, c]
  const squares = slice(table, 1, channels, 2 * channels);
  const counts = slice(table, 1, 2 * channels, columns); // [size, 1]
  const count = sum(counts, [0]); // [1, 1]
  const mean = div(sum(mul(means, counts), [0]), count); // [1, c]
  const apart = sub(means, mean);
  const variance = div(sum(add(squares, mul(counts, mul(apart, apart))), [0]), count);
  return {
    mean: reshape(mean, [channels]),
    variance: reshape(variance, [channels]),
    count: reshape(count, [1]),
  };
}

/** The sum over all ranks; of one rank, the value itself. */
export function overRanks({ builder }: Emitter, x: Value, ranks: RankPlace | null): Value {
  return ranks === null ? x : addAllReduce(builder, x);
}
