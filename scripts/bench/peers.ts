import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { ModelSection } from '../../harness/contract/port.js';
import { cacheFolder } from '../../harness/support/cache-folder.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { packageRoot, packageVersion } from '../../harness/support/package-root.js';
import { ensureOracle } from '../oracle-environment.js';
import type { Contender, Size } from './contenders.js';

/** Which peers run beside the ports. All of them need an environment with paddle2onnx and OpenVINO. */
export const peersWanted = ['all', 'paddle', 'none'] as const;
export type Peers = (typeof peersWanted)[number];

/** Where the paddle2onnx export of a bundle's network for this size is kept between runs. */
export function exportedModel(bundle: string, [height, width]: Size): string {
  const folder = cacheFolder('bench', packageVersion);
  mkdirSync(folder, { recursive: true });
  return `${folder}/${bundle}-${height}x${width}.onnx`;
}

/** What `oracle/bench_peers.py` builds. */
export function networkArguments(model: ModelSection, [height, width]: Size): readonly string[] {
  return ['--model', JSON.stringify(model), '--size', `${height}x${width}`];
}

/** Peers in processes that `oracle/bench_peers.py` keeps; `args` say what they run. */
export async function startPeers(
  names: readonly string[],
  args: readonly string[],
  say: (line: string) => void,
): Promise<readonly Contender[]> {
  const { python } = await ensureOracle(say, names.includes('openvino') ? 'bench' : 'oracle');
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
