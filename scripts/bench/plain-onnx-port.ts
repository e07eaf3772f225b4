import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { Port, PortOptions } from '../../harness/contract/port.js';
import { requireEngine } from '../../harness/setup/engines.js';
import { takeImage } from '../../models/take-image.js';
import { onnxruntimeNode } from '../../ports/ort/engine.js';

/** Only what is used of onnxruntime-node. */
interface OnnxRuntime {
  readonly env: { readonly versions: { readonly node?: string } };
  readonly InferenceSession: { create(path: string): Promise<Session> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
}
interface OnnxTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

/** A peer's ONNX file just as it is, with the default session of onnxruntime-node: no weights or draws are put in. */
export async function createPort({ settings }: PortOptions): Promise<Port> {
  const ort = requireEngine<OnnxRuntime>(onnxruntimeNode);
  const session = await ort.InferenceSession.create(String(settings?.path));
  const [input = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  return {
    report: {
      engine: 'onnxruntime-node',
      version: ort.env.versions.node ?? 'unknown',
      device: 'cpu',
      provider: 'CPUExecutionProvider',
      tf32: 'not applicable',
      details: {},
    },
    capabilities: new Set(['infer']),
    load: async () => ({
      async infer({ inputs }, onProbe) {
        const image = takeImage(inputs);
        const results = await session.run({ [input]: new ort.Tensor('float32', image.data, image.shape) });
        const { data, dims } = results[output]!;
        if (!(data instanceof Float32Array)) throw new Error(`${output} is not a float32 tensor`);
        onProbe('logits', float32NdArray(dims, data));
      },
      dispose: async () => undefined,
    }),
    close: () => session.release(),
  };
}
