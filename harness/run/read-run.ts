import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseResult } from '../result/parse-result.js';
import type { Result } from '../result/record/result.js';
import { cannot, UserError } from '../support/errors.js';
import { whyUnread } from '../support/explain-system.js';
import { readPlainText } from '../support/plain-file.js';
import { findContradictions } from './find-contradictions.js';

export interface StoredRun {
  /** Of its result.json. */
  readonly path: string;
  readonly text: string;
  readonly result: Result;
}

/**
 * A stored run: its folder, or its result.json.
 * @throws UserError for what is not a run
 */
export async function readRun(run: string): Promise<StoredRun> {
  const path = await resolveResult(run);
  const text = await readPlainText(path).catch((error: unknown) => {
    throw unreadable(run, whyUnread(error, path, 'it holds no result.json'));
  });
  return { path, text, result: parseResult(text, path) };
}

/**
 * A stored run that is to say something of another: one that contradicts itself is refused.
 * @param action what cannot be done with it: `merge`, `compare with`
 */
export async function readSoundRun(run: string, action: string): Promise<StoredRun> {
  const stored = await readRun(run);
  const [fault] = findContradictions(stored.result);
  if (fault === undefined) return stored;
  throw new UserError(
    `Cannot ${action} ${stored.path}: ${fault}; a run whose verdicts follow from its figures is wanted. Fix: npx tipcheck verify ${run}`,
  );
}

async function resolveResult(run: string): Promise<string> {
  try {
    return (await stat(run)).isDirectory() ? join(run, 'result.json') : run;
  } catch (error) {
    throw unreadable(run, whyUnread(error, run, 'there is no such run'));
  }
}

function unreadable(run: string, found: string): UserError {
  return cannot('read', `the run ${run}`, found, "a run's folder or a result.json is wanted");
}
