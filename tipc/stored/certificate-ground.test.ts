import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { register } from '../../cli/commands/certificate.js';
import { commandRunner } from '../../cli/run-command-for-tests.js';
import { readShipped } from '../../harness/golden/shipped-goldens.js';
import { makeCase, makeResult } from '../../harness/reporters/result-for-tests.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Certificate } from '../../harness/result/certificate.js';
import type { Result } from '../../harness/result/record/result.js';
import { readRun } from '../../harness/run/read-run.js';
import { packageVersion } from '../../harness/support/package-root.js';
import { packageSchema } from '../../harness/support/schema.js';
import { marker } from '../inputs/stand-in.js';
import { enterFolder, storeOldRun, storeRun } from './stored-run-for-tests.js';

const run = commandRunner(register, 'certificate');

t.setTimeout(300_000);

t.test('a row of a TIPC mode is a model and its yml, and its cell names yml and data', async (t) => {
  enterFolder(t);
  await storeRun();
  const { certificate, markdown, page } = await certify(t);
  t.strictSame(certificate.models, ['toy · own.yml']);
  t.match(certificate.cells, [
    {
      model: 'toy · own.yml',
      inputs: {
        configs: [{ name: 'own.yml' }],
        data: [
          { name: 'train_dataset of own.yml', images: 2, standsInFor: null },
          { name: 'val_dataset of own.yml' },
          { name: 'data/infer.list' },
        ],
      },
    },
  ]);
  t.match(markdown, /^\| toy · own\.yml \| \[pass\]/m);
  t.match(
    markdown,
    /yml own\.yml, SHA-256 [0-9a-f]{16}\\\n {2}data train\\_dataset of own\.yml: 2 pictures, SHA-256 [0-9a-f]{16}\\/,
  );
  t.match(page, /data train_dataset of own\.yml: 2 pictures/);
});

t.test('two ymls of one model name are two rows, and so are two contents of one yml', async (t) => {
  enterFolder(t);
  await storeRun({ runId: 'one' });
  writeFileSync('other.yml', '_base_: own.yml\n');
  writeFileSync('own.txt', readFileSync('own.txt', 'utf8').replaceAll('own.yml', 'other.yml'));
  await storeRun({ runId: 'two', config: 'other.yml' });
  // The text file of the first run is another now: it is away, as where the runs were made elsewhere.
  rmSync('own.txt');
  t.strictSame((await certify(t)).certificate.models, ['toy · other.yml', 'toy · own.yml']);

  enterFolder(t);
  await storeRun({ runId: 'one' });
  writeFileSync('base.yml', 'iters: 4\nmodel: {type: None}\n');
  await storeRun({ runId: 'two' });
  for (const path of ['base.yml', 'own.yml']) rmSync(path);
  const { models } = (await certify(t)).certificate;
  t.equal(models.length, 2);
  for (const model of models) t.match(model, /^toy · own\.yml \([0-9a-f]{8}\)$/);
});

t.test("stand-in data stand in the row's title and in the cell", async (t) => {
  enterFolder(t);
  writeFileSync(join('data', marker), '{"insteadOf": "Cityscapes"}');
  await storeRun();
  const { output, markdown, page } = await certify(t);
  t.match(output, '1 pass, stand-in data, of 1 stored run');
  t.match(markdown, /^\| toy · own\.yml · stand-in data, not Cityscapes \| \[pass, stand-in data\]/m);
  t.match(page, '<th scope="row">toy · own.yml · stand-in data, not Cityscapes<td>');
  t.match(page, '>pass, stand-in data</a>');
});

t.test('a run in which verify finds a fault is refused', async (t) => {
  enterFolder(t);
  const folder = await storeRun();
  appendFileSync('data/d', ' ');
  t.match(
    await refuse(t),
    /^Cannot certify .*result\.json: data\/d has the hash .*; a run that is what it says is wanted\. Fix: .*tipcheck verify /,
  );
  writeFileSync('data/d', '4');
  const { result } = await readRun(folder);
  const steps = result.tipc!.steps.map((step) => ({ ...step, figures: { ...step.figures, mIoU: 0.95 } }));
  await writeReport(folder, { ...result, tipc: { ...result.tipc!, steps } });
  t.match(await refuse(t), /mIoU is 0\.95 in result\.json; /);
});

t.test('files that are away, and goldens of another version, are said in the cell', async (t) => {
  enterFolder(t);
  await storeRun();
  rmSync('data/a');
  const { markdown, output } = await certify(t);
  t.match(output, '1 pass, files away, of 1 stored run');
  t.match(markdown, /not checked: 1 of 9 files that it read are not in /);

  enterFolder(t);
  const [shipped] = [...(await readShipped()).values()];
  const goldens = { madeBy: 'paddlepaddle 3.3.1', caseSha256: 'a'.repeat(64) };
  const other: Result = makeResult([makeCase({ bundle: shipped!.id, goldens })], { tipcheckVersion: packageVersion });
  await writeReport('reports/other', other);
  const certified = await certify(t);
  t.match(certified.output, '1 pass, goldens of another version, of 1 stored run');
  t.match(certified.markdown, 'had the hash aaaa');
});

t.test(
  'a run of a version that recorded none of this stands under the name of its model, and its cell says what it does not hold',
  async (t) => {
    enterFolder(t);
    const { folder, records } = await storeOldRun();
    t.match(
      await refuse(t),
      /it does not say what it read, though inputs\.sha256 lies in its folder, and 6 other faults; /,
    );
    rmSync(join(folder, 'inputs.sha256'));
    for (const record of records) rmSync(record);
    const { certificate, markdown, page, output } = await certify(t);
    t.strictSame(certificate.models, ['toy']);
    t.match(output, '1 pass, inputs not recorded, of 1 stored run');
    t.match(markdown, /^\| toy \| \[pass, inputs not recorded\]/m);
    t.match(page, '>pass, inputs not recorded</a>');
    t.match(markdown, 'not checked: what it stands on');
  },
);

/** What is said where no run is sound. */
async function refuse(t: Test): Promise<string> {
  const said = t.capture(process.stderr, 'write', () => true);
  await t.rejects(certify(t), { name: 'UserError', message: /^Cannot write a certificate: 1 of 1 run refused; / });
  return said.args().join('');
}

async function certify(t: Test) {
  const output = await run(t, ['reports', '--out', 'certificate']);
  const certificate: Certificate = JSON.parse(readFileSync('certificate/certificate.json', 'utf8'));
  t.equal(packageSchema('harness/reporters/certificate/certificate.schema.json').findFault(certificate), null);
  const [markdown, page] = ['md', 'html'].map((ending) => readFileSync(`certificate/certificate.${ending}`, 'utf8'));
  return { output, certificate, markdown: markdown!, page: page! };
}
