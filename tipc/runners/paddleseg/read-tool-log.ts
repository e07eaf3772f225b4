import { parseTrainLog, type TrainLog } from '../../../pipeline/logs/parse-train-log.js';

/** What PaddleSeg's tools say of themselves. Source: paddleseg/core/train.py, core/val.py and utils/utils.py, 2.8.0. */
export interface ToolLog {
  /** Null: no line is of training or evaluation. */
  readonly lines: TrainLog | null;
  /** What was timed, a window of iterations each. */
  readonly windows: readonly TimedWindow[];
  /** The last evaluation; null where there was none. */
  readonly evaluation: Evaluation | null;
  /** Null: nothing says. */
  readonly device: 'cpu' | 'gpu' | null;
  /** What weights were loaded into: the backbone, the whole model, or one after the other. */
  readonly loaded: readonly LoadedWeights[];
}

export interface LoadedWeights {
  /** The name of a class. */
  readonly into: string;
  readonly found: number;
  readonly wanted: number;
}

export interface TimedWindow {
  /** Seconds an iteration. */
  readonly batchCost: number;
  readonly readerCost: number;
  /** Samples a second, of one rank. */
  readonly ips: number;
  /** Of the device, reserved; null on a processor. */
  readonly memoryMb: number | null;
}

export interface Evaluation {
  readonly images: number;
  /** Pictures that it was to look at. */
  readonly wanted: number;
  /** NaN where it is none. */
  readonly mIoU: number;
  readonly Acc: number;
}

/** @param source names the log, for errors */
export function parseToolLog(text: string, source: string): ToolLog {
  const device = /\bSet device: (\w+)/.exec(text)?.[1];
  return {
    lines: /\[TRAIN\]|\[EVAL\] #Images/.test(text) ? parseTrainLog(text, source) : null,
    windows: [...text.matchAll(windowLine)].map(({ groups }) => windowOf(groups!)),
    evaluation: evaluationOf(text),
    device: device === 'cpu' || device === 'gpu' ? device : null,
    loaded: loadedOf(text),
  };
}

function loadedOf(text: string): LoadedWeights[] {
  return [...text.matchAll(/There are (\d+)\/(\d+) variables loaded into (\w+)/g)].map(([, found, wanted, into]) => ({
    into: into!,
    found: Number(found),
    wanted: Number(wanted),
  }));
}

const windowLine =
  /\[TRAIN\] .*batch_cost: (?<batch>\S+), reader_cost: (?<reader>\S+), ips: (?<ips>\S+) samples\/sec(?:, max_mem_reserved: (?<memory>\S+) MB)?/g;

function windowOf({ batch, reader, ips, memory }: Readonly<Record<string, string | undefined>>): TimedWindow {
  return {
    ...{ batchCost: Number(batch), readerCost: Number(reader), ips: Number(ips) },
    memoryMb: memory === undefined ? null : Number(memory),
  };
}

function evaluationOf(text: string): Evaluation | null {
  const started = [...text.matchAll(/Start evaluating \(total_samples: (\d+),/g)].at(-1);
  const ended = [...text.matchAll(/\[EVAL\] #Images: (\d+) mIoU: (\S+) Acc: (\S+)/g)].at(-1);
  if (ended === undefined) return null;
  const [, images, mIoU, acc] = ended.map(Number);
  return { images: images!, wanted: Number(started?.[1] ?? Number.NaN), mIoU: mIoU!, Acc: acc! };
}
