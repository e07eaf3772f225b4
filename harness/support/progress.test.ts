import t, { type Test } from 'tap';
import { eraseLive, out } from './console.js';
import { createProgress, openProgressBar } from './progress.js';
import { writtenBy } from './terminal-for-tests.js';

const erased = '\r\x1b[2K';

function begin(t: Test, columns: number | null = 80) {
  const clock = { ms: 0 };
  const bar = openProgressBar(() => clock.ms);
  const show = (what: string, done: number, total: number) =>
    writtenBy(t, columns, () => bar.show(what, done, total)).join('');
  return { bar, show, clock };
}

t.test('a bar tells how far the work is, its pace and the time that is left', async (t) => {
  const { show, clock } = begin(t);
  show('Training', 10, 40);
  clock.ms = 5000;
  t.equal(
    show('Training', 20, 40),
    `${erased}Training 20/40 [===============>              ] 0.50 s each, 00:00:10 left`,
  );
  clock.ms = 15_000;
  t.equal(
    show('Training', 40, 40),
    `${erased}Training 40/40 [==============================] 0.50 s each, 00:00:00 left`,
  );
});

t.test('another work has a pace of its own', async (t) => {
  const { show, clock } = begin(t);
  show('Training', 1, 40);
  clock.ms = 60_000;
  t.equal(show('Evaluating', 1, 8), `${erased}Evaluating 1/8 [===>                          ]`);
});

t.test('it is drawn ten times a second at most, and at the end in any case', async (t) => {
  const { bar, clock } = begin(t);
  const written = writtenBy(t, 80, () => {
    for (let done = 1; done <= 1000; done++) {
      clock.ms = done;
      bar.show('Training', done, 1000);
    }
  });
  t.equal(written.length, 11);
  t.match(written.at(-1), '1000/1000');
});

t.test('a line of the log takes the place of the bar, which is not left behind', async (t) => {
  const { bar } = begin(t);
  const written = writtenBy(t, 80, () => {
    bar.show('Training', 1, 2);
    out('[TRAIN] …');
    out('again');
    eraseLive();
  });
  t.strictSame(written.slice(1), [erased, 'out: [TRAIN] …\n', 'out: again\n'], 'nothing is erased twice');
});

t.test('where there is no terminal there is no bar', async (t) => {
  const { bar } = begin(t);
  const written = writtenBy(t, null, () => {
    bar.show('Training', 1, 2);
    out('line');
  });
  t.strictSame(written, ['out: line\n']);
});

t.test('a narrow terminal loses the bar, and no line is wider than it', async (t) => {
  for (const columns of [0, 5, 20, 40, 50, 200]) {
    const { show, clock } = begin(t, columns);
    for (const done of [1, 77, 160_000]) {
      clock.ms += 1_234_567;
      const drawn = show('Training', done, 160_000);
      t.ok(drawn.length - erased.length < (columns === 0 ? 80 : columns), drawn);
    }
  }
  eraseLive();
});

t.test('steps stay; what is under way is drawn over on a terminal, and rarely said elsewhere', async (t) => {
  const prepare = () => {
    const clock = { ms: 0 };
    const progress = createProgress(() => clock.ms);
    for (const ms of [5000, 11_000, 11_050, 20_000]) {
      clock.ms = ms;
      progress.update(`at ${ms}`);
    }
    progress.step('done');
  };
  const drawn = [`${erased}at 5000`, `${erased}at 11000`, `${erased}at 20000`];
  t.strictSame(writtenBy(t, 80, prepare), [...drawn, erased, 'done\n']);
  t.strictSame(writtenBy(t, null, prepare), ['at 11000\n', 'done\n']);
});
