import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execaNode } from 'execa';
import t from 'tap';
import { addArray, writeTestBundle2 } from '../harness/golden/bundle-2-for-tests.js';
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

t.test('a built-in port is not asked for outputs beside logits, nor for layouts: exit 3', async (t) => {
  const { model } = JSON.parse(
    await readFile(join(packageRoot, 'fixtures', 'golden', 'segnext-t', 'case.json'), 'utf8'),
  );
  const ofOutputs = await judgePort(t.testdir(), 'ort', ({ json }) => void Object.assign(json, { model }));
  t.equal(ofOutputs.exitCode, 3);
  t.match(
    ofOutputs.stdout,
    /it has the output z, and this port gives logits and maps alone; .* Fix: npx tipcheck judge "exec:/,
  );
  const raw = ({ json }: BundleDraft) => {
    Object.assign(json, { model, outputs: ['logits'] });
    Object.assign(json.probes![0]!, { layout: 'raw' });
  };
  const ofRaw = await judgePort(t.testdir(), 'ort', raw);
  t.equal(ofRaw.exitCode, 3);
  t.match(ofRaw.stdout, /it has the probe y of layout raw, and this port gives logits and maps alone/);
});

t.test('a program that takes an image alone is not given another type: exit 3', async (t) => {
  const { exitCode, stdout } = await judge(t.testdir(), 'none', (draft) => {
    draft.json.inputs!.image = addArray(draft, 'whole', { dtype: 'u1', shape: [1, 3, 2, 2], data: new Uint8Array(12) });
  });
  t.equal(exitCode, 3);
  t.match(
    stdout,
    /takes an image of float32 \[b, 3, h, w\], and the bundle's is u1 \[1, 3, 2, 2\]; a program with the capability/,
  );
});
