import type { Bundle } from '../../golden/bundle.js';
import { isForeignModel } from '../../golden/bundle-model.js';
import { namedPorts } from '../../hosts/read-ports.js';
import { type PortTarget, resolvePort } from '../../hosts/resolve-port.js';
import type { PortHost } from '../../hosts/subprocess-host.js';
import { EnvironmentError, UserError } from '../../support/errors.js';
import { findGpu } from '../../support/find-gpu.js';
import { renderCount } from '../../support/render-count.js';
import { planRun } from '../plan.js';
import { startHost } from '../start-host.js';
import { validateFit } from '../validate-fit.js';
import { apart, forward, type Recorded, type ReplacedRun, replaceOne } from './replaced-runs.js';

/** One thing that the protocol asks of a port. `note`: nothing is wrong, or it could not be seen. */
export interface PortCheck {
  readonly name: string;
  readonly state: 'pass' | 'fail' | 'note';
  readonly found: string;
}

/**
 * Tests how a port answers, and not what: no figure is judged, and no golden is shown to it.
 * @param onCheck is told each as it ends
 * @returns whether none failed
 * @throws EnvironmentError where the port cannot run, or not on this bundle
 */
export async function checkPort(
  port: PortTarget,
  bundle: Bundle,
  onCheck: (check: PortCheck) => void,
): Promise<boolean> {
  const plan = planRun({ ports: [port], bundles: [bundle] });
  let failed = false;
  const say: Say = (name, state, found) => {
    failed ||= state === 'fail';
    onCheck({ name, state, found });
  };
  const host = await startHost(plan, port);
  try {
    validateFit(host, plan.cases[0]!);
    const { engine, version, device } = host.started.report;
    say('start', 'pass', `${engine} ${version} on ${device}; it can ${host.started.capabilities.join(', ')}`);
    await host.load(bundle);
    const plain = await forward(host, bundle, namesOf(bundle));
    say('load', 'pass', renderCount(bundle.parameters.size, 'weight'));
    try {
      await checkAnswers(host, bundle, plain, say);
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      say('goes on', 'fail', error.message);
    }
  } finally {
    const wrong = await host.close();
    if (wrong !== null) say('close', 'fail', wrong);
    else say('close', 'pass', 'stdout held the answers alone');
  }
  await checkGpu(port, bundle, say);
  return !failed;
}

type Say = (name: string, state: PortCheck['state'], found: string) => void;

function namesOf({ probes }: Bundle): string[] {
  return probes.map(({ name }) => name);
}

async function checkAnswers(host: PortHost, bundle: Bundle, plain: Recorded, say: Say): Promise<void> {
  checkProbes(bundle, plain, say);
  // In the bundle's order, whatever order they came in.
  const ordered = new Map(namesOf(bundle).flatMap((name) => (plain.has(name) ? [[name, plain.get(name)!]] : [])));
  const spread = ordered.size === 0 ? 0 : await checkRepeat(host, bundle, ordered, say);
  const seen = { plain: ordered, spread };
  if (ordered.size > 0) {
    await checkAsked(host, bundle, ordered, say);
    await checkReplacements(host, bundle, seen, say);
  }
  await checkWeights(host, bundle, seen, say);
}

function checkProbes({ probes }: Bundle, plain: Recorded, say: Say): void {
  const missing = probes.filter(({ name }) => !plain.has(name)).map(({ name }) => name);
  const of = `${plain.size} of ${renderCount(probes.length, 'probe')}`;
  if (plain.size === 0) {
    say('probes', 'fail', `it gave none of ${renderCount(probes.length, 'probe')}`);
    return;
  }
  if (missing.length > 0) say('probes', 'note', `it gave ${of}; not ${listFirst(missing)}`);
  else say('probes', 'pass', `it gave ${of}`);
  const misshapen = probes.flatMap(({ name, shape }) => {
    const found = plain.get(name);
    if (found === undefined || found.shape.join() === shape.join()) return [];
    return [`${name} is [${found.shape.join(', ')}], and [${shape.join(', ')}] is wanted`];
  });
  if (misshapen.length > 0) say('shapes', 'fail', listFirst(misshapen));
  else say('shapes', 'pass', 'NCHW, as the bundle has them');
}

