import t from 'tap';
import { nearest, suggest } from './suggest.js';

t.test('a slip of a few letters is told, something else is not', async (t) => {
  t.equal(suggest('probe', ['probes', 'draws']), ' Did you mean probes?');
  t.equal(suggest('Draws', ['probes', 'draws']), ' Did you mean draws?');
  t.equal(suggest('optimizer', ['probes', 'draws']), '');
  t.equal(suggest('x', ['y']), '');
  t.equal(suggest('otr', ['ort', 'tfjs']), ' Did you mean ort?');
  t.equal(nearest('segnext-tt', []), null);
});
