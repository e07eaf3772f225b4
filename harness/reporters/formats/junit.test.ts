import { SaxesParser } from 'saxes';
import t from 'tap';
import {
  errorCase,
  faultyCase,
  makeCase,
  makeMeasurement,
  makeResult,
  manyFaultsCase,
  missingCase,
  nastyName,
} from '../result-for-tests.js';
import { renderJunit } from './junit.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

/** Throws where the text is not well-formed. */
function parseXml(text: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [] };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(text).close();
  return root.children[0]!;
}

t.test('a suite per case, a test per probe, and the run itself at the end', async (t) => {
  const text = renderJunit(makeResult([makeCase(), faultyCase({ port: 'tfjs', id: 'tfjs/segnext-t' })]));
  const root = parseXml(text);
  t.match(root.attributes, { tests: '7', failures: '2', errors: '0', time: '94.512' });
  t.same(
    root.children.map(({ attributes }) => attributes.name),
    ['ort/segnext-t', 'tfjs/segnext-t', 'the run'],
  );
  t.match(root.children[0]!.attributes, { tests: '3', failures: '0', time: '2.457' });
  const [, faulty, inherits] = root.children[1]!.children;
  t.match(faulty?.attributes, { classname: 'tfjs.segnext-t', name: 'decode_head.align' });
  t.match(faulty?.children[0], {
    name: 'failure',
    attributes: { message: 'first fault; faulty: on its own, error is 412 × the noise; at most 4 × is wanted' },
  });
  t.match(inherits?.children[0], { name: 'skipped', attributes: { message: 'inherits from decode_head.align' } });
});

t.test('a green run has no failure, error or skip', async (t) => {
  t.notMatch(renderJunit(makeResult([makeCase()])), /<(failure|error|skipped)/);
});

t.test('a crash is an error, and what did not run is skipped while the run fails', async (t) => {
  const crashed = parseXml(renderJunit(makeResult([errorCase()])));
  t.match(crashed.children[0]?.children[0]?.children[0], {
    name: 'error',
    attributes: { message: 'Cannot run port ort: it was killed by SIGKILL' },
  });
  t.match(crashed.attributes, { failures: '0', errors: '2' });
  const skipped = parseXml(renderJunit(makeResult([errorCase({ verdict: 'not-run', reason: 'no GPU' })])));
  t.match(skipped.children[0]?.children[0]?.children[0], { name: 'skipped', attributes: { message: 'no GPU' } });
  t.match(skipped.attributes, { failures: '1', errors: '0' });
});

t.test(
  'a missing probe fails, one that is not informative is skipped, and a run that compared nothing is red',
  async (t) => {
    const missing = parseXml(renderJunit(makeResult([missingCase()]))).children[0]!;
    t.equal(
      missing.children[1]?.children[0]?.attributes.message,
      'first fault; missing: the port recorded no such probe',
    );
    const measurements = [makeMeasurement('a', { verdict: 'uninformative' })];
    const idle = parseXml(
      renderJunit(
        makeResult([makeCase({ verdict: 'fail', reason: 'no informative probe was compared', measurements })]),
      ),
    );
    t.match(idle.children[0]?.children[0]?.children[0], {
      name: 'failure',
      attributes: { message: 'no informative probe was compared' },
    });
    t.equal(idle.children[0]?.children[1]?.children[0]?.name, 'skipped');
    t.equal(parseXml(renderJunit(makeResult([], { verdict: 'fail' }))).attributes.failures, '1');
  },
);

/**
 * What the schemas of Ant, Jenkins and GitLab have in common: element, attributes that must be there, elements that may
 * be inside.
 */
const grammar: Readonly<Record<string, { readonly required: readonly string[]; readonly inside: readonly string[] }>> =
  {
    testsuites: { required: ['name', 'tests', 'failures', 'errors', 'time'], inside: ['testsuite'] },
    testsuite: {
      required: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp'],
      inside: ['testcase'],
    },
    testcase: { required: ['name', 'classname', 'time'], inside: ['failure', 'error', 'skipped'] },
    failure: { required: ['type', 'message'], inside: [] },
    error: { required: ['type', 'message'], inside: [] },
    skipped: { required: ['message'], inside: [] },
  };

