import t from 'tap';
import { applyChanges, type Change, quietly } from '../steps/changes.js';
import { readRequest } from '../text/request.js';
import { renderForTipcheck } from './tipcheck/render-for-tipcheck.js';

const asked = readRequest('tools/train.py', [
  '--conf=a.yml',
  '--dev',
  'gpu',
  '--save_int=5',
  '--opts=a=1',
  '--device=gpu',
]);

t.test("PaddleSeg is given TIPC's words, and what changes in its place", async (t) => {
  const words = (to: Parameters<typeof quietly>[0]) => applyChanges(asked, quietly(to)).words.join(' ');
  t.equal(words({}), '--conf=a.yml --dev gpu --save_int=5 --opts=a=1 --device=gpu');
  t.equal(words({ '--device': 'cpu' }), '--conf=a.yml --device cpu --save_int=5 --opts=a=1', 'one that is given twice');
  t.equal(words({ '--config': 'b.yml', '--device': null }), '--config b.yml --save_int=5 --opts=a=1');
  t.equal(words({ '--iters': '3', '--seed': null }), `${words({})} --iters 3`);
});

t.test('tipcheck is given whole names, what changes last, and after it what TIPC has no option for', async (t) => {
  const changes = quietly({ '--device': null, '--config': 'b.yml', '--iters': '3' });
  const { args, request } = renderForTipcheck(['train'], asked, changes, ['--port', 'ort']);
  t.equal(args.join(' '), 'train --save_interval=5 --opts=a=1 --config b.yml --iters 3 --port ort');
  t.strictSame([request.value('--config'), request.value('--iters'), request.value('--device')], ['b.yml', '3', null]);
});

t.test('of an option that stands twice tipcheck is given the last, as argparse reads it', (t) => {
  const words = (script: string, ...given: readonly string[]) =>
    renderForTipcheck(['x'], readRequest(script, given), [], []).args.slice(1).join(' ');
  t.equal(words('tools/val.py', ...opts('a=1', 'b=2'), '--conf', 'y.yml', ...opts('c=3')), '--config y.yml --opts c=3');
  t.equal(
    words('tools/val.py', '--scales', '1', '2', '--flip_h', '--flip_h', '--scales=0.5'),
    '--flip_horizontal --scales=0.5',
  );
  t.equal(
    words('tools/val.py', '--stride', '9', '9', '--crop_size', '1', '2', '--crop', '3', '4'),
    '--stride 9 9 --crop_size 3 4',
  );
  t.equal(
    words('tools/export.py', '--input_shape', '1', '3', '9', '9', '--input', '1', '3', '8', '8'),
    '--input_shape 1 3 8 8',
  );
  t.end();
});

t.test('of a script that is not known a change leaves the words behind a value where they are', (t) => {
  const words = (given: string, changes: readonly Change[]) =>
    applyChanges(readRequest('my_train.py', given.split(' ')), changes).words.join(' ');
  const five = quietly({ '--iters': '5' });
  t.equal(words('--iters 20 -c y.yml', five), '--iters 5 -c y.yml');
  t.equal(words('--iters 20 y.yml -1', five), '--iters 5 y.yml -1');
  t.equal(words('--iters=20 y.yml', five), '--iters 5 y.yml');
  t.equal(words('-c y.yml --iters 20 a --iters 30 b', five), '-c y.yml --iters 5 a b');
  t.equal(words('-c y.yml', five), '-c y.yml --iters 5');
  const shape = { option: '--input_shape', to: ['1', '3', '8', '8'] };
  t.equal(words('--input_shape 1 3 -1 -1 -v', [shape]), '--input_shape 1 3 8 8 -v');
  t.end();
});

const opts = (...values: readonly string[]) => ['--opts', ...values];
