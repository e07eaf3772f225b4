import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { EnvironmentError } from '../../harness/support/errors.js';
import { JsonError, parseJson } from '../../harness/support/parse-json.js';

/** A program that answers each JSON line on its stdin with one on its stdout. The last lines of its stderr stand in each error. */
export interface Conversation {
  /** Sends one object and waits for the answer. Rejects with an EnvironmentError on `ok: false`, no JSON, or its end. */
  ask(question: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** An error that says what the program did wrong. */
  broken(what: string): EnvironmentError;
  /** Asks the program to end, and ends it after five seconds. */
  end(): Promise<void>;
}

export function startConversation(command: string): Conversation {
  const subprocess = execa(command, {
    shell: true,
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    cleanup: true,
  });
  const lines = createInterface({ input: subprocess.stdout })[Symbol.asyncIterator]();
  let tail = '';
  subprocess.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-tailLength);
  });
  const broken = (what: string) =>
    new EnvironmentError(`Cannot run port exec:${command}: it ${what}${describeStderr(tail)}`);
  const write = (question: object) =>
    new Promise<void>((resolve, reject) => {
      subprocess.stdin.write(`${JSON.stringify(question)}\n`, (error) => (error ? reject(error) : resolve()));
    });

  const ask: Conversation['ask'] = async (question) => {
    await write(question).catch(() => undefined);
    const line = await lines.next();
    if (line.done === true) {
      const { signal, exitCode } = await subprocess;
      throw broken(`ended at ${String(question.op)} with ${signal ?? `exit code ${exitCode ?? 'unknown'}`}`);
    }
    const answer = parseAnswer(line.value, (what) => broken(`answered ${String(question.op)} with ${what}`));
    if (answer.ok !== true)
      throw broken(`failed at ${String(question.op)}: ${String(answer.error ?? 'it gave no error')}`);
    return answer;
  };

  return {
    ask,
    broken,
    async end() {
      const timer = setTimeout(() => subprocess.kill('SIGKILL'), 5000);
      await write({ op: 'close' }).catch(() => undefined);
      subprocess.stdin.end();
      subprocess.stdout.resume();
      await subprocess;
      clearTimeout(timer);
    },
  };
}

/** So many characters of what the program wrote last on stderr are kept. */
const tailLength = 4000;

function describeStderr(tail: string): string {
  const lines = tail.trim().split('\n').slice(-8).join('\n');
  return lines === '' ? '' : `; its last lines on stderr were:\n${lines}`;
}

function parseAnswer(line: string, broken: (what: string) => EnvironmentError): Record<string, unknown> {
  try {
    const parsed = parseJson(line);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (error.isTwice) throw broken(`a line of JSON that cannot be read (${error.message})`);
  }
  throw broken(`a line that is no JSON object: ${line.slice(0, 200)}`);
}
