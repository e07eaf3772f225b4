import { describeMachine } from '../../harness/support/describe-machine.js';
import { renderBenchmark } from '../deploy/render-benchmark.js';
import type { InferCommandOptions } from './infer-options.js';
import type { DeployedModel } from './open-deployed.js';

export function benchmarkLines(
  { cpu_threads, enable_mkldnn, precision, batch_size, model_name }: InferCommandOptions,
  { report }: DeployedModel,
  images: number,
  figures: {
    readonly preprocess: number;
    readonly inference: number;
    readonly postprocess: number;
    readonly batches: number;
    readonly peakRssMb: number;
  },
): string[] {
  const { platform, cpu, cores } = describeMachine();
  return renderBenchmark({
    machine: { OS_version: platform, processor: cpu, cpu_count: String(cores) },
    engine: { engine: `${report.engine} ${report.version}`, provider: report.provider },
    settings: {
      runtime_device: report.device,
      enable_tensorrt: 'False',
      enable_mkldnn: enable_mkldnn === true ? 'True' : 'False',
      cpu_math_library_num_threads: cpu_threads === undefined ? "the engine's default" : String(cpu_threads),
    },
    modelName: model_name,
    precision,
    batchSize: batch_size,
    images,
    ...figures,
  });
}
