import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { resolvePort } from '../harness/hosts/resolve-port.js';
import { renderCaseLine } from '../harness/reporters/console.js';
import { planRun } from '../harness/run/plan.js';
import { runPlan } from '../harness/run/run.js';
import { tinyBundle } from './tiny-bundle.js';

t.setTimeout(600_000);

/**
 * The network of tiny-bundle.ts as a module. @param off the error of each layer, relative
 * @param ignored the probes whose replacements it ignores
 */
async function judge(t: import('tap').Test, off: Readonly<Record<string, number>>, ignored: readonly string[]) {
  const path = join(t.testdir(), 'port.mjs');
  writeFileSync(
    path,
    `const off = ${JSON.stringify(off)}, ignored = ${JSON.stringify(ignored)};
const report = { engine: 'tiny', version: '1', device: 'cpu', provider: 'none', tf32: 'not applicable', details: {} };
export const createPort = async () => ({ report, capabilities: ['infer', 'replace'], load, close: async () => {} });
const load = async () => ({ infer, dispose: async () => {} });
let runs = 0;
async function infer({ inputs, probes, replacements }, onProbe) {
  report.details.runs = String(++runs);
  const { data, shape } = inputs.get('image');
  const layer = (name, from, of) => {
    const own = from.map((value) => of(value) * (1 + (off[name] ?? 0)));
    if (probes.includes(name)) onProbe(name, { dtype: 'f4', shape, data: own });
    return ignored.includes(name) ? own : (replacements.get(name)?.data ?? own);
  };
  const y = layer('y', data, (value) => 2 * value);
  layer('logits', layer('z', y, (value) => value + 1), (value) => value * value);
}
`,
  );
  const [found] = await runPlan(planRun({ ports: [resolvePort(path)], bundles: [tinyBundle()] }));
  return found!;
}

t.test('a layer that inherits because a replacement is ignored is not left to take the blame', async (t) => {
  // Within the limit of z, 4 × 1e-7; squared, it is above that of logits.
  const found = await judge(t, { z: 3e-7 }, ['z']);
  t.equal(found.firstFault, 'logits');
  const said =
    'other values in the place of z change nothing: if a layer reads it, the port ignores its replacement, and an error named after it may be its own';
  t.equal(found.engine?.details.replaced, said);
  t.match(renderCaseLine(found, { colour: false }), `      replaced      ${said}`);
});

t.test('a port that ignores all replacements is told so, and is judged no more gently', async (t) => {
  for (const [off, verdict] of [
    [{ y: 3e-7, z: 1e-7 }, 'fail'],
    [{ y: 1e-7 }, 'pass'],
  ] as const) {
    const found = await judge(t, off, ['y', 'z', 'logits']);
    t.equal(found.verdict, verdict);
    t.match(
      found.engine?.details.replaced,
      /^the port says that it replaces probes, and other values .*: own errors are those of the plain run/,
    );
    t.strictSame(
      found.measurements.map(({ own }) => own === null),
      [true, false, false],
      'all but the first have an own error',
    );
  }
});

t.test('a port that takes replacements is told nothing, wrong or not', async (t) => {
  for (const off of [{}, { y: 1e-3 }, { z: 1e-3 }, { logits: 1e-3 }]) {
    const found = await judge(t, off, []);
    t.equal(found.engine?.details.replaced, undefined);
  }
});
