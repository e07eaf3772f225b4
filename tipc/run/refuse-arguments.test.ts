import t from 'tap';
import { replaceSteps } from '../explain/replace-steps.js';
import { planTipc } from '../plan/plan-tipc.js';
import { parseTipcText } from '../plan/read-tipc-file.js';
import { tipcTextForTests } from '../text/text-for-tests.js';

const mode = 'lite_train_lite_infer';
/** What stands in for the first row's steps, or why nothing does. */
function explain(changes: Readonly<Record<string, string>>, ofFile = true) {
  const file = parseTipcText(tipcTextForTests({ ...changes, gpu_list: '0' }), 'f.txt');
  return replaceSteps(planTipc(file, mode), 'ort', ofFile ? file : null).map(
    ({ command, reason }) => command ?? reason,
  );
}

t.test('a script does what it is for, and stands in no row of another kind', async (t) => {
  const rows = [
    { change: { eval: 'tools/export.py --config y.yml' }, at: 1, line: 24, kind: 'eval', wanted: 'tools/val.py' },
    { change: { 'export.norm_export': 'tools/val.py' }, at: 1, line: 30, kind: 'export', wanted: 'tools/export.py' },
    { change: { norm_train: 'tools/val.py' }, at: 0, line: 16, kind: 'train', wanted: 'tools/train.py' },
    {
      ...{ change: { inference: 'tools/train.py' }, at: 2, line: 40, kind: 'infer' },
      wanted: 'deploy/python/infer.py or deploy/python/infer_onnx.py',
    },
  ];
  for (const { change, at, line, kind, wanted } of rows) {
    const [value = ''] = Object.values<string>(change);
    const said = `${value.split(' ')[0]} is for no step of the kind ${kind}; ${wanted} is wanted`;
    t.equal(explain({ '--device': 'null', ...change })[at], `f.txt:${line}: ${said}`);
    t.equal(explain({ '--device': 'null', ...change }, false)[at], said, 'without the file');
  }
});

t.test('of a script that is not known nothing stands in', async (t) => {
  for (const script of ['constructor', 'train.py'])
    t.equal(explain({ norm_train: script })[0], `nothing stands in for ${script}`);
});
