import t from 'tap';
import { parseTrainLog } from './parse-train-log.js';

const paddle = `
------------Environment Information-------------
2023-05-10 15:04:02 [INFO]\t[TRAIN] epoch: 1, iter: 100/160000, loss: 1.7304, lr: 0.000041, batch_cost: 0.4433, reader_cost: 0.00021, ips: 9.0230 samples/sec | ETA 19:41:15
2023-05-10 15:04:02 [INFO]\t[TRAIN] epoch: 1, iter: 200/160000, loss: 0.9, lr: 8e-05, batch_cost: 0.4433, reader_cost: 0.00021, ips: 9.0230 samples/sec | ETA 19:41:15
2023-05-10 15:06:02 [INFO]\tStart evaluating (total_samples: 500, total_iters: 500)...
2023-05-10 15:06:02 [INFO]\t[EVAL] #Images: 500 mIoU: 0.6123 Acc: 0.9300 Kappa: 0.9095 Dice: 0.7385
2023-05-10 15:06:02 [INFO]\t[EVAL] Class IoU: 
[0.97 0.81]
2023-05-10 15:06:03 [INFO]\t[EVAL] The model with the best validation mIoU (0.6123) was saved at iter 200.
`;

t.test('loss, learning rate and mIoU are read by iteration', async (t) => {
  t.strictSame(parseTrainLog(paddle, 'train.log'), {
    iterations: 160_000,
    weights: null,
    loss: [
      [100, 1.7304],
      [200, 0.9],
    ],
    lr: [
      [100, 0.000041],
      [200, 0.00008],
    ],
    mIoU: [[200, 0.6123]],
  });
});

t.test('the present prefix, the older form of figures and Windows line ends are read', async (t) => {
  const text =
    '[2026/11/23 03:00:00] INFO: [TRAIN] epoch: 3, iter: 7/9, loss: 0.5000, lr: 0.010000, batch_cost: 1 | ETA 00:00:01\r\n[EVAL] #Images=500 mIoU=0.7500 Acc=0.9\r\n';
  t.strictSame(parseTrainLog(text, 'x'), {
    iterations: 9,
    weights: null,
    loss: [[7, 0.5]],
    lr: [[7, 0.01]],
    mIoU: [[7, 0.75]],
  });
});

t.test('an evaluation between two lines is placed where the log says that it was saved', async (t) => {
  const text = [
    line(100, 1),
    '[EVAL] #Images: 5 mIoU: 0.5 Acc: 1',
    '[EVAL] The model with the best validation mIoU (0.5000) was saved at iter 150.',
    line(200, 1),
    '[EVAL] #Images: 5 mIoU: 0.4 Acc: 1',
    '[EVAL] The model with the best validation mIoU (0.5000) was saved at iter 150.',
  ].join('\n');
  t.strictSame(parseTrainLog(text, 'x').mIoU, [
    [150, 0.5],
    [200, 0.4],
  ]);
});

t.test('what a resumed training did again replaces what was done first', async (t) => {
  const text = [
    ...[10, 20, 30, 40].map((iteration) => line(iteration, 1)),
    '[EVAL] #Images: 5 mIoU: 0.5 Acc: 1',
    ...[30, 40, 50].map((iteration) => line(iteration, 2)),
    '[EVAL] #Images: 5 mIoU: 0.6 Acc: 1',
  ].join('\n');
  const { loss, mIoU } = parseTrainLog(text, 'x');
  t.strictSame(loss, [
    [10, 1],
    [20, 1],
    [30, 2],
    [40, 2],
    [50, 2],
  ]);
  t.strictSame(mIoU, [[50, 0.6]]);
});

t.test('where the weights came from is read, of the first run where a log has several', async (t) => {
  const text = [
    '[2026/11/27 19:00:00] INFO: Weights: all 519 tensors from initialisation; m.zip was not loaded, as --pretrained none says\r',
    line(1, 1),
    '[2026/11/27 19:00:09] INFO: Weights: all 519 tensors from output/iter_1',
    line(2, 1),
  ].join('\n');
  t.equal(
    parseTrainLog(text, 'x').weights,
    'all 519 tensors from initialisation; m.zip was not loaded, as --pretrained none says',
  );
});

t.test('a loss that is not a number stays one', async (t) => {
  const { loss } = parseTrainLog([line(10, 'nan'), line(20, 'inf'), line(30, '1e-05')].join('\n'), 'x');
  t.strictSame(loss, [
    [10, Number.NaN],
    [20, Number.POSITIVE_INFINITY],
    [30, 0.00001],
  ]);
});

t.test('what is not a log, or has a figure that is none, is a sentence', async (t) => {
  t.throws(() => parseTrainLog('hello\nworld', 'a.log'), {
    name: 'UserError',
    message:
      'Cannot read the log a.log: none of its lines is one of [TRAIN] or [EVAL] with its figures; a train.log of PaddleSeg or of tipcheck is wanted',
  });
  t.throws(() => parseTrainLog(`${line(1, 1)}\n${line(2, 'x1')}`, 'a.log'), {
    message: 'Cannot read a.log:2: loss is x1; a number is wanted',
  });
});

function line(iteration: number, loss: number | string): string {
  return `[TRAIN] epoch: 1, iter: ${iteration}/100, loss: ${loss}, lr: 0.1, batch_cost: 0.4 | ETA 0`;
}
