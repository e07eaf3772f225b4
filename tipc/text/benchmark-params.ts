import { UserError } from '../../harness/support/errors.js';
import type { TrainBenchmark } from './sections.js';

/** The configurations that benchmark_train.sh trains. */
export interface BenchmarkParams {
  readonly batchSizes: readonly number[];
  readonly precisions: readonly string[];
  readonly devices: readonly BenchmarkDevices[];
  /** In names alone: `DP`. */
  readonly runMode: string;
  /** Whether the normal trainer gives way to that of to_static_train_benchmark_params. */
  readonly toStatic: boolean;
}

/** Machines and cards, with the ids of those that one machine trains on. */
export interface BenchmarkDevices {
  readonly name: string;
  /** `0,1,…`. */
  readonly gpus: string;
}

/**
 * The script's third argument: none, `dynamicTostatic`, or one configuration, `dynamic_bs8_fp32_DP_N1C8`. Source:
 * PaddleSeg's test_tipc/benchmark_train.sh. Differs: there an argument of another form trains with what is left of it.
 * @throws UserError for an argument of another form
 */
export function parseBenchmarkParams(text: string | null, section: TrainBenchmark, path: string): BenchmarkParams {
  const all = {
    batchSizes: section.batchSizes,
    precisions: section.precisions,
    devices: [devicesOf(1, 1), devicesOf(1, 8)],
    runMode: 'DP',
  };
  if (text === null) return { ...all, toStatic: false };
  if (text === toStaticType) return { ...all, toStatic: true };
  const { type, batch, precision, runMode, nodes, cards } = form.exec(text)?.groups ?? {};
  if (type === undefined)
    throw new UserError(
      `Cannot plan benchmark_train of ${path}: its third argument is ${JSON.stringify(text)}; ${toStaticType}, or <type>_bs<batch size>_<fp32|fp16>_<run mode>_N<machines>C<cards>, is wanted. Fix: --params dynamic_bs8_fp32_DP_N1C8`,
    );
  return {
    batchSizes: [Number(batch)],
    precisions: [precision === 'null' ? 'fp32' : precision!],
    devices: [devicesOf(Number(nodes), Number(cards))],
    runMode: runMode!,
    toStatic: type === toStaticType,
  };
}

const toStaticType = 'dynamicTostatic';
const form =
  /^(?<type>[A-Za-z]+)_bs(?<batch>[1-9]\d{0,5})_(?<precision>fp32|fp16|null)_(?<runMode>[A-Za-z]+)_N(?<nodes>[1-9]\d?)C(?<cards>[1-9]\d{0,2})$/;

/** So many cards on so many machines are shared out evenly, the last machine's rounded up. */
function devicesOf(nodes: number, cards: number): BenchmarkDevices {
  const last = Math.floor((cards - 1) / nodes);
  return { name: `N${nodes}C${cards}`, gpus: Array.from({ length: last + 1 }, (_, id) => id).join(',') };
}
