import { join } from 'node:path';
import t from 'tap';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tinyBundle, tinyTokens } from './tiny-bundle.js';

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');

async function runProgram(fault: string, bundle = tinyBundle()) {
  const port = resolvePort(`exec:"${process.execPath}" "${program}" ${fault}`);
  const [found] = await runPlan(planRun({ ports: [port], bundles: [bundle], silenceMs: 20_000 }));
  return found!;
}

for (const [says, fault] of [
  ['a program that speaks the protocol', 'none'],
  ['one that says by replaces_probes what it can do, as programs did before there were capabilities,', 'old-flags'],
] as const)
  t.test(`${says} passes, with own errors`, async (t) => {
    const found = await runProgram(fault);
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
    t.equal(found.engine?.engine, 'Node');
    t.equal(found.measurements[2]?.own?.verdict, 'pass');
  });

for (const dtype of ['f8', 'big-endian'])
  t.test(`a program may answer with ${dtype} arrays, as NumPy writes them`, async (t) => {
    const found = await runProgram(dtype);
    t.equal(found.reason, null);
    t.equal(found.verdict, 'pass');
  });

t.test("a fault in a program's second layer is named by its own error", async (t) => {
  const found = await runProgram('wrong-z');
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'z');
  t.equal(found.firstFaultBy, 'own');
});

const withTokens = tinyBundle({ inputs: new Map([...tinyBundle().inputs, ['tokens', tinyTokens]]) });

t.test('a program with the capability inputs is given all of them, and the image as every program is', async (t) => {
  const found = await runProgram('inputs', withTokens);
  t.equal(found.reason, null);
  t.equal(found.verdict, 'pass');
});

t.test('other inputs than the image for a program without the capability are an error that says so', async (t) => {
  const found = await runProgram('none', withTokens);
  t.equal(found.verdict, 'error');
  t.match(
    found.reason,
    /^Cannot run port exec:.* on tiny: it gives the model tokens, u4 \[1, 12\], and this port takes an image of float32 \[b, 3, h, w\] alone; a port with the capability inputs is wanted\. Fix: "inputs" among its capabilities, /,
  );
});

const failures: readonly (readonly [fault: string, reason: RegExp])[] = [
  ['hello', /it failed at hello: it was told to fail/],
  [
    'odd-capability',
    /it answered hello with capabilities \["infer","fly"\]; an array of "infer", "train", "replace" and "inputs" is wanted/,
  ],
  ['load', /it failed at load: it was told to fail/],
  ['infer', /it failed at infer: it was told to fail/],
  ['exit', /it ended at infer with exit code 5/],
  ['twice', /it answered hello with a line of JSON that cannot be read \(line 1: the key device is there twice, /],
  ['garbage', /it answered hello with a line that is not a JSON object: loading the model…/],
  ['ok', /it answered hello with ok "yes"; true or false is wanted/],
  ['halfline', /it ended in the middle of its answer to infer, with exit code 0: {"ok": tr/],
  ['hugeline', /it answered infer with a line of more than 16777216 bytes: x+…/],
  ['list', /it answered infer with probes that are a list; an object of probe name to \.npy path is wanted/],
  ['answers-twice', /it wrote a line that nobody asked for after its answer to infer, so that it answered twice/],
  ['late', /it wrote a line that nobody asked for after its answer to dispose/],
  ['extra', /it gave probe nonsense, which was not asked for/],
  [
    'outside',
    /it gave probe z as .*: it lies outside the folder .*; a file in the folder that the question names is wanted/,
  ],
  ['link', /it gave probe z as .*link: it lies outside the folder/],
  ['above', /it gave probe z as .*passwd: (it lies outside the folder|there is no such file)/],
  ['device', /it gave probe z as \/dev\/zero: it lies outside the folder/],
  ['folder', /it gave probe z as .*: it is not a plain file; one is wanted/],
  ['nofile', /it gave probe z as .*nofile\.npy: there is no such file; the file of its array is wanted/],
  ['nopath', /it gave no path for probe z; the path of a \.npy file is wanted/],
  ['fifo', /it gave probe z as .*fifo: it is not a plain file; one is wanted/],
  ['empty', /it gave probe z as .*\.npy: it ends within its header, after 0 bytes; a whole file is wanted/],
  ['cut', /it gave probe z as .*\.npy: it ends within its header, after 100 bytes; a whole file is wanted/],
  ['huge', /it gave probe z as .*\.npy: it has 3221225472 bytes; at most 2147483647 are wanted/],
  ['objects', /it gave probe z as .*\.npy: its dtype is '\|O'; .* is wanted/],
];
for (const [fault, reason] of failures) {
  t.test(`a program that goes wrong by ${fault} is an error that says so`, async (t) => {
    const found = await runProgram(fault);
    t.equal(found.verdict, 'error');
    t.match(found.reason, /^Cannot run port exec:.* on tiny: it /);
    t.match(found.reason, reason);
    t.notMatch(found.reason, /\n +at |defect of tipcheck/);
  });
}

t.test('a program that returns the goldens that it was shown is found, and so it is in the next case', async (t) => {
  const port = resolvePort(`exec:"${process.execPath}" "${program}" cheat`);
  const bundles = [tinyBundle(), tinyBundle({ id: 'tiny again' })];
  const results = await runPlan(planRun({ ports: [port], bundles, silenceMs: 20_000 }));
  t.equal(results.length, 2);
  for (const { verdict, measurements, shipped, meaning } of results) {
    t.equal(verdict, 'fail');
    t.same(
      measurements.map((found) => found.verdict),
      ['fail', 'fail', 'fail'],
    );
    t.equal(shipped?.logits.verdict, 'fail', 'the graph that users run comes before any golden');
    t.ok(meaning !== null && meaning.changed > 0);
  }
});

t.test('a program that says nothing at all is an error that names its first question', async (t) => {
  const port = resolvePort('exec:sleep 100');
  const [found] = await runPlan(planRun({ ports: [port], bundles: [tinyBundle()], silenceMs: 3000 }));
  t.equal(found?.reason, 'Cannot run port exec:sleep 100 on tiny: it hung: no answer to hello for 3 s');
});

t.test('a command that does not exist is an error that shows what the shell said', async (t) => {
  const port = resolvePort('exec:tipcheck-no-such-program');
  const [found] = await runPlan(planRun({ ports: [port], bundles: [tinyBundle()] }));
  t.equal(found?.verdict, 'error');
  t.match(
    found?.reason,
    /Cannot run port exec:tipcheck-no-such-program on tiny: it ended at hello with exit code 127; its last lines on stderr were:\n.*not found/,
  );
});