/** @returns how far two equal runs are apart */
async function checkRepeat(host: PortHost, bundle: Bundle, plain: Recorded, say: Say): Promise<number> {
  const again = await forward(host, bundle, [...plain.keys()].reverse());
  const furthest = [...plain.keys()].map((name) => apart(again.get(name), plain.get(name)));
  const spread = Math.max(0, ...furthest);
  const where = [...plain.keys()][furthest.indexOf(spread)];
  if (spread === 0) say('repeat', 'pass', 'the same question has the same answer, in whatever order it names probes');
  else if (spread < 1e-4)
    say('repeat', 'note', `two equal runs are up to ${spread.toExponential(1)} apart, at ${where}`);
  else say('repeat', 'fail', `two equal runs are ${spread.toExponential(1)} apart at ${where}`);
  // Engines fuse other layers where other probes are asked for, which rounds differently.
  return Math.min(Math.max(10 * spread, 1e-5), 1e-2);
}

async function checkAsked(host: PortHost, bundle: Bundle, plain: Recorded, say: Say): Promise<void> {
  const outputs = bundle.outputs.filter((name) => plain.has(name));
  const alone = await forward(host, bundle, outputs);
  const lost = outputs.filter((name) => !(apart(alone.get(name), plain.get(name)) < 1e-2));
  if (outputs.length === 0) say('outputs', 'note', `it gave no output (${bundle.outputs.join(', ')})`);
  else if (lost.length === 0)
    say('outputs', 'pass', `asked for alone, ${listFirst(outputs)} is what it is beside probes`);
  else say('outputs', 'fail', `asked for alone, ${listFirst(lost)} is missing, or not what it is beside probes`);
  const unknown = 'tipcheck.no_such_layer';
  const found = await forward(host, bundle, [...outputs, unknown]);
  if (found.has(unknown)) say('unknown probe', 'fail', `it gave ${unknown}, a name that no layer has`);
  else say('unknown probe', 'pass', 'left out');
}

interface Seen {
  readonly plain: Recorded;
  readonly spread: number;
}

async function checkReplacements(host: PortHost, bundle: Bundle, seen: Seen, say: Say): Promise<void> {
  if (!host.started.capabilities.includes('replace'))
    return say('replace', 'note', 'it does not say that it replaces probes: the own error of a layer is not judged');
  const runs: ReplacedRun[] = [];
  for (const name of seen.plain.keys()) runs.push(await replaceOne(host, bundle, name, seen));
  const early = runs.filter(({ recorded }) => recorded !== 'own').map(({ name }) => name);
  if (early.length === 0) say('recorded first', 'pass', 'each probe is recorded before it is replaced');
  else say('recorded first', 'fail', `not its own output, once it is replaced: ${listFirst(early)}`);
  const still = runs.filter(({ moved }) => moved === false).map(({ name }) => name);
  const idle = still.length === 0 ? [] : await findIdle(bundle, still);
  const ignored = idle === null ? still : still.filter((name) => !idle.includes(name));
  const unread =
    idle === null || idle.length === 0 ? '' : `; nothing reads ${listFirst(idle)}, in a built-in port either`;
  const unsure = idle === null ? ' (or no layer reads it)' : '';
  if (ignored.length > 0)
    say('replace', 'fail', `other values in its place moved nothing after it${unsure}: ${listFirst(ignored)}${unread}`);
  else
    say(
      'replace',
      'pass',
      `${renderCount(runs.length, 'probe')}, one after the other, moved what comes after${unread}`,
    );
  const after = await forward(host, bundle, [...seen.plain.keys()]);
  const kept = [...seen.plain.keys()].filter((name) => apart(after.get(name), seen.plain.get(name)) > seen.spread);
  if (kept.length === 0) say('replaced once', 'pass', 'the next run is as it was before');
  else say('replaced once', 'fail', `the next run still differs, first at ${kept[0]}`);
}

