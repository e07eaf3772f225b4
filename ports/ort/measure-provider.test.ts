import { writeFileSync } from 'node:fs';
import t from 'tap';
import type { OnnxRuntime, SessionOptions } from './engine.js';
import { measureProvider } from './measure-provider.js';

t.test('the provider is told, however many threads are asked for', async (t) => {
  const options = { executionProviders: ['cpu'], intraOpNumThreads: 6, logSeverityLevel: 3 } as const;
  t.equal(await measureProvider(profilingRuntime(), options), 'CPUExecutionProvider');
});

/** Profiles as ONNX Runtime 1.26 does: threads of the pool that had nothing to do share one name. */
function profilingRuntime(): OnnxRuntime {
  const create = async (_graph: Uint8Array, { intraOpNumThreads = 1, profileFilePrefix }: SessionOptions) => ({
    run: async () => ({}),
    release: async () => undefined,
    endProfiling() {
      const idle = '"thread::id of a non-executing thread": {"num_run": 0}';
      const threads = Array.from({ length: intraOpNumThreads - 1 }, () => idle).join();
      const args = `{"op_name": "Conv", "provider": "CPUExecutionProvider", "sub_threads": {${threads}}}`;
      writeFileSync(`${profileFilePrefix}.json`, `[{"cat": "Node", "args": ${args}}]`);
    },
  });
  return { InferenceSession: { create }, Tensor: class {} } as unknown as OnnxRuntime;
}
