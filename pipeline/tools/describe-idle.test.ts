import t from 'tap';
import { describeIdle } from './describe-idle.js';

t.test('what changes nothing is one line, and nothing where all counts', async (t) => {
  t.strictSame(describeIdle({ scales: [1], flip_vertical: undefined, with_argmax: true, for_fd: false }), [
    'Ignored by this command: --scales, --with_argmax',
  ]);
  t.strictSame(describeIdle({ scales: undefined }), []);
});
