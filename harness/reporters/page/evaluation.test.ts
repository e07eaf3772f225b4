import t from 'tap';
import { parseResult } from '../../result/parse-result.js';
import { renderHtml } from '../formats/html.js';
import { renderJson } from '../formats/json.js';
import { evaluatedCase, makeResult, nastyName } from '../result-for-tests.js';

t.test('an evaluation shows each mode beside the golden, the classes, the confusion and the pictures', async (t) => {
  const page = renderHtml(makeResult([evaluatedCase()]));
  for (const part of [
    'mIoU, in percent',
    'IoU of each class, single',
    'What is taken for what',
    'Click one to enlarge',
  ])
    t.match(page, part);
  t.match(page, '1 of 2 classes are present');
  t.match(page, /<td class="n">61\.23<td class="n"><span class="pass">61\.23/);
  t.match(page, '<title>road taken for sky: 10.00 % (10 pixels)</title>');
  t.match(page, /<span class="swatch" style="background:#800000"><\/span>road/);
  t.match(page, /background:#008000"><\/span>sky/, 'what is nowhere a label is a prediction');
  t.match(page, '</span>ignored');
  t.equal(page.match(/<img src="data:image\/png;base64,/g)?.length, 5);
});

t.test('what fails is said in place, with what changed for no reason', async (t) => {
  const page = renderHtml(makeResult([evaluatedCase({ verdict: 'fail' }, { verdict: 'fail', unexplained: 3 })]));
  t.match(page, '3 of them for no reason');
  t.match(page, '<td class="n bad">3');
});

t.test('names from outside are escaped', async (t) => {
  const found = evaluatedCase();
  const { evaluation } = found;
  const page = renderHtml(
    makeResult([{ ...found, evaluation: { ...evaluation!, classNames: [nastyName, nastyName] } }]),
  );
  t.notMatch(page, '<b>&"');
  t.notMatch(page, '</script><b>');
});

t.test('a stored evaluation is read again as it was', async (t) => {
  const result = makeResult([evaluatedCase()]);
  t.same(parseResult(renderJson(result)), JSON.parse(JSON.stringify(result)));
});