t.test('it has the elements and attributes that CI systems read, and its counts are those of its tests', async (t) => {
  const notRun = errorCase({ verdict: 'not-run', reason: 'no GPU', id: 'c/x', port: 'c', bundle: 'x' });
  const cases = [makeCase(), faultyCase({ id: 'b/x', port: 'b', bundle: 'x' }), missingCase(), errorCase(), notRun];
  const root = parseXml(renderJunit(makeResult(cases)));
  const check = ({ name, attributes, children }: Element): void => {
    const { required, inside } = grammar[name]!;
    t.same(Object.keys(attributes).sort(), [...required].sort(), name);
    for (const child of children) {
      t.ok(inside.includes(child.name), `${child.name} in ${name}`);
      check(child);
    }
  };
  check(root);
  const count = (element: Element, name: string): number =>
    element.children.reduce((sum, child) => sum + (child.name === name ? 1 : 0) + count(child, name), 0);
  for (const element of [root, ...root.children]) {
    t.equal(Number(element.attributes.tests), count(element, 'testcase'));
    t.equal(Number(element.attributes.failures), count(element, 'failure'));
    t.equal(Number(element.attributes.errors), count(element, 'error'));
    t.match(element.attributes.time, /^\d+\.\d{3}$/);
  }
  for (const suite of root.children) {
    t.equal(Number(suite.attributes.skipped), count(suite, 'skipped'));
    t.match(suite.attributes.timestamp, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/, 'UTC, as the schemas want it');
  }
});

t.test('any name is well-formed XML', async (t) => {
  const measurements = [makeMeasurement(nastyName, { verdict: 'fail', reason: nastyName })];
  const root = parseXml(renderJunit(makeResult([makeCase({ port: nastyName, verdict: 'fail', measurements })])));
  t.match(root.children[0]?.children[0]?.attributes.name, '</script><b>&"\'`|# TODO \\ \uFFFD\uFFFD[31mred');
});

t.test('three independent faults are three failures, and each heir is skipped with the nearest of them', async (t) => {
  const [suite] = parseXml(renderJunit(makeResult([manyFaultsCase(3)]))).children;
  t.match(suite?.attributes, { tests: '7', failures: '3', skipped: '3' });
  t.strictSame(
    suite?.children.map(({ attributes: { name }, children: [outcome] }) => [
      name,
      outcome?.name,
      /inherits from .*/.exec(outcome?.attributes.message ?? '')?.[0],
    ]),
    [
      ['start', undefined, undefined],
      ['fault0', 'failure', undefined],
      ['heir0', 'skipped', 'inherits from fault0'],
      ['fault1', 'failure', undefined],
      ['heir1', 'skipped', 'inherits from fault1'],
      ['fault2', 'failure', undefined],
      ['heir2', 'skipped', 'inherits from fault2'],
    ],
  );
});

t.test('what fails without a fault before it, or in the graph without probes alone, is a failure', async (t) => {
  const drift = makeMeasurement('late', { verdict: 'fail', noiseRatio: 5, reason: 'error is 5.0 × the noise' });
  const shipped = makeMeasurement('logits', { verdict: 'fail', reason: 'in the graph without probes, error is 9 ×' });
  const rounding = makeCase({
    verdict: 'fail',
    firstFault: 'late',
    firstFaultBy: 'accumulated',
    measurements: [drift],
  });
  t.match(parseXml(renderJunit(makeResult([rounding]))).children[0]?.attributes, { failures: '1', skipped: '0' });
  const measurements = [...manyFaultsCase(1).measurements, shipped];
  const observed = manyFaultsCase(1, { measurements });
  t.match(parseXml(renderJunit(makeResult([observed]))).children[0]?.attributes, { failures: '2', skipped: '1' });
});
