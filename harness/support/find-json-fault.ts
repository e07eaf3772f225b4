import { budgets } from './budgets.js';

/** What is wrong with a JSON text: a sentence's part, and the line (from 1). */
export interface JsonFault {
  readonly line: number;
  /** `the key noise of probes[0] (norm1) is there twice, first in line 2`, `"NaN" stands where a value is wanted` */
  readonly what: string;
  /** Deeper than the budget, or a key that is there twice: that alone is JSON. */
  readonly kind: 'not JSON' | 'deep' | 'twice';
}

/**
 * The first place where a text is not JSON, is deeper than the budget, or where an object has a key twice: `JSON.parse`
 * takes the last of them in silence. Null where there is none. Bad escapes in strings are left to `JSON.parse`.
 */
export function findJsonFault(text: string): JsonFault | null {
  const frames: Frame[] = [];
  let expected: Expected = 'value';
  let at = skipBlanks(text, 0);
  const fault = (what: string, kind: JsonFault['kind'] = 'not JSON'): JsonFault => ({
    line: lineOf(text, at),
    what,
    kind,
  });
  const afterValue = (): Expected => (frames.length === 0 ? 'the end' : 'a comma or the end');

  for (; at < text.length; at = skipBlanks(text, at)) {
    const frame = frames.at(-1);
    const sign = text[at]!;
    const closes = frame !== undefined && sign === (frame.keys === null ? ']' : '}');
    if (closes && (expected === 'a comma or the end' || frame.isEmpty)) {
      frames.pop();
      expected = afterValue();
      at++;
    } else if (expected === 'a comma or the end' && sign === ',') {
      frame!.index++;
      expected = frame!.keys === null ? 'value' : 'key';
      at++;
    } else if (expected === 'colon' && sign === ':') {
      expected = 'value';
      at++;
    } else if (expected === 'key' && sign === '"') {
      const end = endOfString(text, at);
      if (end === null) return fault('a string has no closing quote');
      const twice = noteKey(text, at, end, frames);
      if (twice !== null) return fault(twice, 'twice');
      expected = 'colon';
      at = end;
    } else if (expected === 'value' && (sign === '{' || sign === '[')) {
      if (frame !== undefined) frame.isEmpty = false;
      frames.push({ keys: sign === '{' ? new Map() : null, index: 0, key: '', name: null, isEmpty: true });
      // Whoever goes through the value calls himself for each level.
      if (frames.length > budgets.jsonDepth)
        return fault(`it has more than ${budgets.jsonDepth} levels (a budget)`, 'deep');
      expected = sign === '{' ? 'key' : 'value';
      at++;
    } else if (expected === 'value' && sign === '"') {
      const end = endOfString(text, at);
      if (end === null) return fault('a string has no closing quote');
      if (frame?.key === 'name') frame.name = readString(text.slice(at, end));
      if (frame !== undefined) frame.isEmpty = false;
      expected = afterValue();
      at = end;
    } else {
      const end = expected === 'value' ? endOfWord(text, at) : null;
      if (end === null) return fault(`${renderText(text, at)} stands where ${wantedOf(expected, frame)} is wanted`);
      if (frame !== undefined) frame.isEmpty = false;
      expected = afterValue();
      at = end;
    }
  }
  return expected === 'the end' ? null : fault(`it ends where ${wantedOf(expected, frames.at(-1))} is wanted`);
}

type Expected = 'value' | 'key' | 'colon' | 'a comma or the end' | 'the end';

/** An object or an array that is not closed yet. */
interface Frame {
  /** Of an object: each key and where it stands; null for an array. */
  readonly keys: Map<string, number> | null;
  index: number;
  key: string;
  /** The text of the key `name`, by which people know an object. */
  name: string | null;
  isEmpty: boolean;
}

/** Keeps the key between `at` and `end` of the innermost object. Returns what is wrong where it is there already. */
function noteKey(text: string, at: number, end: number, frames: readonly Frame[]): string | null {
  const frame = frames.at(-1)!;
  const key = readString(text.slice(at, end));
  const first = frame.keys!.get(key);
  if (first !== undefined)
    return `the key ${renderKey(key)}${describePlace(frames)} is there twice, first in line ${lineOf(text, first)}`;
  frame.keys!.set(key, at);
  frame.key = key;
  frame.isEmpty = false;
  return null;
}

const words = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const blanks = /[ \t\n\r]*/y;

function skipBlanks(text: string, at: number): number {
  blanks.lastIndex = at;
  blanks.test(text);
  return blanks.lastIndex;
}

function endOfWord(text: string, at: number): number | null {
  words.lastIndex = at;
  return words.test(text) ? words.lastIndex : null;
}

/** The place after the closing quote; null where none follows, or a control character stands before it. */
function endOfString(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
    else if (code < 0x20) return null;
  }
  return null;
}

/** Keys that are written in different ways are one key: `"\u0061"` is `"a"`. */
function readString(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch (error) {
    // A bad escape, which the parser of the whole text refuses.
    if (error instanceof SyntaxError) return quoted;
    throw error;
  }
}

function wantedOf(expected: Expected, frame: Frame | undefined): string {
  if (expected === 'a comma or the end') return `a comma or ${frame?.keys === null ? ']' : '}'}`;
  return { value: 'a value', key: 'a key in quotes', colon: 'a colon', 'the end': 'nothing' }[expected];
}

/** So many levels of a path are told, from the inside. */
const toldLevels = 6;
/** So much of a name is told. */
const toldLength = 80;

/** ` of probes[0].noise (norm1)`; empty at the top. */
function describePlace(frames: readonly Frame[]): string {
  const outer = frames.slice(0, -1);
  const told = outer.slice(-toldLevels);
  const path = told.map(({ keys, key, index }) => (keys === null ? `[${index}]` : `.${renderKey(key)}`)).join('');
  const name =
    frames
      .slice(-toldLevels)
      .reverse()
      .find((frame) => frame.name !== null)?.name ?? null;
  const start = told.length < outer.length ? '…' : '';
  return `${path === '' ? '' : ` of ${start}${path.replace(/^\./, '')}`}${name === null ? '' : ` (${renderKey(name)})`}`;
}

function renderKey(key: string): string {
  const short = key.length > toldLength ? `${key.slice(0, toldLength)}…` : key;
  return /^[\w./…-]+$/.test(short) ? short : JSON.stringify(short);
}

/** The word that stands there. */
function renderText(text: string, at: number): string {
  const [word = ''] = /^(?:[\w.+-]+|[\s\S])/.exec(text.slice(at, at + toldLength)) ?? [];
  return JSON.stringify(word);
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line++;
  return line;
}
