import { join } from 'node:path';
import t from 'tap';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tinyBundle } from './tiny-bundle.js';

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');

async function runProgram(fault: string) {
  const port = resolvePort(`exec:"${process.execPath}" "${program}" ${fault}`);
  const [found] = await runPlan(planRun({ ports: [port], bundles: [tinyBundle()], silenceMs: 20_000 }));
  return found!;
}

t.test('a program that speaks the protocol passes, with own errors', async (t) => {
  const found = await runProgram('none');
  t.equal(found.reason, null);
  t.equal(found.verdict, 'pass');
  t.equal(found.engine?.engine, 'Node');
  t.equal(found.measurements[2]?.own?.verdict, 'pass');
});

t.test("a fault in a program's second layer is named by its own error", async (t) => {
  const found = await runProgram('wrong-z');
  t.equal(found.verdict, 'fail');
  t.equal(found.firstFault, 'z');
  t.equal(found.firstFaultBy, 'own');
});

const failures: readonly (readonly [fault: string, reason: RegExp])[] = [
  ['hello', /it failed at hello: it was told to fail/],
  ['load', /it failed at load: it was told to fail/],
  ['infer', /it failed at infer: it was told to fail/],
  ['exit', /it ended at infer with exit code 5/],
  ['garbage', /it answered hello with a line that is no JSON object: loading the model…/],
  ['twice', /it answered hello with a line of JSON that cannot be read \(line 1: the key device is there twice, /],
];
for (const [fault, reason] of failures) {
  t.test(`a program that goes wrong by ${fault} is an error that says so`, async (t) => {
    const found = await runProgram(fault);
    t.equal(found.verdict, 'error');
    t.match(found.reason, reason);
  });
}

t.test('a command that does not exist is an error that shows what the shell said', async (t) => {
  const port = resolvePort('exec:tipcheck-no-such-program');
  const [found] = await runPlan(planRun({ ports: [port], bundles: [tinyBundle()] }));
  t.equal(found?.verdict, 'error');
  t.match(
    found?.reason,
    /Cannot run port exec:tipcheck-no-such-program: it ended at hello with exit code 127; its last lines on stderr were:\n.*not found/,
  );
});
