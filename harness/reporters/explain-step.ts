import type { StepResult } from '../result/record/tipc-run.js';
import { renderTimes } from '../support/figures.js';

/** Which row of the file a step is of: `gpu 0, norm_train, fp32`, and what computed. What says nothing is left out. */
export function explainRow({ row, engine }: StepResult): string {
  const { gpu, ranks, trainer, autocast, device, precision, mkldnn, tensorRt, threads, batchSize } = row;
  const parts = [
    ...(gpu === undefined ? [] : [`gpu ${gpu}`]),
    ...(ranks === undefined || ranks === '1' ? [] : [`${ranks} ranks`]),
    ...(trainer === undefined ? [] : [trainer]),
    ...(autocast === undefined || autocast === 'null' ? [] : [autocast]),
    ...(device === undefined ? [] : [explainDevice(device, engine?.device ?? null)]),
    ...(precision === undefined ? [] : [precision]),
    ...(mkldnn === undefined ? [] : [`mkldnn ${mkldnn}`]),
    ...(tensorRt === undefined ? [] : [`TensorRT ${tensorRt}`]),
    ...(threads === undefined ? [] : [`${threads} threads`]),
    ...(batchSize === undefined ? [] : [`batch ${batchSize}`]),
  ];
  return parts.join(', ');
}

/** A row of the GPU that ran on the processor must not read as one of the GPU. */
function explainDevice(wanted: string, computed: string | null): string {
  if (computed === null) return `for ${wanted}`;
  return computed === wanted ? `on ${wanted}` : `on ${computed} for ${wanted}`;
}

/** What a step found, in a few figures. */
export function explainFigures({ figures }: StepResult): string {
  const first = figures['first loss'];
  const last = figures['last loss'];
  const parts = [
    ...(first === undefined || last === undefined ? [] : [`loss ${first.toFixed(4)} → ${last.toFixed(4)}`]),
    ...(figures.mIoU === undefined ? [] : [`mIoU ${figures.mIoU.toFixed(4)}`]),
    ...(figures['ips (samples/s)'] === undefined ? [] : [`${figures['ips (samples/s)'].toFixed(2)} samples/s`]),
    ...(figures['reader cost (s)'] === undefined
      ? []
      : [`reader ${(1000 * figures['reader cost (s)']).toFixed(1)} ms`]),
    ...(figures['peak memory (MB)'] === undefined ? [] : [`${figures['peak memory (MB)'].toFixed(0)} MB`]),
    ...(figures.images === undefined ? [] : [`${figures.images} pictures`]),
    ...(figures['inference (ms)'] === undefined ? [] : [`${figures['inference (ms)'].toFixed(0)} ms each`]),
    ...(figures['logits (× noise)'] === undefined ? [] : [`logits ${renderTimes(figures['logits (× noise)'])} noise`]),
  ];
  return parts.join(', ');
}
