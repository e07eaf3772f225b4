import { cannot } from '../../harness/support/errors.js';
import type { TipcArgument } from './frame.js';
import { givenValue, isGiven, listValue, type TipcLine } from './lines.js';

/** The sections that may follow the last position of a TIPC text file; each is found by its title. */
export interface TipcSections {
  /** A further trainer: its name and the text that it adds to the normal command. */
  readonly toStatic: { readonly trainer: string; readonly extra: string } | null;
  /** What benchmark_train reads, as it stands: other modes do not look at it. Null where there is no such section. */
  readonly trainBenchmark: TipcSection | null;
  /** `random_infer_input`, as it stands. No script of PaddleSeg reads it. */
  readonly randomInferInput: string | null;
  /** The ports that our own `port_params` section names; null where there is none. */
  readonly ports: readonly string[] | null;
  /** The settings of the last line (`log_iters:5;repeats:500`). */
  readonly extra: ReadonlyMap<string, string>;
}

/** The lines between a title and the next one. */
export interface TipcSection {
  readonly title: TipcLine;
  readonly lines: readonly TipcLine[];
}

export interface TrainBenchmark {
  readonly batchSizes: readonly number[];
  readonly precisions: readonly string[];
  /** Called `epoch` in the file; it counts iterations. */
  readonly iters: number;
  /** A free argument of training, as it stands. */
  readonly profiler: TipcArgument;
  /** Environment variables, `name=value`. */
  readonly flags: readonly string[];
}

/**
 * Parses the optional sections. A title that is not known switches its section off, as `disable_train_benchmark` does
 * in PaddleSeg's files.
 */
export function parseTipcSections(lines: readonly TipcLine[], path: string): TipcSections {
  const toStatic = findSection(lines, 'to_static_train_benchmark_params')?.lines[0];
  const randomInput = findSection(lines, 'infer_benchmark_params')?.lines[0];
  return {
    toStatic: toStatic === undefined ? null : { trainer: toStatic.key, extra: toStatic.value },
    trainBenchmark: findSection(lines, 'train_benchmark_params'),
    randomInferInput: randomInput === undefined ? null : givenValue(randomInput.value),
    ports: parsePorts(lines, path),
    extra: parseExtra(lines.at(-1)),
  };
}

/** Null where there is no such title. A title matches as a whole word. */
function findSection(lines: readonly TipcLine[], title: string): TipcSection | null {
  const start = lines.findIndex(({ text }) => new RegExp(`^=+${title}=+\\s*$`).test(text));
  if (start === -1) return null;
  const length = lines.slice(start + 1).findIndex(({ text }) => text.startsWith('==='));
  return { title: lines[start]!, lines: lines.slice(start + 1, length === -1 ? undefined : start + 1 + length) };
}

/** @throws UserError for a line that is not there, or holds something else */
export function parseTrainBenchmark({ title, lines: section }: TipcSection, path: string): TrainBenchmark {
  const line = (index: number, key: string): TipcLine => {
    const found = section[index];
    if (found?.key === key) return found;
    const where = found ?? section.at(-1) ?? title;
    throw cannot(
      'read',
      `${path}:${where.line}`,
      `line ${index + 1} of train_benchmark_params has the key ${JSON.stringify(found?.key ?? '')}`,
      `${key} is wanted`,
    );
  };
  const count = (where: TipcLine, text: string | null): number => {
    if (text !== null && /^[1-9]\d*$/.test(text)) return Number(text);
    throw cannot(
      'read',
      `${path}:${where.line}`,
      `${where.key} is ${JSON.stringify(text)}`,
      'a whole number above 0 is wanted',
    );
  };
  const batch = line(0, 'batch_size');
  const epoch = line(2, 'epoch');
  return {
    batchSizes: listValue(batch.value).map((text) => count(batch, text)),
    precisions: listValue(line(1, 'fp_items').value).filter(isGiven),
    iters: count(epoch, givenValue(epoch.value)),
    profiler: { key: section[3]?.key ?? '', value: section[3]?.value ?? '', line: section[3]?.line ?? 0 },
    flags: (givenValue(section[4]?.value ?? '') ?? '').split(';').filter((flag) => flag !== ''),
  };
}

function parsePorts(lines: readonly TipcLine[], path: string): readonly string[] | null {
  const section = findSection(lines, 'port_params');
  if (section === null) return null;
  const [first, second] = section.lines;
  const where = second ?? first ?? lines.at(-1)!;
  if (first?.key !== '--port' || second !== undefined)
    throw cannot(
      'read',
      `${path}:${where.line}`,
      'the section port_params holds other lines than one --port:…',
      'the names of ports, split by |, are wanted',
    );
  const ports = listValue(first.value).filter(isGiven);
  if (ports.length === 0 || new Set(ports).size < ports.length)
    throw cannot(
      'read',
      `${path}:${first.line}`,
      `--port is ${JSON.stringify(first.value)}`,
      'the names of ports, each once, split by |, are wanted',
    );
  return ports;
}

/** Settings that TIPC's scripts look for in the last line of a file, whatever stands there. */
const extraKeys = ['log_iters', 'skip_iters', 'repeats', 'task'];

function parseExtra(last: TipcLine | undefined): ReadonlyMap<string, string> {
  const pairs = (last?.text ?? '').split(';').map((pair) => pair.split(':'));
  return new Map(pairs.filter(([key]) => extraKeys.includes(key!)).map(([key, value]) => [key!, (value ?? '').trim()]));
}
