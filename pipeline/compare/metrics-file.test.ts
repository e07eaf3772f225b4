import t from 'tap';
import { parseTipcMetrics, renderTipcMetrics, slotOf } from './metrics-file.js';

t.test('lines of TIPC are read, class metrics as lists of numbers', async (t) => {
  const text = '#Images: 50\r\nmIoU: 0.8725\nAcc:0.94\nClass IoU: [0.92665219 0.81841007]\nClass Acc: [0.9, 0.8]\n';
  const { values } = parseTipcMetrics(text, 'a.txt');
  t.strictSame(
    [...values],
    [
      ['#Images', 50],
      ['mIoU', 0.8725],
      ['Acc', 0.94],
      ['Class IoU', [0.92665219, 0.81841007]],
      ['Class Acc', [0.9, 0.8]],
    ],
  );
  t.strictSame(parseTipcMetrics(renderTipcMetrics(values), 'a.txt').values, values, 'what is written is read again');
});

t.test('a list that NumPy breaks into lines is one value', async (t) => {
  t.strictSame(
    [...parseTipcMetrics('Class IoU: [0.1 0.2\n 0.3]\nAcc: 1', 'a.txt').values],
    [
      ['Class IoU', [0.1, 0.2, 0.3]],
      ['Acc', 1],
    ],
  );
});

t.test('what no one can compare is refused with its line', async (t) => {
  for (const [text, message] of [
    ['', 'a.txt: it has no line; name:value lines are wanted'],
    ['mIoU 0.8', 'a.txt, line 1: it is "mIoU 0.8"; name:value is wanted'],
    ['Acc: 1\nmIoU: 0.8: 0.9', 'a.txt, line 2: it is "mIoU: 0.8: 0.9"; name:value is wanted'],
    ['mIoU: 0.8\nmIoU: 0.9', 'a.txt, line 2: mIoU is there twice; each metric once is wanted'],
    ['mIoU: nan', 'a.txt, line 1: mIoU is nan; finite numbers are wanted'],
    ['mIoU:', 'a.txt, line 1: mIoU is ; finite numbers are wanted'],
    ['mIoU: [0.8]', 'a.txt, line 1: mIoU is [0.8]; one number is wanted'],
    ['Class IoU: 0.8', 'a.txt, line 1: Class IoU is 0.8; a list in brackets is wanted'],
  ] as const)
    t.throws(() => parseTipcMetrics(text, 'a.txt'), {
      name: 'UserError',
      message: `Cannot read the metrics ${message}`,
    });
});

t.test('a name says its precision', async (t) => {
  t.equal(slotOf('python_infer_cpu_precision_fp32_batchsize_1_results'), 'fp32');
  t.equal(slotOf('python_x_results_fp16.txt'), 'fp16');
  t.equal(slotOf('int8'), 'int8');
  t.equal(slotOf('results'), null);
});
