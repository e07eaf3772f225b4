import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { withNativeLock } from '../support/native-lock.js';
import { waitForNative } from './native-wait.js';
import type { PortAbout } from './port-about.js';

t.test('who waits for the native part of a port is told once each thing that is done to it', async (t) => {
  const folder = join(t.testdir({}), 'native');
  const state = { ready: false };
  const native = { folder: () => folder, isReady: () => state.ready };
  const about = { kind: 'named', native } as unknown as PortAbout;
  const written = t.capture(process.stderr, 'write', () => true);
  const prepare = async (say: (text: string) => void) => {
    const waiting = waitForNative('toy', about);
    for (const text of ['fetching', 'compiling']) {
      say(text);
      await sleep(1200);
    }
    state.ready = true;
    return waiting;
  };
  await withNativeLock(folder, prepare, () => t.fail('nobody else works on it'));
  t.strictSame(
    written.args().map(([text]) => text),
    ['waiting for toy: fetching\n', 'waiting for toy: compiling\n'],
  );
  state.ready = false;
  await t.rejects(waitForNative('toy', about), {
    message:
      /^Cannot run port toy on the .pu: its native part is not in .*native\. Fix: npx tipcheck prepare --port toy$/,
  });
});
