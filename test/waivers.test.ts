import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { writeTestBundle } from '../harness/golden/test-bundle.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const program = join(packageRoot, 'test', 'ports', 'tiny-exec.mjs');
const portOf = (fault: string) => `exec:"${process.execPath}" "${program}" ${fault}`;

/** Judges the tiny port with its fault, and with waivers written as YAML. */
async function judge(t: import('tap').Test, fault: string, waiver: string) {
  const folder = t.testdir();
  const bundle = await writeTestBundle(join(folder, 'tiny'));
  const text = `waivers:\n  - port: ${JSON.stringify(portOf(fault))}\n${waiver.trim().replace(/^/gm, '    ')}\n`;
  await writeFile(join(folder, 'known.yaml'), text);
  const args = ['judge', portOf(fault), bundle, '--waivers', 'known.yaml', '--json', 'out.json', '--report', 'report'];
  const { exitCode, stdout, stderr } = await tipcheck(args, folder);
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  return { exitCode, stdout, stderr, read, folder };
}

const known = `
bundle: tiny-infer
probe: z
because: one too many in a thousandth, mended in the next release
link: https://example.org/issues/7
until: 2999-12-31
`;

t.test('a waived failure is exit 0, said everywhere and a pass nowhere', async (t) => {
  const { exitCode, stdout, stderr, read, folder } = await judge(t, 'wrong-z', known);
  t.equal(exitCode, 0, stderr);
  t.match(stdout, /^waived {2}exec:/m);
  t.match(stdout, 'waived until 2999-12-31: one too many in a thousandth');
  t.match(
    stdout,
    /0 of 1 cases agree with the reference, 3 probes compared, 2 failures waived; the waiver of .+, z, in .+ ends only in \d+ days, on 2999-12-31\./,
  );
  t.match(await read('out.json'), { verdict: 'fail', bundles: [{ verdict: 'fail', first_fault: 'z' }] });
  t.match(await read('report/result.json'), { verdict: 'waived', waivers: [{ state: 'used', matched: 1 }] });
  const verified = await tipcheck(['verify', 'report'], folder);
  t.equal(verified.exitCode, 0, String(verified.stdout));
});

t.test('a stale waiver is exit 1 and says which', async (t) => {
  const { exitCode, stdout } = await judge(t, 'none', known);
  t.equal(exitCode, 1);
  t.match(
    stdout,
    /the waiver of exec:.* on tiny-infer, z, in known\.yaml is stale: what it names agrees\. Fix: remove it/,
  );
});

t.test('an expired waiver is exit 1 and says since when', async (t) => {
  const { exitCode, stdout, read } = await judge(t, 'wrong-z', known.replace('2999', '2020'));
  t.equal(exitCode, 1);
  t.match(stdout, /^fail /m);
  t.match(stdout, /ran out on 2020-12-31\. Fix: mend the port, or look again and write a new day/);
  t.match(await read('report/result.json'), { verdict: 'fail', cases: [{ verdict: 'fail' }] });
});

t.test('a port that does not run is exit 3, whatever probe is waived', async (t) => {
  t.equal((await judge(t, 'exit', known.replace('probe: z', "probe: '*'"))).exitCode, 3);
  t.equal((await judge(t, 'exit', known.replace('probe: z', 'failure: crashed'))).exitCode, 1, 'nothing was compared');
});

t.test('a waivers file that is none is exit 2, and no port starts', async (t) => {
  const { exitCode, stdout, stderr } = await judge(t, 'wrong-z', known.replace('until', 'till'));
  t.equal(exitCode, 2);
  t.match(stderr, /Cannot read the waivers known\.yaml: waivers\.0 /);
  t.equal(stdout, '');
});
