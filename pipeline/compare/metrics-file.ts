import { cannot } from '../../harness/support/errors.js';

/** A file of TIPC's test_tipc/results: what metrics of a prediction should be. */
export interface TipcMetrics {
  readonly source: string;
  /** In the file's order; a class metric has a number for each class. */
  readonly values: ReadonlyMap<string, number | readonly number[]>;
}

/** Which precision a file or a folder of predictions is of, by its name. */
export type Slot = 'fp32' | 'fp16' | 'int8';

/**
 * Parses `name:value` lines, as compare_results.py has them: one number, or, where the name holds `Class`, a list as
 * NumPy prints it. Differs: there class metrics stay text and are never compared.
 * @throws UserError that names the line
 */
export function parseTipcMetrics(text: string, source: string): TipcMetrics {
  const values = new Map<string, number | readonly number[]>();
  // A list that NumPy broke into several lines is one value.
  const joined = text.replaceAll(/\[[^\]]*\]/g, (list) => list.replaceAll(/\s+/g, ' '));
  for (const [at, line] of joined.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue;
    const parts = line.split(':');
    const name = parts[0]!.trim();
    const place = `${source}, line ${at + 1}`;
    if (parts.length !== 2 || name === '')
      throw cannot('read', `the metrics ${place}`, `it is ${JSON.stringify(line)}`, 'name:value is wanted');
    if (values.has(name))
      throw cannot('read', `the metrics ${place}`, `${name} is there twice`, 'each metric once is wanted');
    values.set(name, parseValue(name, parts[1]!.trim(), place));
  }
  if (values.size === 0) throw cannot('read', `the metrics ${source}`, 'it has no line', 'name:value lines are wanted');
  return { source, values };
}

/** The same form, so that a first run can become the reference of the next. */
export function renderTipcMetrics(values: ReadonlyMap<string, number | readonly number[]>): string {
  const lines = [...values].map(
    ([name, value]) => `${name}: ${typeof value === 'number' ? value : `[${value.join(' ')}]`}`,
  );
  return `${lines.join('\n')}\n`;
}

export function slotOf(name: string): Slot | null {
  return (['fp32', 'fp16', 'int8'] as const).find((slot) => name.includes(slot)) ?? null;
}

function parseValue(name: string, text: string, place: string): number | readonly number[] {
  const list = /^\[(.*)\]$/.exec(text)?.[1];
  if (name.includes('Class') !== (list !== undefined))
    throw cannot(
      'read',
      `the metrics ${place}`,
      `${name} is ${text}`,
      list === undefined ? 'a list in brackets is wanted' : 'one number is wanted',
    );
  const numbers = (list ?? text)
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number);
  if (numbers.length === 0 || !numbers.every(Number.isFinite))
    throw cannot('read', `the metrics ${place}`, `${name} is ${text}`, 'finite numbers are wanted');
  return list === undefined ? numbers[0]! : numbers;
}
