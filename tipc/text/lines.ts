import { cannot } from '../../harness/support/errors.js';

/** A line of a TIPC text file: `key:value`, with its number in the file. */
export interface TipcLine {
  readonly key: string;
  readonly value: string;
  /** Position among the lines that are not empty, from 1: what TIPC's scripts count by. */
  readonly position: number;
  /** Number in the file, from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Splits a TIPC text file into its lines. Empty ones vanish, as in the shell's field splitting; a line of one space
 * stays. Source: test_tipc/common_func.sh. Differs: a byte order mark, which stands in the first line, is left out;
 * CRLF is taken for a line end; text after a second colon, which the scripts would drop unseen, is kept in the value
 * for `validateColons` to refuse.
 */
export function parseTipcLines(text: string): TipcLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ text: line, line: index + 1 }))
    .filter(({ text: line }) => line !== '')
    .map((line, index) => ({ ...line, ...splitColon(line.text), position: index + 1 }));
}

/** Throws a UserError for a line whose value holds a colon: TIPC reads a value only as far as that. */
export function validateColons(line: TipcLine, path: string): void {
  const colon = line.value.indexOf(':');
  if (colon === -1) return;
  throw cannot(
    'read',
    `${path}:${line.line}`,
    `the value of ${line.key} goes on after a second colon (\`${line.value.slice(colon)}\`), which TIPC's scripts drop`,
    'one colon is wanted',
  );
}

/** `null`, nothing, or one space stand for no value. */
export function isGiven(value: string): boolean {
  return value !== 'null' && value !== '' && value !== ' ';
}

/** The value, or null where it stands for none. */
export function givenValue(value: string): string | null {
  return isGiven(value) ? value : null;
}

/** A list, split at `|` as the shell does: nothing gives no item, and a last `|` no further one. */
export function listValue(value: string): string[] {
  const items = value.split('|');
  return items.at(-1) === '' ? items.slice(0, -1) : items;
}

/**
 * A value per mode, `lite_train_lite_infer=20|whole_train_whole_infer=1000`. TIPC takes the first of two equal modes;
 * here they are refused.
 */
export function modeValues(line: TipcLine, path: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!isGiven(line.value)) return values;
  for (const item of listValue(line.value)) {
    const [, mode, value] = /^(\w+)=([^=]+)$/.exec(item) ?? [];
    if (mode === undefined || value === undefined)
      throw cannot(
        'read',
        `${path}:${line.line}`,
        `${line.key} has the item ${JSON.stringify(item)}`,
        'items of the form mode=value are wanted',
      );
    if (values.has(mode))
      throw cannot('read', `${path}:${line.line}`, `${line.key} has two values for ${mode}`, 'one is wanted');
    values.set(mode, value);
  }
  return values;
}

/** `===name===`: where a section begins. */
export function isTitle(text: string): boolean {
  return /^=+[^=]+=+\s*$/.test(text);
}

/** Whether lines begin with the title `===<name>_params===`. */
export function isTitled([first]: readonly TipcLine[], name: string): boolean {
  return first !== undefined && new RegExp(`^=+${name}_params=+\\s*$`).test(first.text);
}

function splitColon(text: string): { key: string; value: string } {
  const colon = text.indexOf(':');
  return colon === -1 ? { key: text, value: '' } : { key: text.slice(0, colon), value: text.slice(colon + 1) };
}
