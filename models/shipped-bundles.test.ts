import t from 'tap';
import { listShippedBundles, resolveBundleFolder } from '../harness/golden/list-shipped.js';
import { readBundle } from '../harness/golden/read-bundle.js';
import { findModel } from './registry.js';
import { shapeOperators } from './shape-operators.js';

t.test("parameters, draws and probes are the reference's, in its order", async (t) => {
  /** How many bundles of each model hold all of its probes. */
  const complete = new Map<unknown, number>();
  for (const name of listShippedBundles()) {
    const bundle = await readBundle(resolveBundleFolder(name));
    if (bundle.phase !== 'infer') continue;
    const definition = await findModel(bundle.model);
    const config = definition.parse(bundle.model);
    const parameters = definition.parameters(config);
    t.same([...parameters], [...bundle.parameters], `${name}: parameters`);
    const image = bundle.inputs.get('image')!.shape;
    const draws = definition.draws(config, image);
    t.same(
      [...draws],
      [...bundle.draws].map(([draw, { shape }]) => [draw, shape]),
      `${name}: draws`,
    );
    const { ops, log } = shapeOperators(parameters, draws);
    definition.forward<readonly number[]>(ops, config, image);
    const expected = bundle.probes.map((probe) => [probe.name, probe.shape]);
    const names = new Set(bundle.probes.map((probe) => probe.name));
    t.same(
      log.probes.filter(([probe]) => names.has(probe)),
      expected,
      `${name}: probes`,
    );
    t.equal(new Set(log.probes.map(([probe]) => probe)).size, log.probes.length, `${name}: no probe is recorded twice`);
    const whole = expected.length === log.probes.length ? 1 : 0;
    complete.set(definition.types, (complete.get(definition.types) ?? 0) + whole);
  }
  t.ok(complete.size > 0);
  for (const [types, count] of complete) t.ok(count > 0, `a bundle holds every probe of ${String(types)}`);
});
