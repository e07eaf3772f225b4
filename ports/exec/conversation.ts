import { execa, type Options } from 'execa';
import { describeEnd, describeTail } from '../../harness/support/describe-end.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { exitOf } from '../../harness/support/exit-of.js';
import { JsonError, parseJson } from '../../harness/support/parse-json.js';
import type { Scratch } from '../../harness/support/scratch.js';
import { within } from '../../harness/support/within.js';
import { type Line, maxLineBytes, readAnswerLines } from './answer-lines.js';

/**
 * A program that answers each JSON line on its stdin with one on its stdout. Each error shows the last lines of its
 * stderr.
 */
export interface Conversation {
  /**
   * Sends one object and waits for the answer. Rejects with an EnvironmentError on `ok: false`, no JSON, a surplus
   * line, or its end.
   */
  ask(question: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** An error that says what the program did wrong. */
  broken(what: string): EnvironmentError;
  /**
   * Asks the program to end, and ends it and all that it started after five seconds. Rejects with an EnvironmentError
   * if it wrote a line that nobody asked for: then it is not known which answer belongs to which question. A plain loop
   * answers `close` too: one line with `ok: true` is tolerated.
   */
  end(): Promise<void>;
}

/**
 * @param scratch what it starts is ended with it
 * @param name what the program is, for texts
 */
export function startConversation(
  command: string,
  scratch: Scratch,
  name: string = `port exec:${command}`,
): Conversation {
  const { exit, lines, tail, write, endInput } = startProgram(command, scratch);
  let answered = 'start';
  const broken = (what: string) => new EnvironmentError(`Cannot run ${name}: it ${what}${describeTail(tail())}`);
  const refuseSurplus = () => {
    const surplus = lines.unasked();
    if (surplus === null) return;
    throw broken(
      `wrote a line that nobody asked for after its answer to ${answered}, so that it answered twice or before it was asked: ${surplus}`,
    );
  };
  const take = (op: string, line: Line): Record<string, unknown> => {
    answered = op;
    return readAnswer(op, line, broken);
  };
  const ask: Conversation['ask'] = async (question) => {
    refuseSurplus();
    const op = String(question.op);
    const next = lines.next();
    await write(question);
    const line = await next;
    if (line.is !== 'whole') throw broken(await describeNoAnswer(exit, op, line));
    return take(op, line);
  };

  return {
    ask,
    broken,
    async end() {
      scratch.look();
      // Lines that were written right after the last answer are read first, so that none is taken for the answer to
      // close.
      await within(exit, settleMs);
      refuseSurplus();
      const next = lines.next();
      await write({ op: 'close' });
      endInput();
      await within(exit, endMs);
      await scratch.endProcesses();
      await within(lines.closed, drainMs);
      const line = await within(next, 0);
      if (line?.is === 'too long') throw broken(await describeNoAnswer(exit, 'close', line));
      if (line?.is === 'whole') take('close', line);
      refuseSurplus();
    },
  };
}

/** The program as a process: its lines, its end, and what it wrote last on stderr. */
function startProgram(command: string, scratch: Scratch) {
  const subprocess = execa(command, { ...programOptions, env: scratch.environment });
  scratch.adopt(subprocess.pid);
  const exit = exitOf(subprocess);
  const lines = readAnswerLines(subprocess.stdout);
  // A child that holds the stdout of a program that is gone answers nothing.
  void exit.then(() => within(lines.closed, drainMs)).then(() => subprocess.stdout.destroy());
  let tail = '';
  subprocess.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-tailLength);
  });
  // A program that has ended reads nothing. Its missing answer says that it has ended.
  subprocess.stdin.on('error', () => undefined);
  const write = (question: object) =>
    new Promise<void>((resolve) => {
      subprocess.stdin.write(`${JSON.stringify(question)}\n`, () => resolve());
    });
  return { exit, lines, tail: () => tail, write, endInput: () => subprocess.stdin.end() };
}

async function describeNoAnswer(exit: ReturnType<typeof exitOf>, op: string, line: Line): Promise<string> {
  if (line.is === 'too long') return `answered ${op} with a line of more than ${maxLineBytes} bytes: ${line.text}…`;
  const how = describeEnd((await within(exit, exitMs)) ?? {});
  return line.text === ''
    ? `ended at ${op} with ${how}`
    : `ended in the middle of its answer to ${op}, with ${how}: ${line.text.slice(0, shownLength)}`;
}

/** An answer that says that all went well. */
function readAnswer(op: string, line: Line, broken: Conversation['broken']): Record<string, unknown> {
  const answer = parseAnswer(line.text, (what) => broken(`answered ${op} with ${what}`));
  if (typeof answer.ok !== 'boolean')
    throw broken(`answered ${op} with ok ${JSON.stringify(answer.ok) ?? 'missing'}; true or false is wanted`);
  if (!answer.ok) throw broken(`failed at ${op}: ${String(answer.error ?? 'it gave no error')}`);
  return answer;
}

const programOptions = {
  shell: true,
  reject: false,
  buffer: false,
  stdin: 'pipe',
  stdout: 'pipe',
  stderr: 'pipe',
  detached: true,
} as const satisfies Options;

/** A second line that is written with an answer comes with it, or moments later. */
const settleMs = 100;
/** What a program has between `close` and its end. */
const endMs = 5000;
/** A program whose stdout is closed is at its end; one that only closed it has no exit code. */
const exitMs = 1000;
/** What it wrote last is read within moments of its end. */
const drainMs = 500;
/** So many characters of what the program wrote last on stderr are kept. */
const tailLength = 4000;
/** So many characters of a wrong answer are shown. */
const shownLength = 200;

function parseAnswer(line: string, broken: (what: string) => EnvironmentError): Record<string, unknown> {
  try {
    const parsed = parseJson(line);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (error.isTwice) throw broken(`a line of JSON that cannot be read (${error.message})`);
  }
  throw broken(`a line that is not a JSON object: ${line.slice(0, shownLength)}`);
}
