import t from 'tap';
import { escapeMarkup, markup, raw } from './markup.js';

t.test('values of a template are escaped, markup of templates is not', async (t) => {
  const name = '<a href="x">&\'</a>';
  t.equal(markup`<p>${name}</p>`.source, '<p>&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;</p>');
  t.equal(markup`<ul>${['a<', markup`<b>${1.5}</b>`, null]}</ul>${raw('<i>')}`.source, '<ul>a&lt;<b>1.5</b></ul><i>');
});

t.test('characters that XML cannot hold become U+FFFD; tabs, line ends and emoji stay', async (t) => {
  t.equal(escapeMarkup('a\u0000b\u001bc\uFFFEd\t\n\r😀'), 'a\uFFFDb\uFFFDc\uFFFDd\t\n\r😀');
  t.equal(escapeMarkup('\uD800x'), '\uFFFDx', 'a lone surrogate');
});
