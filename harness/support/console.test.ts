import t from 'tap';
import { deviation, drawLive, eraseLive, note, out, outLines, tell, tellLines } from './console.js';
import { writtenBy } from './terminal-for-tests.js';

t.test('answers go to standard output, what is said beside them to standard error', async (t) => {
  const written = writtenBy(t, null, () => {
    out('answer');
    tell('sentence');
    note('it is so');
    deviation('other rows');
  });
  t.strictSame(written, ['out: answer\n', 'sentence\n', 'note: it is so\n', 'deviation: other rows\n']);
});

t.test('a line stays one line, and text of lines ends with one line end', async (t) => {
  const written = writtenBy(t, null, () => {
    out('a\nb\u001b[2J');
    tell('::error::c');
    outLines('\u001b[32mpass\u001b[39m\n::error::d');
    tellLines('e\n');
  });
  t.strictSame(written, [
    'out: a\\nb\\u001b[2J\n',
    '\\u003a:error::c\n',
    'out: \u001b[32mpass\u001b[39m\n\\u003a:error::d\n',
    'e\n',
  ]);
});

t.test('the live line is gone before anything else is written, and is erased once', async (t) => {
  const written = writtenBy(t, 10, () => {
    drawLive('half of it is done\n');
    out('answer');
    tell('sentence');
    drawLive('all');
    eraseLive();
    eraseLive();
  });
  const erased = '\r\u001b[2K';
  t.strictSame(written, [`${erased}half of i`, erased, 'out: answer\n', 'sentence\n', `${erased}all`, erased]);
});

t.test('where there is no terminal there is no live line', async (t) => {
  const written = writtenBy(t, null, () => {
    drawLive('half');
    eraseLive();
  });
  t.strictSame(written, []);
});
