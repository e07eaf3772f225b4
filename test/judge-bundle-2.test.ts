import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
import type { BundleDraft } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';

t.setTimeout(600_000);

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');

/** What `tipcheck judge` says of a program with a fault, on a bundle of format 2. */
function judge(folder: string, fault: string, change?: (draft: BundleDraft) => void) {
  return judgePort(folder, `exec:"${process.execPath}" "${program}" ${fault}`, change);
}

async function judgePort(folder: string, port: string, change?: (draft: BundleDraft) => void) {
  const bundle = await writeTestBundle2(join(folder, 'tiny'), change);
  const json = join(folder, 'out.json');
  const { exitCode, stdout, stderr } = await execaNode(
    join(packageRoot, 'cli', 'tipcheck.mjs'),
    ['judge', port, bundle, '--json', json],
    { reject: false, cwd: packageRoot, env: { TIPCHECK_SKIP_ENSURE: '1' } },
  );
  return { exitCode, stdout, stderr, result: JSON.parse(await readFile(json, 'utf8')) };
}

t.test('a port whose two outputs agree passes', async (t) => {
  const { exitCode, stderr, result } = await judge(t.testdir(), 'none');
  t.equal(exitCode, 0, stderr);
  t.match(result.bundles[0].probes, [
    { name: 'y', verdict: 'pass' },
    { name: 'z', verdict: 'pass' },
    { name: 'logits', verdict: 'pass' },
  ]);
});

t.test('a port whose second output alone is wrong fails, and the output is named', async (t) => {
  const { exitCode, result } = await judge(t.testdir(), 'wrong-logits');
  t.equal(exitCode, 1);
  t.match(result.bundles[0], { verdict: 'fail', first_fault: 'logits' });
  t.match(result.bundles[0].probes, [{ verdict: 'pass' }, { verdict: 'pass' }, { name: 'logits', verdict: 'fail' }]);
});

t.test('a built-in port has no model of a framework: exit 3, with the ways out', async (t) => {
  const torch = ({ json }: BundleDraft) => void Object.assign(json, { model: { type: 'torch:tiny.Net' } });
  const ofTorch = await judgePort(t.testdir(), 'ort', torch);
  t.equal(ofTorch.exitCode, 3);
  t.match(
    ofTorch.stdout,
    /its model is torch:tiny\.Net, which no built-in port has; .* Fix: npx tipcheck judge "exec:COMMAND" \S+tiny/,
  );
  const onnx = (draft: BundleDraft) => {
    Object.assign(draft.json, { model: { type: 'onnx', file: 'model.onnx' } });
    draft.files.set('model.onnx', Uint8Array.of(1, 2, 3));
  };
  const ofOnnx = await judgePort(t.testdir(), 'ort', onnx);
  t.equal(ofOnnx.exitCode, 3);
  t.match(ofOnnx.stdout, / Fix: npx tipcheck judge \S+tiny\/model\.onnx \S+tiny, or npx tipcheck judge "exec:/);
});
