import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import { findChromium, openBrowser } from '../../harness/reporters/page/browser-for-tests.js';
import { faultyCase, makeCase, makeResult, nastyName } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result } from '../../harness/result.js';
import { packageVersion, readPackageText } from '../../harness/support/package-root.js';
import { commandRunner } from '../run-command-for-tests.js';
import { register } from './certificate.js';

const run = commandRunner(register, 'certificate');
const tipcheckVersion = packageVersion;

t.test('stored runs become a table, as a page, as Markdown and as data', async (t) => {
  const { folder, out } = await store(t, {
    old: makeResult([faultyCase()], { runId: 'old', startedAt: '2026-01-01T00:00:00.000Z', tipcheckVersion }),
    now: makeResult([makeCase(), faultyCase({ port: 'tfjs' })], { runId: 'now', tipcheckVersion }),
  });
  const output = await run(t, [folder, '--out', out]);
  t.match(output, /certificate\.html\n.*certificate\.md\n.*certificate\.json\n1 fail, 1 pass, of 2 runs\n$/);
  const certificate = JSON.parse(readFileSync(join(out, 'certificate.json'), 'utf8'));
  const validate = new Ajv({ allowUnionTypes: true }).compile(
    JSON.parse(readPackageText('harness/reporters/certificate/certificate.schema.json')),
  );
  t.ok(validate(certificate), JSON.stringify(validate.errors));
  t.match(certificate.cells, [
    { port: 'ort', verdict: 'pass', older: [{ runId: 'old' }] },
    { port: 'tfjs', verdict: 'fail' },
  ]);
  const page = readFileSync(join(out, 'certificate.html'), 'utf8');
  t.match(page, '<a href="../now/report.html">now</a>');
  t.match(page, /<a class="tag pass" href="#cell-1">pass<\/a>/);
  t.match(page, 'id="cell-1"');
  const markdown = readFileSync(join(out, 'certificate.md'), 'utf8');
  t.match(
    markdown,
    '| SegNeXt MSCAN\\_T | [pass](../now/report.html) 2026-11-22 | [fail](../now/report.html) 2026-11-22 |',
  );
  t.match(markdown, 'older runs: old (fail)');
});

t.test('a run that contradicts itself, or whose reports say something else, is refused', async (t) => {
  const good = makeResult([makeCase()], { tipcheckVersion });
  const { folder, out } = await store(t, { good, bad: { ...good, runId: 'bad', verdict: 'fail' } });
  await t.rejects(run(t, [folder, '--out', out]), {
    name: 'UserError',
    message:
      /^Cannot certify .*bad\/result\.json: the verdict is fail; of its cases it is pass; .* Fix: npx tipcheck verify .*bad$/,
  });
  writeFileSync(join(folder, 'good', 'report.md'), 'All is well.');
  await t.rejects(run(t, [join(folder, 'good'), '--out', out]), {
    message: /^Cannot certify .*good\/result\.json: report\.md is not what result\.json gives; /,
  });
});

t.test('two results of one run are one, unless they differ', async (t) => {
  const good = makeResult([makeCase()], { tipcheckVersion });
  const { folder, out } = await store(t, { a: good, b: good, c: makeResult([faultyCase()], { tipcheckVersion }) });
  t.match(await run(t, [join(folder, 'a'), join(folder, 'b'), '--out', out]), '1 pass, of 1 runs');
  await t.rejects(run(t, [folder, '--out', out]), {
    message: /is of the run 20261122-142530-4711, too, and says something else/,
  });
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

t.test('a folder without runs is refused', async (t) => {
  const folder = t.testdir({ empty: {} });
  await t.rejects(run(t, [folder, '--out', folder]), {
    message: /it is no run, and holds none; a folder with a result\.json/,
  });
  await t.rejects(run(t, ['nowhere', '--out', folder]), {
    message: /^Cannot read the run nowhere: there is no such run/,
  });
  const file = join(folder, 'file');
  writeFileSync(file, 'text');
  await t.rejects(run(t, [file, '--out', folder]), { message: /^Cannot read the result .*file: it is not JSON/ });
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

async function store(t: Test, runs: Readonly<Record<string, Result>>) {
  const folder = join(t.testdir({}), 'reports');
  for (const [name, result] of Object.entries(runs)) {
    mkdirSync(join(folder, name), { recursive: true });
    await writeReport(join(folder, name), result);
  }
  return { folder, out: join(folder, 'certificate') };
}