/** Of these, those that no layer reads in a built-in port either; null where none can run the bundle here. */
async function findIdle(bundle: Bundle, names: readonly string[]): Promise<string[] | null> {
  if (isForeignModel(bundle)) return null;
  for (const { name } of namedPorts) {
    const port = resolvePort(name);
    let host: PortHost | null = null;
    try {
      const plan = planRun({ ports: [port], bundles: [bundle] });
      host = await startHost(plan, port);
      validateFit(host, plan.cases[0]!);
      await host.load(bundle);
      const plain = await forward(host, bundle, namesOf(bundle));
      const ordered = new Map(namesOf(bundle).map((probe) => [probe, plain.get(probe)!]));
      const idle: string[] = [];
      for (const one of names) {
        const { moved } = await replaceOne(host, bundle, one, { plain: ordered, spread: 1e-5 });
        if (moved === false) idle.push(one);
      }
      return idle;
    } catch (error) {
      // An engine that is not there, or a model that it does not know; the next may.
      if (!isExpected(error)) throw error;
    } finally {
      await host?.close();
    }
  }
  return null;
}

/** Weights that do not fit are refused, and after that, and after `dispose`, the right ones are loaded again. */
async function checkWeights(host: PortHost, bundle: Bundle, { plain, spread }: Seen, say: Say): Promise<void> {
  await host.dispose();
  const { parameters } = bundle;
  const [first, ...rest] = [...parameters];
  const odd = 'tipcheck.no_such.weight';
  const faults: (readonly [string, ReadonlyMap<string, readonly number[]>])[] = [
    ['unknown weight', new Map([...parameters, [odd, [1]]])],
    ...(first === undefined ? [] : [['missing weight', new Map(rest)] as const]),
  ];
  const seeded = { kind: 'seeded', seed: 1, ranges: new Map([[odd, [0, 1] as const]]) } as const;
  for (const [name, changed] of faults) {
    const weights = [seeded, ...bundle.weights];
    const refusal = await host.load({ model: bundle.model, parameters: changed, weights }).then(
      () => null,
      (error: unknown) => {
        if (isExpected(error)) return error.message;
        throw error;
      },
    );
    const which = name === 'unknown weight' ? odd : first![0];
    if (refusal === null) {
      say(name, 'fail', `it takes weights ${name === 'unknown weight' ? 'with' : 'without'} ${which} and says nothing`);
      await host.dispose();
    } else if (refusal.includes(which)) say(name, 'pass', 'refused, and named');
    else say(name, 'note', `refused, but ${which} is not named`);
  }
  await host.load(bundle);
  const again = await forward(host, bundle, [...plain.keys()]);
  const lost = [...plain.keys()].filter((name) => apart(again.get(name), plain.get(name)) > spread);
  await host.dispose();
  if (plain.size === 0) say('dispose', 'note', 'it was loaded again, and gives no probe that could differ');
  else if (lost.length === 0) say('dispose', 'pass', 'loaded again, it gives the same');
  else say('dispose', 'fail', `loaded again, it gives something else, first at ${lost[0]}`);
}

async function checkGpu(port: PortTarget, bundle: Bundle, say: Say): Promise<void> {
  if (findGpu().found) return say('gpu', 'note', 'this machine has a GPU: what happens without one is not seen');
  const plan = planRun({ ports: [port], bundles: [bundle], device: 'gpu' });
  try {
    const host = await startHost(plan, port);
    await host.close();
    say('gpu', 'fail', 'it says that it computes on a GPU, and this machine has none');
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const silent = error.message.includes('it reports that it computes on the cpu');
    if (silent) say('gpu', 'fail', 'asked for the GPU, it takes the CPU in silence; an error is wanted');
    else say('gpu', 'pass', 'refused where there is none');
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof EnvironmentError || error instanceof UserError;
}

function listFirst(names: readonly string[]): string {
  const rest = names.length - shown;
  return `${names.slice(0, shown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const shown = 8;
