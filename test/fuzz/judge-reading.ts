import { writeFileSync } from 'node:fs';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import type { FuzzTarget } from './fuzz-target.js';

/**
 * Seconds of the processor that a file of some KB may take. Those of the clock would count the machine's other work.
 */
const secondsAllowed = 5;

/** Whether it was read, or was refused in a sentence. Throws an Error that says what else happened. */
export async function judgeReading(target: FuzzTarget, path: string, bytes: Uint8Array): Promise<'read' | 'refused'> {
  writeFileSync(path, bytes);
  const before = process.cpuUsage();
  let thrown: unknown = null;
  try {
    await target.read(path, bytes);
  } catch (error) {
    thrown = error ?? new Error('nothing was thrown');
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (!(seconds <= secondsAllowed)) throw new Error(`it took ${seconds.toFixed(1)} s of the processor`);
  if (thrown === null) return 'read';
  if (!(thrown instanceof UserError || thrown instanceof EnvironmentError)) throw thrown;
  const fault = faultOfSentence(thrown.message);
  if (fault !== null) throw new Error(`its message ${fault}: ${JSON.stringify(thrown.message.slice(0, 500))}`);
  return 'refused';
}

/** Null for one sentence that can be shown to a user. */
export function faultOfSentence(message: string): string | null {
  if (!message.startsWith('Cannot ')) return 'does not begin with Cannot';
  if (/\n\s+at /.test(message)) return 'holds a stack trace';
  if (/defect of tipcheck/.test(message)) return 'speaks of a defect';
  if (/(Type|Range|Reference|Syntax)Error\b|is not a function|properties of (undefined|null)\b/.test(message))
    return "is the language's own";
  return message.length > maxLength ? `has ${message.length} characters` : null;
}

const maxLength = 20_000;
