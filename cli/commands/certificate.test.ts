import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { findChromium, openBrowser } from '../../harness/reporters/page/browser-for-tests.js';
import { faultyCase, makeCase, makeResult, nastyName } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Certificate } from '../../harness/result/certificate.js';
import type { Result } from '../../harness/result/record/result.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { packageSchema } from '../../harness/support/schema.js';
import { enterFolder, storeRun } from '../../tipc/stored/stored-run-for-tests.js';
import { endRunner } from '../run-command-for-tests.js';
import { register } from './certificate.js';

const run = endRunner(register, 'certificate');
const tipcheckVersion = packageVersion;

t.test('stored runs become a table, as a page, as Markdown and as data', async (t) => {
  const { folder, out } = await store(t, {
    old: makeResult([faultyCase()], { runId: 'old', startedAt: '2026-01-01T00:00:00.000Z', tipcheckVersion }),
    now: makeResult([makeCase(), faultyCase({ port: 'tfjs' })], { runId: 'now', tipcheckVersion }),
  });
  const { output } = await run(t, [folder, '--out', out]);
  t.match(output, /certificate\.html\n.*certificate\.md\n.*certificate\.json\n1 fail, 1 pass, of 2 stored runs\n$/);
  const { certificate, markdown, page } = readWritten(t, out);
  t.match(certificate.cells, [
    { port: 'ort', verdict: 'pass', older: [{ runId: 'old' }] },
    { port: 'tfjs', verdict: 'fail' },
  ]);
  t.match(page, '<a href="../now/report.html">now</a>');
  t.match(page, /<a class="tag pass" href="#cell-1">pass<\/a>/);
  t.match(page, 'id="cell-1"');
  t.match(
    markdown,
    '| SegNeXt MSCAN\\_T | [pass](../now/report.html) 2026-11-22 | [fail](../now/report.html) 2026-11-22 |',
  );
  t.match(markdown, 'older runs: old (fail)');
});

t.test('a folder of any name is a link to it, and no script', async (t) => {
  for (const [name, link] of [
    ['javascript:alert(1)', './javascript:alert%281%29'],
    ['a#b', './a%23b'],
    ['a?b c', './a%3Fb%20c'],
    ['50%', './50%25'],
  ] as const) {
    const { folder } = await store(t, { [name]: makeResult([makeCase()], { tipcheckVersion }) });
    await run(t, [folder, '--out', folder]);
    const { markdown, page } = readWritten(t, folder);
    t.match(page, `<a href="${link}/report.html">`);
    t.match(markdown, `(${link}/report.html)`);
  }
});

// One bad run of many took the whole table with it, so that nothing could be said of the others.
t.test('a run with a fault is named, and is in no cell; the rest is a table, and the exit code is 2', async (t) => {
  const good = makeResult([makeCase()], { runId: 'good', tipcheckVersion });
  // What it says of itself is the newest pass of its place.
  const bad = { ...good, runId: 'bad', startedAt: '2026-12-01T00:00:00.000Z', verdict: 'fail' } as const;
  const { folder, out } = await store(t, { bad, cut: good, good });
  writeFileSync(join(folder, 'cut', 'result.json'), '{"runId": ');
  writeFileSync(join(folder, 'bad', 'report.md'), 'All is well.');
  const { output, said, code } = await certify(t, [folder, '--out', out]);
  t.equal(code, 2);
  t.match(output, /\n1 pass, of 1 stored run; 2 runs refused\n$/);
  t.match(
    said,
    /^Cannot read the result .*cut\/result\.json: it is not JSON.*\nCannot certify .*bad\/result\.json: the verdict is fail; of its cases it is pass, and 1 other fault; a run that is what it says is wanted\. Fix: .*tipcheck verify .*bad\/result\.json\n$/,
  );
  const { certificate, markdown, page } = readWritten(t, out);
  t.match(certificate.cells, [{ runId: 'good', verdict: 'pass', older: { length: 0 } }]);
  t.match(certificate.runs, [{ runId: 'good' }]);
  t.match(certificate.refused, [
    { runId: null, href: '../cut', fault: /it is not JSON/, otherFaults: 0 },
    { runId: 'bad', href: '../bad/result.json', fault: 'the verdict is fail; of its cases it is pass', otherFaults: 1 },
  ]);
  t.match(markdown, '1 pass, of 1 stored run; 2 runs refused; made');
  t.match(
    markdown,
    /\n## Refused\n\nThese runs are in no cell, .*\n\n- .*\n- \[bad\]\(\.\.\/bad\/result\.json\): the verdict is fail; /,
  );
  t.match(page, '1 pass · of 1 stored run; 2 runs refused · made');
  t.match(
    page,
    '<a href="../bad/result.json">bad</a>: the verdict is fail; of its cases it is pass, and 1 other fault',
  );
});

t.test('a run that names what cannot be a file, or a day that there is none of, stops nothing', async (t) => {
  const place = enterFolder(t);
  await storeRun({ runId: 'good' });
  for (const [runId, change] of [
    ['20260101-000000-1', (result: Result) => ({ ...result, startedAt: '9999-99-99T99:99:99Z' })],
    [
      'long',
      (result: Result) => ({
        ...result,
        tipc: { ...result.tipc!, steps: result.tipc!.steps.map((step) => ({ ...step, record: 'x'.repeat(5000) })) },
      }),
    ],
    ['large', (result: Result) => result],
  ] as const) {
    const folder = await storeRun({ runId });
    const stored: Result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
    writeFileSync(join(folder, 'result.json'), JSON.stringify(change(stored)));
  }
  truncateSync('reports/large/report.html', 2 ** 28 + 1);
  const { output, code } = await certify(t, ['reports', '--out', join(place, 'out')]);
  t.equal(code, 2);
  t.match(output, /\n1 pass, of 1 stored run; 3 runs refused\n$/);
  const { certificate } = readWritten(t, join(place, 'out'));
  t.match(certificate.cells, [{ runId: 'good' }]);
  t.match(certificate.refused.map(({ fault }) => fault).sort(), [
    /^Cannot read the file .*report\.html: it has 268435457 bytes/,
    /^Cannot read the result .*: it has the date 9999-99-99T99:99:99Z/,
    /./,
  ]);
});

