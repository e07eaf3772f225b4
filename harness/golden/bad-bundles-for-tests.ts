import { join } from 'node:path';
import t from 'tap';
import { UserError } from '../support/errors.js';
import { readBundle } from './read-bundle.js';
import type { BundleDraft, writeTestBundle } from './test-bundle.js';

/** A bundle that is refused, in one sentence. */
export interface BadBundle {
  readonly what: string;
  readonly change?: (draft: BundleDraft) => void;
  /** After the bundle was written with right hashes. */
  readonly spoil?: (folder: string) => Promise<void>;
  readonly train?: true;
  readonly error: RegExp;
}

/** A test for each: the sentence names file and field. */
export function testRefusals(write: typeof writeTestBundle, bad: readonly BadBundle[]): void {
  for (const { what, change, spoil, train, error } of bad) {
    t.test(`${what}: one sentence with file and field`, async (t) => {
      const folder = join(t.testdir(), 'bundle');
      await write(folder, change, train ? 'train' : 'infer');
      await spoil?.(folder);
      const thrown = await readBundle(folder).then(
        () => null,
        (reason: unknown) => reason,
      );
      t.type(thrown, UserError);
      if (!(thrown instanceof UserError)) return;
      t.match(thrown.message, error);
      t.ok(thrown.message.startsWith(`Cannot read bundle ${folder}`), thrown.message);
      t.notMatch(thrown.message, /\n/);
    });
  }
}

export function probeOf(draft: BundleDraft, at: number) {
  const probe = draft.json.probes?.[at];
  if (probe === undefined) throw new Error(`the draft has no probe ${at}`);
  return probe;
}
