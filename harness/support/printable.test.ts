import t from 'tap';
import { printable, printableLines } from './printable.js';

t.test('what is shown as it is stays: letters of all scripts, emoji that are joined, backslashes', async (t) => {
  for (const text of ['plain', 'Ünïcode 名前 ہے', '👩‍👩‍👧', 'C:\\x', 'a: b:: c', '# [x]', 'می‌خواهم', ''])
    t.equal(printable(text), text);
});

t.test('line ends, escape sequences and marks of direction are escaped, never left out', async (t) => {
  t.equal(printable('\u001b]0;x\u0007\n::error title=x::'), '\\u001b]0;x\\u0007\\n::error title=x::');
  t.equal(printable('a\r\n\tb\u0000\u0085\u2028c\u202ed\ufeff'), 'a\\r\\n\\tb\\u0000\\u0085\\u2028c\\u202ed\\ufeff');
  t.equal(printable('\ud800x'), '\\ud800x');
});

t.test('no text is a workflow command', async (t) => {
  for (const text of ['::error::x', '  ::add-mask::x', '\t::stop-commands::x', 'x ##[error]y', '##[add-mask]x'])
    t.notMatch(printable(text), /^\s*::|##\[/, text);
  t.equal(printable('::error::x'), '\\u003a:error::x');
  t.equal(printable('##[group]x'), '#\\u0023[group]x');
});

t.test('a text of lines keeps its lines and colours, and commands nothing either', async (t) => {
  t.equal(printableLines('\u001b[32mpass\u001b[39m\n  x'), '\u001b[32mpass\u001b[39m\n  x');
  t.equal(printableLines('a\n::error::b\n c\u001b[2Jd\u0007'), 'a\n\\u003a:error::b\n c\\u001b[2Jd\\u0007');
});

t.test('what is above U+FFFF is escaped as JSON has it, and JSON that goes through stays what it is', async (t) => {
  t.equal(printable('a\u{e0041}b'), 'a\\udb40\\udc41b');
  const value = { 'a\u{e0041}': ['##[b]\u202e', '\u007f::c', '\u001b[31m\ud800', '\u{1f469}\u{110bd}'] };
  t.strictSame(JSON.parse(printableLines(JSON.stringify(value, null, 2))), value);
});