t.test('where every run is refused no certificate is written', async (t) => {
  const good = makeResult([makeCase()], { tipcheckVersion });
  const { folder, out } = await store(t, { good });
  writeFileSync(join(folder, 'good', 'report.md'), 'All is well.');
  const said = t.capture(process.stderr, 'write', () => true);
  await t.rejects(run(t, [folder, '--out', out]), {
    name: 'UserError',
    message: 'Cannot write a certificate: 1 of 1 run refused; a run that is what it says is wanted',
  });
  t.match(said.args().join(''), /^Cannot certify .*good\/result\.json: report\.md is not what result\.json gives; /);
  t.notOk(existsSync(out));
});

t.test('two results of one run are one, unless they differ: then neither is believed', async (t) => {
  const good = makeResult([makeCase()], { tipcheckVersion });
  const { folder, out } = await store(t, { a: good, b: good, c: makeResult([faultyCase()], { tipcheckVersion }) });
  t.match(await run(t, [join(folder, 'a'), join(folder, 'b'), '--out', out]), { output: /1 pass, of 1 stored run\n$/ });
  await writeReport(join(folder, 'd'), makeResult([makeCase()], { runId: 'other', tipcheckVersion }));
  const { code } = await certify(t, [folder, '--out', out]);
  t.equal(code, 2);
  const { certificate } = readWritten(t, out);
  t.match(certificate.runs, [{ runId: 'other' }]);
  t.equal(certificate.refused.length, 3);
  for (const { fault } of certificate.refused)
    t.match(fault, /is of the run 20261122-142530-4711, too, and says something else/);
});

t.test('a run that did not end is named, for an older one may stand in its place', async (t) => {
  const { folder, out } = await store(t, { good: makeResult([makeCase()], { tipcheckVersion }) });
  mkdirSync(join(folder, 'killed'));
  writeFileSync(join(folder, 'killed', 'plan.json'), '{}');
  mkdirSync(join(folder, 'other'));
  const said = t.capture(process.stderr, 'write', () => true);
  await run(t, [folder, '--out', out]);
  t.strictSame(
    said().map(({ args }) => args[0]),
    [`note: ${join(folder, 'killed')} is not in the table: it has a plan and no result, so that its run did not end\n`],
  );
});

t.test('a folder without runs, and what is not a run, is refused', async (t) => {
  const folder = t.testdir({ empty: {} });
  await t.rejects(run(t, [folder, '--out', folder]), {
    message: /it is not a run, and holds none; a folder with a result\.json/,
  });
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  const said = t.capture(process.stderr, 'write', () => true);
  await t.rejects(run(t, ['nowhere', file, '--out', folder]), { message: /: 2 of 2 runs refused; / });
  t.match(
    said.args().join(''),
    /^Cannot read the run nowhere: there is no such run; .*\nCannot read the result .*file: it is not JSON/,
  );
});

t.test('in a browser the page is no wider than its window, and no text of a run becomes markup', async (t) => {
  const chromium = findChromium();
  if (chromium === null) return void t.comment('not run: no Chromium is there');
  const ports = ['ort', 'tfjs', 'tfjs-wasm', nastyName];
  const { folder, out } = await store(t, {
    now: makeResult(
      ports.map((port) => makeCase({ port, model: nastyName.repeat(2) })),
      { tipcheckVersion, command: [nastyName] },
    ),
  });
  await run(t, [folder, '--out', out]);
  for (const width of [1280, 390]) {
    const browser = await openBrowser(chromium, width);
    try {
      await browser.open(pathToFileURL(join(out, 'certificate.html')).href);
      const page = 'document.documentElement';
      t.ok((await browser.evaluate<number>(`${page}.scrollWidth`)) <= width, `${width}`);
      t.equal(await browser.evaluate<number>("document.querySelectorAll('script, .certificate b').length"), 0);
      t.equal(await browser.evaluate<number>("document.querySelectorAll('.certificate a.tag').length"), ports.length);
      const broken =
        "[...document.querySelectorAll('.certificate a')].filter((a) => !document.querySelector(a.getAttribute('href')))";
      t.equal(await browser.evaluate<number>(`${broken}.length`), 0, 'every cell leads to its entry');
    } finally {
      await browser.close();
    }
  }
});

/** What the command prints and its exit code, where it throws nothing. */
async function certify(t: Test, argv: readonly string[]) {
  const written = t.capture(process.stderr, 'write', () => true);
  const end = await run(t, argv);
  return { ...end, said: written.args().join('') };
}

function readWritten(t: Test, out: string) {
  const [page, markdown, json] = ['html', 'md', 'json'].map((ending) =>
    readFileSync(join(out, `certificate.${ending}`), 'utf8'),
  );
  const certificate: Certificate = JSON.parse(json!);
  t.equal(packageSchema('harness/reporters/certificate/certificate.schema.json').findFault(certificate), null);
  return { certificate, markdown: markdown!, page: page! };
}

async function store(t: Test, runs: Readonly<Record<string, Result>>) {
  const folder = join(t.testdir({}), 'reports');
  for (const [name, result] of Object.entries(runs)) {
    mkdirSync(join(folder, name), { recursive: true });
    await writeReport(join(folder, name), result);
  }
  return { folder, out: join(folder, 'certificate') };
}
