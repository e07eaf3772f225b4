import t from 'tap';
import { openProgressBar } from './progress-bar.js';

function begin({ isTTY = true, columns = 80 } = {}) {
  const written: string[] = [];
  const logged: string[] = [];
  const clock = { ms: 0 };
  const terminal = { isTTY, columns, write: (text: string) => written.push(text) };
  const bar = openProgressBar(
    terminal,
    (text) => logged.push(text),
    () => clock.ms,
  );
  return { bar, written, logged, clock };
}

t.test('a bar tells how far the work is, its pace and the time that is left', async (t) => {
  const { bar, written, clock } = begin();
  bar.show('Training', 10, 40);
  clock.ms = 5000;
  bar.show('Training', 20, 40);
  t.equal(written.at(-1), '\r\x1b[2KTraining 20/40 [===============>              ] 0.50 s each, 00:00:10 left');
  clock.ms = 15_000;
  bar.show('Training', 40, 40);
  t.equal(written.at(-1), '\r\x1b[2KTraining 40/40 [==============================] 0.50 s each, 00:00:00 left');
});

t.test('another work has a pace of its own', async (t) => {
  const { bar, written, clock } = begin();
  bar.show('Training', 1, 40);
  clock.ms = 60_000;
  bar.show('Evaluating', 1, 8);
  t.equal(written.at(-1), '\r\x1b[2KEvaluating 1/8 [===>                          ]');
});

t.test('it is drawn ten times a second at most, and at the end in any case', async (t) => {
  const { bar, written, clock } = begin();
  for (let done = 1; done <= 1000; done++) {
    clock.ms = done;
    bar.show('Training', done, 1000);
  }
  t.equal(written.length, 11);
  t.match(written.at(-1), '1000/1000');
});

t.test('a line of the log takes the place of the bar, which is not left behind', async (t) => {
  const { bar, written, logged } = begin();
  bar.show('Training', 1, 2);
  bar.log('[TRAIN] …');
  t.equal(written.at(-1), '\r\x1b[2K');
  t.strictSame(logged, ['[TRAIN] …\n']);
  bar.log('again');
  bar.clear();
  t.equal(written.length, 2, 'nothing is erased twice');
});

t.test('where there is no terminal there is no bar', async (t) => {
  const { bar, written, logged } = begin({ isTTY: false });
  bar.show('Training', 1, 2);
  bar.log('line');
  bar.clear();
  t.strictSame(written, []);
  t.strictSame(logged, ['line\n']);
});

t.test('a narrow terminal loses the bar, and no line is wider than it', async (t) => {
  for (const columns of [0, 5, 20, 40, 50, 200]) {
    const { bar, written, clock } = begin({ columns });
    for (const done of [1, 77, 160_000]) {
      clock.ms += 1_234_567;
      bar.show('Training', done, 160_000);
      t.ok(written.at(-1)!.length - '\r\x1b[2K'.length < (columns === 0 ? 80 : columns), written.at(-1) ?? '');
    }
  }
});
