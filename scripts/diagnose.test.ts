import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';
import type { Diagnosis } from './diagnose.js';

async function doctor(env: Record<string, string>, ...args: string[]) {
  const own = { TIPCHECK_SKIP_ENSURE: '1', CUDA_VISIBLE_DEVICES: '-1', ...env };
  return execa(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), 'doctor', ...args], {
    env: own,
    reject: false,
  });
}

t.test('every engine says what it is', async (t) => {
  const { exitCode, stdout } = await doctor({}, '--json');
  const diagnosis: Diagnosis = JSON.parse(stdout);
  const report = (port: string) => diagnosis.engines.find((engine) => engine.port === port)?.report;
  t.match(report('ort'), {
    engine: 'onnxruntime-node',
    version: '1.26.0',
    device: 'cpu',
    provider: /CPU/,
    tf32: String,
  });
  t.match(report('tfjs-wasm'), { device: 'cpu' });
  t.equal(diagnosis.device, 'cpu');
  t.match(diagnosis.because, 'CUDA_VISIBLE_DEVICES');
  if (findTfjsAddon('cpu') === null) t.comment('not run: tfjs is not prepared on this machine');
  else t.match(report('tfjs'), { engine: '@tensorflow/tfjs-node-gpu', version: '4.22.0', provider: /TensorFlow/ });
  t.equal(exitCode, diagnosis.ready ? 0 : 3);
});

t.test('an engine that is not there says why and what to do, and it is exit 3', async (t) => {
  const { exitCode, stdout } = await doctor({ XDG_CACHE_HOME: t.testdir() });
  t.equal(exitCode, 3);
  t.match(
    stdout,
    /tfjs +does not run: Cannot load @tensorflow\/tfjs-node-gpu .* Fix: npx tipcheck prepare --port tfjs/,
  );
  t.match(stdout, /ort +onnxruntime-node 1\.26\.0, cpu/, 'the others are shown all the same');
  t.match(stdout, 'Not everything runs. Fix: npx tipcheck prepare');
});

t.test('what the set-up needs is shown, found or not', async (t) => {
  const { stdout } = await doctor({ PATH: t.testdir() });
  t.match(stdout, 'python     not found: python3 was not found on PATH');
  t.match(stdout, 'compiler   not found: no C++17 compiler was found');
  t.match(stdout, 'chromium   not found: optional');
  t.match(stdout, /mpirun {5}not found: optional, for several ranks \(there is no mpirun; .+: \S+ install open\S+\)/);
});

t.test('a GPU that was asked for and is not there is exit 3', async (t) => {
  const { exitCode, stderr } = await doctor({}, '--device', 'gpu');
  t.equal(exitCode, 3);
  t.match(stderr, 'Cannot use the device gpu: ');
});
