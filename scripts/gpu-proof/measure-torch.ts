import { join } from 'node:path';
import type { ModelSection } from '../../harness/contract/port.js';
import { describeEnd } from '../../harness/support/describe-end.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { runProgram } from '../../harness/support/run-program.js';
import type { ForwardTime } from './forward-time.js';

/** In `oracle/`. */
export const torchScript = 'bench_torch.py';

/**
 * The same network in the PyTorch of the first python3 on PATH, on the CPU or on the same card. Where there is none the
 * one entry says so, and that is no failure.
 */
export async function measureTorch(
  device: 'cpu' | 'gpu',
  model: ModelSection,
  [height, width]: readonly [height: number, width: number],
  batches: readonly number[],
  leftS: number,
): Promise<ForwardTime[]> {
  const nothing = { device, batch: null, scoresMs: null, ms: null, peakRssMb: null, cardMb: null };
  const probe = await runProgram('python3', ['-c', 'import torch; print(torch.cuda.is_available())'], {
    stdin: 'ignore',
  });
  if (probe.exitCode !== 0) return [{ ...nothing, by: 'PyTorch is not there', failure: null }];
  if (device === 'gpu' && probe.stdout.trim() !== 'True')
    return [{ ...nothing, by: 'PyTorch sees no card', failure: null }];
  const script = join(packageRoot, 'oracle', torchScript);
  const args = [script, '--model', JSON.stringify(model), '--size', `${height}x${width}`];
  args.push('--batches', batches.join(','), '--device', device === 'gpu' ? 'cuda' : 'cpu');
  const end = await runProgram('python3', args, { stdin: 'ignore', timeoutMs: Math.min(leftS, limitS) * 1000 });
  const [versions, ...lines] = end.stdout.split('\n').filter((line) => line.startsWith('{'));
  const by = versions === undefined ? 'PyTorch' : `PyTorch ${(parseJson(versions) as { torch: string }).torch}`;
  const times = lines.map((line) => readLine(by, device, line));
  if (end.exitCode === 0 && !end.timedOut) return times;
  const why = end.timedOut
    ? `it took more than ${limitS} s`
    : (end.stderr.trim().split('\n').at(-1) ?? describeEnd(end));
  return [...times, { ...nothing, by, failure: `Cannot time PyTorch: ${why}` }];
}

/** For all batches together. */
const limitS = 120;

function readLine(by: string, device: 'cpu' | 'gpu', line: string): ForwardTime {
  const found = parseJson(line) as Record<'batch' | 'ms' | 'scores_ms' | 'peak_rss_mb', number> & {
    readonly card_mb: number | null;
  };
  const { batch, ms, scores_ms: scoresMs, peak_rss_mb: peakRssMb, card_mb: cardMb } = found;
  return { by, device, batch, scoresMs, ms, peakRssMb, cardMb, failure: null };
}
