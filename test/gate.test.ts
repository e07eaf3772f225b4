import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';
import { readAction, runAction } from './action-for-tests.js';

t.setTimeout(600_000);

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');
const portOf = (fault: string) => `exec:"${process.execPath}" "${program}" ${fault}`;

async function gate(t: import('tap').Test, fault: string, inputs: Readonly<Record<string, string>> = {}) {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'));
  return runAction(folder, { port: portOf(fault), bundles: 'tiny', ...inputs });
}

const annotations = (stdout: string) => stdout.split('\n').filter((line) => /^::(error|warning)/.test(line));

t.test('a port that agrees is green, with its outputs and a summary', async (t) => {
  const { exitCode, stdout, stderr, outputs, summary } = await gate(t, 'none');
  t.equal(exitCode, 0, stderr);
  t.match(outputs, { verdict: 'pass', 'first-fault': '' });
  t.match(JSON.parse(await readFile(join(outputs.report!, 'result.json'), 'utf8')), { verdict: 'pass' });
  t.match(summary, /^# tipcheck: pass\n/);
  t.same(annotations(stdout), []);
  const [, token] = /^::stop-commands::(\S+)$/m.exec(stdout) ?? [];
  const taken = stdout.indexOf(`::${token}::`);
  t.ok(token !== undefined && taken > stdout.indexOf('cases agree'), 'what a port says is not a workflow command');
});

t.test('a port that is wrong is exit 1 with the first fault, its annotation and the report', async (t) => {
  const { exitCode, stdout, outputs, summary } = await gate(t, 'wrong-z');
  t.equal(exitCode, 1);
  t.match(outputs, { verdict: 'fail', 'first-fault': 'z' });
  for (const name of ['report.html', 'junit.xml', 'result.json']) t.ok(existsSync(join(outputs.report!, name)), name);
  t.equal(annotations(stdout).length, 1, 'logits only inherits');
  t.match(annotations(stdout)[0], /^::error title=exec%3A.* · tiny-infer%3A z::first fault: on its own, error is/);
  t.match(summary, '**First fault: `z`**');
  t.match(stdout, /^gate: fail; exit code 1$/m);
});

t.test('a port that crashes is exit 3, and its reason is annotated', async (t) => {
  const { exitCode, stdout, outputs, summary } = await gate(t, 'exit');
  t.equal(exitCode, 3);
  t.match(outputs, { verdict: 'error', 'first-fault': '' });
  t.match(annotations(stdout), [/tiny-infer%3A error::.*it ended at infer with exit code 5/]);
  t.match(summary, '# tipcheck: error');
});

t.test('what is let through by fail-on is exit 0, and the verdict stays what it is', async (t) => {
  t.match(await gate(t, 'wrong-z', { 'fail-on': 'error,not-run' }), { exitCode: 0, outputs: { verdict: 'fail' } });
});

t.test('what is required and did not run is exit 1, whatever is let through', async (t) => {
  const { exitCode, stdout, outputs, summary } = await gate(t, 'none', { require: 'gpu', 'fail-on': 'never' });
  t.equal(exitCode, 1);
  t.match(outputs, { verdict: 'not-run' });
  t.match(annotations(stdout), ['::error title=tipcheck::required and not run: gpu']);
  t.match(summary, /^\*\*gate: not-run\*\*, required and not run: gpu\n/);
});

t.test('a result that an earlier run left in the report folder is not taken for this one', async (t) => {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'));
  const inputs = { port: portOf('none'), bundles: 'tiny', 'fail-on': 'error' };
  const kept = { TIPCHECK_REPORT_FOLDER: join(folder, 'kept') };
  t.match(await runAction(folder, inputs, kept), { exitCode: 0, outputs: { verdict: 'pass' } });
  const broken = { ...inputs, 'node-options': '--import ./none.mjs' };
  const again = await runAction(folder, broken, kept);
  t.match(again, { exitCode: 3, outputs: { verdict: 'error', report: '' } });
  t.match(again.summary, '# tipcheck: nothing was judged');
});

t.test('a broken bundle is exit 2, which nothing lets through, and says why', async (t) => {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'), (draft) => void draft.hashes.set('image.npy', '0'.repeat(64)));
  const { exitCode, stdout, outputs, summary } = await runAction(folder, {
    port: portOf('none'),
    bundles: 'tiny',
    'fail-on': 'never',
  });
  t.equal(exitCode, 2);
  t.match(outputs, { verdict: 'usage', report: '' });
  t.match(annotations(stdout), [/^::error title=tipcheck::.*image\.npy/]);
  t.match(summary, /^\*\*gate: usage\*\*, .*image\.npy[\s\S]*# tipcheck: nothing was judged\n$/);
});

t.test('inputs that cannot be meant are exit 2 before anything runs', async (t) => {
  const { exitCode, stderr, stdout } = await gate(t, 'none', { 'fail-on': 'fail,eror' });
  t.equal(exitCode, 2);
  t.match(stderr, 'Cannot run the gate: fail-on names eror; fail, error, not-run, waived or never is wanted.');
  t.equal(annotations(stdout).length, 1);
});

t.test('a waived failure is green, and a warning says so', async (t) => {
  const folder = t.testdir();
  await writeTestBundle(join(folder, 'tiny'));
  const entry = {
    bundle: 'tiny-infer',
    probe: 'z',
    because: 'known, and mended in the next release',
    link: 'https://example.org/7',
  };
  const waivers = [{ port: portOf('wrong-z'), ...entry, until: '2999-12-31' }];
  await writeFile(join(folder, 'known.json'), JSON.stringify({ waivers }));
  const inputs = { port: portOf('wrong-z'), bundles: 'tiny', waivers: 'known.json' };
  const green = await runAction(folder, inputs);
  t.match(green, { exitCode: 0, outputs: { verdict: 'waived', 'first-fault': '' } });
  t.match(annotations(green.stdout), [
    /^::warning title=.*waived::1 failure, and 1 that inherits, waived until 2999-12-31/,
  ]);
});

t.test('annotations stand at a port that is a file of the repository', async (t) => {
  const folder = t.testdir({ 'broken.mjs': "throw new Error('no engine');\n" });
  await writeTestBundle(join(folder, 'tiny'));
  const { exitCode, stdout } = await runAction(folder, { port: './broken.mjs', bundles: 'tiny' });
  t.equal(exitCode, 3);
  t.match(annotations(stdout), [/^::error file=broken\.mjs,title=/]);
});

t.test('every input and output of the action is described, and every one that a step reads is there', async (t) => {
  const { inputs, outputs, runs } = await readAction();
  const text = JSON.stringify(runs) + JSON.stringify(outputs);
  t.equal(runs.using, 'composite');
  for (const [name, { description, required, default: usual }] of Object.entries(inputs)) {
    t.ok(description.length > 10, `${name} is described`);
    t.type(required, 'boolean');
    t.type(usual, 'string');
    t.ok(text.includes(`inputs.${name}`), `${name} is read`);
  }
  for (const [, name] of text.matchAll(/inputs\.([\w-]+)/g)) t.ok(name! in inputs, `${name} is an input`);
  const ids = runs.steps.map(({ id }) => id);
  for (const [, id] of text.matchAll(/steps\.([\w-]+)\./g)) t.ok(ids.includes(id), `${id} is a step`);
  for (const { description } of Object.values(outputs)) t.ok(description.length > 10);
});

t.test(
  'every action that ours uses is pinned to a commit, each step with a body names its shell, and no input is put into a body',
  async (t) => {
    const { runs } = await readAction();
    const source = await readFile(join(packageRoot, 'action.yml'), 'utf8');
    for (const { name, uses, run, shell, env = {} } of runs.steps) {
      t.ok((uses === undefined) !== (run === undefined), `${name} uses or runs`);
      if (uses !== undefined)
        t.match(source, new RegExp(`${uses.replace(/@.*/, '')}@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+`));
      if (run === undefined) continue;
      t.equal(shell, 'bash', name);
      t.notMatch(run, '${{', `${name}: an input in a body would be run`);
      const [, script] = /GITHUB_ACTION_PATH\/([\w/.-]+)/.exec(run)!;
      t.ok(existsSync(join(packageRoot, script!)), `${script} is there`);
      for (const variable of Object.keys(env)) t.match(variable, /^TIPCHECK_[A-Z_]+$/);
    }
    const upload = runs.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'));
    t.match(upload?.if, /^always\(\) && /, 'the report of a red run is uploaded too');
    const judged = runs.steps.findIndex(({ id }) => id === 'judge');
    t.ok(
      runs.steps.findIndex(({ uses }) => uses?.startsWith('actions/cache/save')) < judged,
      'a red verdict loses no cache',
    );
  },
);
