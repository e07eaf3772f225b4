import t from 'tap';
import { EnvironmentError } from '../../harness/support/errors.js';
import { createPort } from './port.js';

t.test('reports what the engine says of itself', async (t) => {
  const port = await createPort({ device: 'auto' });
  t.match(port.report, {
    engine: '@tensorflow/tfjs-backend-wasm',
    version: '4.22.0',
    device: 'cpu',
    provider: 'wasm',
    tf32: 'not applicable',
    details: { simd: 'true', threads: '1' },
  });
  t.strictSame([...port.capabilities], ['infer', 'replace']);
  await port.close();
});

t.test('device gpu is refused', async (t) => {
  await t.rejects(
    createPort({ device: 'gpu' }),
    new EnvironmentError('Cannot use device gpu for tfjs-wasm: WebAssembly runs on the CPU; cpu or auto is wanted'),
  );
});
