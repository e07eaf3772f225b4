import t from 'tap';
import { applyChanges, quietly } from '../steps/changes.js';
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
