import { suggest } from '../../harness/support/suggest.js';
import { shellWords } from './shell-words.js';
import { fitOf, type Tool, tools, type Values } from './tools.js';

/** An option of a command with its values, or a word that belongs to none. */
export interface RequestArgument {
  /** Written out where the tool has it; null: a word that does not begin as an option does. */
  readonly name: string | null;
  readonly values: readonly string[];
  /** As the command has it. */
  readonly words: readonly string[];
  /** What is wrong with it where the tool would stop at it; else null. */
  readonly refused: RefusedArgument | null;
}

export interface RefusedArgument {
  readonly name: string;
  /** A clause, after "for". */
  readonly why: string;
}

/** What a command asks of its tool: its words, parsed once. */
export class StepRequest {
  /** @param given in the order of the command */
  constructor(readonly given: readonly RequestArgument[]) {}

  /** The first argument at which the tool would stop; null where there is none. */
  get refused(): RefusedArgument | null {
    return this.given.find(({ refused }) => refused !== null)?.refused ?? null;
  }

  /** Those that were read. */
  get words(): readonly string[] {
    return this.given.flatMap(({ words }) => words);
  }

  has(option: string): boolean {
    return this.given.some(({ name }) => name === option);
  }

  /** Of an option that is given again, the last; none where it is not given. */
  values(option: string): readonly string[] {
    return this.given.filter(({ name }) => name === option).at(-1)?.values ?? [];
  }

  /** The first value of an option; null where it is not given. */
  value(option: string): string | null {
    return this.has(option) ? (this.values(option)[0] ?? '') : null;
  }

  /** The same of other files. @param move a value, or a word that holds it */
  relocate(move: (text: string) => string): StepRequest {
    const moved = this.given.map((one) => ({ ...one, values: one.values.map(move), words: one.words.map(move) }));
    return new StepRequest(moved);
  }
}

/**
 * Reads a command of PaddleSeg's as argparse does: names may be cut short, the last of a name counts, and what is not
 * an argument of the tool ends it. Of a program that is not known every word with a dash is an option, and nothing is
 * refused.
 * @param words the program's arguments, as a shell hands them over
 */
export function readRequest(script: string, words: readonly string[]): StepRequest {
  const tool = Object.hasOwn(tools, script) ? tools[script]! : null;
  const given: RequestArgument[] = [];
  for (let at = 0; at < words.length; at += given.at(-1)!.words.length) given.push(readArgument(tool, words, at));
  return new StepRequest(given);
}

/** @param own the program and its arguments, without interpreter and launcher */
export function readCommand(own: string): { readonly script: string; readonly request: StepRequest } {
  const words = shellWords(own);
  const module = words[0] === '-m' ? 2 : 1;
  const script = words.slice(0, module).join(' ');
  return { script, request: readRequest(script, words.slice(module)) };
}

function readArgument(tool: Tool | null, words: readonly string[], at: number): RequestArgument {
  const word = words[at]!;
  const [given = ''] = word.split('=', 1);
  const attached = word.length > given.length ? [word.slice(given.length + 1)] : null;
  const names = isOptionLike(tool, word) ? namesFor(tool, given) : [];
  const known = names.length === 1 ? names[0]! : null;
  const name = known ?? (given.startsWith('--') ? given : null);
  const kind = (known === null ? null : tool?.[known]) ?? 'texts';
  const end = name === null || attached !== null ? at + 1 : endOfValues(tool, words, at + 1, kind);
  const values = name === null ? [] : (attached ?? words.slice(at + 1, end));
  const argument = { name, values, words: words.slice(at, end) };
  if (tool === null) return { ...argument, refused: null };
  if (known === null) return { ...argument, refused: { name: given, why: describeUnknown(tool, given, names) } };
  return { ...argument, refused: judgeValues(known, kind, values) };
}

/**
 * A word that begins with a dash: no negative number, and with a blank only where it names an argument
 * (`_parse_optional` of argparse).
 */
function isOptionLike(tool: Tool | null, word: string): boolean {
  if (!word.startsWith('-') || word.length === 1 || /^-(\d+|\d*\.\d+)$/.test(word)) return false;
  return !word.includes(' ') || namesFor(tool, word.split('=', 1)[0]!).length > 0;
}

/** The name itself, else all that begin with it. */
function namesFor(tool: Tool | null, given: string): readonly string[] {
  if (tool === null || given in tool) return [given];
  return given.startsWith('--') && given.length > 2 ? Object.keys(tool).filter((name) => name.startsWith(given)) : [];
}

function endOfValues(tool: Tool | null, words: readonly string[], from: number, kind: Values): number {
  const most = kind === 'flag' ? 0 : typeof kind === 'string' && kind.endsWith('s') ? words.length : 1;
  let end = from;
  while (end < words.length && !isOptionLike(tool, words[end]!) && end - from < most) end++;
  return end;
}

function describeUnknown(tool: Tool, given: string, names: readonly string[]): string {
  if (names.length > 1) return `${given} may be short for ${names.join(' and ')}`;
  return `it has no argument ${given}${suggest(given, Object.keys(tool)).replace(/^ (.*)$/, ' ($1)')}`;
}

function judgeValues(name: string, kind: Values, values: readonly string[]): RefusedArgument | null {
  if (kind === 'flag') return values.length === 0 ? null : { name, why: `${name} takes no value` };
  if (values.length === 0) return { name, why: `${name} lacks its value` };
  const fits = fitOf(kind);
  const odd = values.find((value) => !fits.test(value));
  return odd === undefined ? null : { name, why: `${name} does not take ${JSON.stringify(odd)}` };
}
