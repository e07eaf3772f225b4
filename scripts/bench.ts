import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { messageOf, UserError } from '../harness/support/errors.js';
import { renderTable } from '../harness/support/table.js';
import {
  benchEvaluation,
  benchEvaluationCost,
  benchEvaluationMemory,
  type EvaluationCostRow,
  type EvaluationMemoryRow,
  paddleSegName,
} from './bench/evaluation.js';
import { findIdleParts } from './bench/find-idle-parts.js';
import { benchForward, paddle2onnxName } from './bench/forward.js';
import { benchJudge, type JudgeRow } from './bench/judge.js';
import { benchMetrics, type MetricsRow } from './bench/metrics.js';
import { describeNetwork, type Network, parseSize, readNetwork } from './bench/networks.js';
import { peersWanted } from './bench/peers.js';
import type { RaceRow, Ratio } from './bench/race.js';
import { benchRanks, type RanksRow } from './bench/ranks.js';
import {
  batchSize,
  benchTraining,
  benchTrainingMemory,
  memorySteps,
  paddleName,
  type TrainingMemoryRow,
} from './bench/training.js';

const everyPart = [
  'forward',
  'memory',
  'training',
  'training-memory',
  'ranks',
  'evaluation',
  'evaluation-cost',
  'evaluation-memory',
  'judge',
  'metrics',
];

const usage = `npm run bench [-- OPTIONS]
  --rounds N          timed rounds, every contender once in each (default 7)
  --bundle NAME       whose network forward and memory run (default segnext-t-large), or training (segnext-t-train):
                      a bundle's name or folder, as tipcheck judge takes it
  --size HxW          of the image in forward (default 512x1024) and training (256x256)
  --peers WHICH       all: Paddle, paddle2onnx and OpenVINO, from an environment of about 1.5 GB (default);
                      paddle: it alone, from the oracle's environment; none
  --parts LIST        of ${everyPart.join(',')} (default: all)
                      training alone: npm run bench -- --parts training; training-memory takes some ten minutes
  --json FILE         write the rows
Exit codes: 0 measured, 2 bad usage, 3 of a part no contender ran.
Ratios are of times measured side by side in this run; absolute times say nothing about another machine.`;

interface BenchRows {
  readonly forward?: readonly RaceRow[];
  readonly memory?: readonly RaceRow[];
  readonly training?: readonly RaceRow[];
  readonly trainingMemory?: readonly TrainingMemoryRow[];
  readonly evaluation?: readonly RaceRow[];
  readonly evaluationCost?: readonly EvaluationCostRow[];
  readonly evaluationMemory?: readonly EvaluationMemoryRow[];
  readonly ranks?: readonly RanksRow[];
  readonly judge?: readonly JudgeRow[];
  readonly metrics?: readonly MetricsRow[];
}

/** `npm run bench`: how fast and how exact the ports are beside Paddle, paddle2onnx and OpenVINO. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) {
    process.stdout.write(`${usage}\n`);
    return args.includes('--help') ? 0 : 2;
  }
  const { rounds, peers, parts, json } = options;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(`load before: ${loadavg()[0]!.toFixed(2)}`);
  const networks = await readNetworks(options);
  if (networks instanceof UserError) {
    say(networks.message);
    return 2;
  }
  const { infer, train } = networks;
  const rows: BenchRows = {
    ...(parts.has('forward') && { forward: await benchForward({ ...infer!, rounds, peers, say }) }),
    ...(parts.has('memory') && { memory: await benchForward({ ...infer!, size: largeSize, rounds: 2, peers, say }) }),
    ...(parts.has('training') && { training: await benchTraining({ ...train!, rounds, peers, say }) }),
    ...(parts.has('training-memory') && { trainingMemory: await benchTrainingMemory({ ...train!, peers, say }) }),
    ...(parts.has('evaluation') && { evaluation: await benchEvaluation({ rounds, peers, say }) }),
    ...(parts.has('evaluation-cost') && { evaluationCost: await benchEvaluationCost({ rounds, peers, say }) }),
    ...(parts.has('evaluation-memory') && { evaluationMemory: await benchEvaluationMemory({ rounds, peers, say }) }),
    ...(parts.has('ranks') && { ranks: await benchRanks({ rounds, say }) }),
    ...(parts.has('judge') && { judge: await benchJudge(say) }),
    ...(parts.has('metrics') && { metrics: benchMetrics() }),
  };
  process.stdout.write(renderRows(rows, infer, train));
  if (json !== undefined) await writeAtomicFile(json, `${JSON.stringify(rows, null, 2)}\n`);
  const idle = findIdleParts({ ...rows });
  for (const part of idle)
    say(`Cannot give figures of ${part}: no contender ran; at least one is wanted. Fix: see why in its table`);
  return idle.length > 0 ? 3 : 0;
}

const largeSize = [1024, 2048] as const;

/** What the parts that race one network race, null where no such part is asked for; or why there is none. */
async function readNetworks({ parts, bundle, size }: NonNullable<ReturnType<typeof readOptions>>) {
  const asked = (...names: string[]) => names.some((name) => parts.has(name));
  try {
    return {
      infer: asked('forward', 'memory') ? await readNetwork('infer', bundle, size) : null,
      train: asked('training', 'training-memory') ? await readNetwork('train', bundle, size) : null,
    };
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '7' },
        bundle: { type: 'string' },
        size: { type: 'string' },
        peers: { type: 'string', default: 'all' },
        parts: { type: 'string', default: everyPart.join(',') },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds);
    const parts = new Set(values.parts.split(','));
    if (values.help || !Number.isInteger(rounds) || rounds < 1) return null;
    if ([...parts].some((part) => !everyPart.includes(part))) return null;
    const size = values.size === undefined ? undefined : parseSize(values.size);
    const peers = peersWanted.find((wanted) => wanted === values.peers);
    if (size === null || peers === undefined) return null;
    return { rounds, peers, parts, size, bundle: values.bundle, json: values.json };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return null;
  }
}

