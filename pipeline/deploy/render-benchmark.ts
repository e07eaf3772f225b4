/** What `deploy/python/infer.py --benchmark True` reports. */
export interface BenchmarkReport {
  readonly machine: Readonly<Record<string, string>>;
  readonly engine: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly modelName: string;
  readonly precision: string;
  readonly batchSize: number;
  readonly images: number;
  readonly peakRssMb: number;
  /** Seconds of all batches. */
  readonly preprocess: number;
  readonly inference: number;
  readonly postprocess: number;
  readonly batches: number;
}

/**
 * Lines in sections, the times at the end in milliseconds a batch.
 * Source: deploy/python/infer.py of PaddleSeg 2.8.0 with its logger package: the names of sections and figures.
 */
export function renderBenchmark(report: BenchmarkReport): string[] {
  const { preprocess, inference, postprocess, batches } = report;
  const perBatch = (seconds: number) => ((1000 * seconds) / batches).toFixed(4);
  return [
    ...section('Env info', report.machine),
    ...section('Paddle info', report.engine),
    ...section('Conf info', report.settings),
    ...section('Model info', { model_name: report.modelName, precision: report.precision }),
    ...section('Data info', {
      batch_size: String(report.batchSize),
      input_shape: 'dynamic_shape',
      data_num: String(report.images),
    }),
    ...section('Perf info', {
      'cpu_rss(MB)': report.peakRssMb.toFixed(2),
      'total time spent(s)': (preprocess + inference + postprocess).toFixed(4),
    }),
    `preprocess_time(ms): ${perBatch(preprocess)}, inference_time(ms): ${perBatch(inference)}, postprocess_time(ms): ${perBatch(postprocess)}`,
  ];
}

function section(title: string, entries: Readonly<Record<string, string>>): string[] {
  const rule = '-'.repeat(22);
  return [`${rule} ${title} ${rule}`, ...Object.entries(entries).map(([name, value]) => `${name}: ${value}`)];
}
