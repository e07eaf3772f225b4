import { parseArgs } from 'node:util';
import { renderTable } from '../cli/table.js';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { messageOf } from '../harness/support/errors.js';
import { benchForward, type ForwardRow } from './bench/forward.js';
import { benchJudge, type JudgeRow } from './bench/judge.js';
import { benchMetrics, type MetricsRow } from './bench/metrics.js';

const usage = `npm run bench [-- OPTIONS]
  --rounds N          timed rounds, every contender once in each (default 7)
  --no-peers          leave out Paddle, paddle2onnx and OpenVINO, which need the oracle's bench environment (about 1.5 GB)
  --parts LIST        of forward,memory,judge,metrics (default: all)
  --json FILE         write the rows
Ratios are of times measured side by side in this run; absolute times say nothing about another machine.`;

interface BenchRows {
  readonly forward?: readonly ForwardRow[];
  readonly memory?: readonly ForwardRow[];
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
  const rows: BenchRows = {
    ...(parts.has('forward') && { forward: await benchForward({ height: 512, width: 1024, rounds, peers, say }) }),
    ...(parts.has('memory') && { memory: await benchForward({ height: 1024, width: 2048, rounds: 2, peers, say }) }),
    ...(parts.has('judge') && { judge: await benchJudge(say) }),
    ...(parts.has('metrics') && { metrics: benchMetrics() }),
  };
  process.stdout.write(renderRows(rows));
  if (json !== undefined) await writeAtomicFile(json, `${JSON.stringify(rows, null, 2)}\n`);
  return 0;
}

function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '7' },
        'no-peers': { type: 'boolean', default: false },
        parts: { type: 'string', default: 'forward,memory,judge,metrics' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds);
    if (values.help || !Number.isInteger(rounds) || rounds < 1) return null;
    return { rounds, peers: !values['no-peers'], parts: new Set(values.parts.split(',')), json: values.json };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return null;
  }
}

function renderRows({ forward, memory, judge, metrics }: BenchRows): string {
  const parts: string[] = [];
  if (forward !== undefined)
    parts.push(title('One forward, MSCAN_T, 1×3×512×1024, float32, CPU', renderForward(forward)));
  if (memory !== undefined) parts.push(title('The same at 1×3×1024×2048', renderForward(memory)));
  if (judge !== undefined)
    parts.push(title('Judging with every probe, against the bare forwards it needs', renderJudge(judge)));
  if (metrics !== undefined) parts.push(title('Metrics, one core', renderMetrics(metrics)));
  return `${parts.join('\n\n')}\n`;
}

function title(text: string, table: string): string {
  return `${text}\n${table}`;
}

function renderForward(rows: readonly ForwardRow[]): string {
  const baselines = ['paddle', 'paddle2onnx in onnxruntime-node'].filter((name) =>
    rows.some((row) => row.name === name),
  );
  const header = ['', 'median ms', 'min', 'max', 'peak MB', ...baselines.map((name) => `of ${name}`)];
  const body = rows.map((row) => [
    row.name,
    row.reason ?? row.medianMs.toFixed(0),
    row.reason === null ? row.minMs.toFixed(0) : '',
    row.reason === null ? row.maxMs.toFixed(0) : '',
    row.reason === null ? row.peakRssMb.toFixed(0) : '',
    ...baselines.map((name) => (row.ratios[name] === undefined ? '' : row.ratios[name].toFixed(3))),
  ]);
  return renderTable([header, ...body], [1, 2, 3, 4, 5, 6]);
}

function renderJudge(rows: readonly JudgeRow[]): string {
  const header = ['', 'runs', 'bare forward ms', 'judge ms', 'ratio', 'with load', 'worst × noise', 'own'];
  const body = rows.map((row) => [
    row.name,
    String(row.runs),
    row.bareMs.toFixed(0),
    row.judgeMs.toFixed(0),
    row.ratio.toFixed(2),
    row.ratioWithLoad.toFixed(2),
    row.worstNoiseRatio.toFixed(2),
    row.worstOwnRatio === null ? '' : row.worstOwnRatio.toFixed(2),
  ]);
  return renderTable([header, ...body], [1, 2, 3, 4, 5, 6, 7]);
}

function renderMetrics(rows: readonly MetricsRow[]): string {
  return renderTable([['', 'GB/s'], ...rows.map((row) => [row.name, row.gigabytesPerSecond.toFixed(2)])], [1]);
}