function renderRows(rows: BenchRows, infer: Network | null, train: Network | null): string {
  const {
    forward,
    memory,
    training,
    trainingMemory,
    evaluation,
    evaluationCost,
    evaluationMemory,
    ranks,
    judge,
    metrics,
  } = rows;
  const parts: string[] = [];
  const forwardBaselines = ['paddle', paddle2onnxName];
  const add = (heading: string, table: string) => parts.push(`${heading}\n${table}`);
  if (forward !== undefined) add(`One forward, ${describeNetwork(infer!, 1)}`, renderRace(forward, forwardBaselines));
  if (memory !== undefined) add('The same at 1×3×1024×2048', renderRace(memory, forwardBaselines));
  if (training !== undefined)
    add(`One training step, ${describeNetwork(train!, batchSize)}`, renderRace(training, [paddleName]));
  if (trainingMemory !== undefined) add('Memory of training', renderTrainingMemory(trainingMemory));
  if (evaluation !== undefined)
    add('Evaluating 1024×2048 photographs, ms an image, all included, CPU', renderRace(evaluation, [paddleSegName]));
  if (evaluationCost !== undefined)
    add('What evaluating costs beside its forward passes, ort', renderEvaluationCost(evaluationCost));
  if (evaluationMemory !== undefined) add('Memory of evaluating, ort', renderEvaluationMemory(evaluationMemory));
  if (ranks !== undefined) add('Two ranks against one, with one thread each', renderRanks(ranks));
  if (judge !== undefined) add('Judging with every probe, against the bare forwards it needs', renderJudge(judge));
  if (metrics !== undefined) add('Metrics, one core', renderMetrics(metrics));
  return `${parts.join('\n\n')}\n`;
}

function renderRace(rows: readonly RaceRow[], wanted: readonly string[]): string {
  const baselines = wanted.filter((name) => rows.some((row) => row.name === name && row.reason === null));
  const header = ['', 'median ms', 'min', 'max', 'peak MB', ...baselines.map((name) => `of ${name}`)];
  const body = rows.map((row) => [
    row.name,
    ...(row.reason === null
      ? [row.medianMs, row.minMs, row.maxMs, row.peakRssMb].map((figure) => figure.toFixed(0))
      : [row.reason, '', '', '']),
    ...baselines.map((name) => renderRatio(row.ratios[name])),
  ]);
  return renderTable([header, ...body], [1, 2, 3, 4, 5, 6]);
}

/** The median over the rounds, and the smallest and the largest. */
function renderRatio(ratio: Ratio | undefined): string {
  if (ratio === undefined) return '';
  const [median, min, max] = [ratio.median, ratio.min, ratio.max].map((figure) => figure.toFixed(3));
  return `${median} (${min} to ${max})`;
}

function renderTrainingMemory(rows: readonly TrainingMemoryRow[]): string {
  const { settled, last } = memorySteps;
  const header = ['', `peak MB after ${settled} steps`, `after ${last}`];
  const body = rows.map(({ name, reason, settledMb, lastMb }) =>
    reason === null ? [name, settledMb.toFixed(0), lastMb.toFixed(0)] : [name, reason, ''],
  );
  return renderTable([header, ...body], [1, 2]);
}

function renderEvaluationCost(rows: readonly EvaluationCostRow[]): string {
  const header = ['', 'ms an image', 'of that forward passes', 'ratio'];
  const body = rows.map(({ mode, imageMs, forwardMs, ratio }) => [
    mode,
    imageMs.toFixed(0),
    forwardMs.toFixed(0),
    ratio.toFixed(3),
  ]);
  return renderTable([header, ...body], [1, 2, 3]);
}

function renderEvaluationMemory(rows: readonly EvaluationMemoryRow[]): string {
  const body = rows.map(({ images, rssMb }) => [String(images), rssMb.toFixed(0)]);
  return renderTable([['images', 'resident MB'], ...body], [0, 1]);
}

function renderRanks(rows: readonly RanksRow[]): string {
  const header = ['', 'step of one, ms', 'step of two, ms', 'times the throughput'];
  const body = rows.map(({ name, reason, aloneMs, togetherMs, speedup }) =>
    reason === null ? [name, aloneMs.toFixed(0), togetherMs.toFixed(0), renderRatio(speedup)] : [name, reason, '', ''],
  );
  return renderTable([header, ...body], [1, 2, 3]);
}

function renderJudge(rows: readonly JudgeRow[]): string {
  const header = ['', 'runs', 'bare forward ms', 'judge ms', 'ratio', 'with load', 'worst × noise', 'own'];
  const body = rows.map(({ name, runs, bareMs, judgeMs, ...row }) => [
    ...[name, String(runs), bareMs.toFixed(0), judgeMs.toFixed(0)],
    ...[row.ratio, row.ratioWithLoad, row.worstNoiseRatio].map((ratio) => ratio.toFixed(2)),
    row.worstOwnRatio === null ? '' : row.worstOwnRatio.toFixed(2),
  ]);
  return renderTable([header, ...body], [1, 2, 3, 4, 5, 6, 7]);
}

function renderMetrics(rows: readonly MetricsRow[]): string {
  return renderTable([['', 'GB/s'], ...rows.map((row) => [row.name, row.gigabytesPerSecond.toFixed(2)])], [1]);
}
