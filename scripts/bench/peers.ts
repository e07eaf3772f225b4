import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { cacheFolder } from '../../harness/support/cache-folder.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { packageRoot, packageVersion } from '../../harness/support/package-root.js';
import { ensureOracle } from '../oracle-environment.js';
import type { Contender } from './contenders.js';

/** Where the paddle2onnx export of MSCAN_T for this size is kept between runs. */
export function exportedModel(height: number, width: number): string {
  const folder = cacheFolder('bench', packageVersion);
  mkdirSync(folder, { recursive: true });
  return `${folder}/mscan_t-${height}x${width}.onnx`;
}

/** Peers in processes that `oracle/bench_peers.py` keeps; `args` say what they run. */
export async function startPeers(
  names: readonly string[],
  args: readonly string[],
  say: (line: string) => void,
): Promise<readonly Contender[]> {
  const { python } = await ensureOracle(say, 'bench');
  const subprocess = execa(python, ['-m', 'oracle.bench_peers', '--peers', names.join(','), '--serve', ...args], {
    cwd: packageRoot,
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stderr: 'inherit',
    cleanup: true,
  });
  const lines = createInterface({ input: subprocess.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done === true) throw new EnvironmentError('Cannot run the peers: oracle/bench_peers.py ended; see above');
    return JSON.parse(line.value) as Record<string, unknown>;
  };
  say(`peers: ${JSON.stringify(await read())}`);
  let open = names.length;
  return names.map((name) => ({
    name,
    async run() {
      subprocess.stdin.write(`run ${name}\n`);
      const { ms, peak_rss_mb: peakRssMb, error } = await read();
      if (typeof ms === 'number' && typeof peakRssMb === 'number') return { ms, peakRssMb };
      throw new EnvironmentError(`Cannot run peer ${name}: ${String(error)}`);
    },
    async close() {
      open -= 1;
      if (open > 0) return;
      subprocess.stdin.end();
      await subprocess;
    },
  }));
}
