import t from 'tap';
import { main } from '../bench.js';
import { findIdleParts } from './find-idle-parts.js';

t.test('a part is idle where none of its contenders ran', async (t) => {
  const ran = { reason: null };
  const failed = { reason: 'not run: there is no such program' };
  t.strictSame(findIdleParts({ forward: [ran, failed], trainingMemory: [failed], judge: [], metrics: [{}] }), [
    'training-memory',
    'judge',
  ]);
  t.strictSame(findIdleParts({ forward: undefined }), []);
});

t.test('a bench of which nothing ran ends with 3 and says so', async (t) => {
  const { PATH } = process.env;
  t.teardown(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = t.testdir({});
  const stdout = t.capture(process.stdout, 'write');
  const stderr = t.capture(process.stderr, 'write');
  const code = await main(['--parts', 'ranks', '--rounds', '1']);
  const [printed, said] = [stdout, stderr].map((captured) =>
    captured()
      .map(({ args }) => String(args[0]))
      .join(''),
  );
  t.match(printed, /ort +not run: /);
  t.match(said, 'Cannot give figures of ranks: no contender ran; at least one is wanted. Fix: see why in its table\n');
  t.equal(code, 3);
});
