import type { ListedAdapter } from '../../hosts/read-ports.js';
import { kindNamed } from '../../kinds/index.js';
import { explainUninformative } from '../../metrics/agreement.js';
import { cannot } from '../../support/errors.js';
import { outputsOf } from '../execute.js';
import { findProbes } from '../find-probes.js';
import type { Plan } from '../plan.js';
import { startHost } from '../start-host.js';
import { validateFit } from '../validate-fit.js';
import { sameBits, type Tried, tryOptimised } from './try-optimised.js';

/**
 * Finds which optimisation of its engine makes the difference in the outputs of a file: by level, then pass by pass.
 * @param plan of one file and one bundle
 * @param say is told each trial as it ends
 * @returns whether what users run agrees with the golden
 * @throws UserError for a port whose engine nobody can tell how to optimise, and for a bundle of training
 */
export async function bisectPasses(plan: Plan, say: (line: string) => void): Promise<boolean> {
  const [planned] = plan.cases;
  const { port, bundle } = planned!;
  const optimisation = port.about?.kind === 'adapter' ? port.about.optimisation : undefined;
  if (optimisation === undefined)
    throw cannot('bisect', port.name, 'nobody can choose how it is optimised', 'an .onnx file is wanted');
  if (bundle.phase === 'train')
    throw cannot('bisect by', bundle.id, 'it is a bundle of training', 'one of inference is wanted');
  const outputs = outputsOf(planned!);
  if (!outputs.some((golden) => explainUninformative(golden, kindNamed('forward')) === null))
    throw cannot(
      'bisect by',
      bundle.id,
      'none of its outputs is informative',
      'one that a fault can show in is wanted',
    );
  const host = await startHost(plan, port);
  try {
    validateFit(host, planned!);
    await host.load(bundle);
    await findProbes(host, { ...planned!, probes: outputs });
    const run: Run = (level, off, list) => tryOptimised(host, planned!, outputs, level, off, list);
    return await bisect(run, optimisation, say);
  } finally {
    await host.close();
  }
}

/** @param list whether the passes that act are asked for */
type Run = (level: string, off: readonly string[], list: boolean) => Promise<Tried>;

/** @param run gives what came of the outputs at a level, with passes switched off */
export async function bisect(run: Run, { levels, parts }: Optimisation, say: (line: string) => void): Promise<boolean> {
  const tried: Tried[] = [];
  for (const level of levels) {
    const found = await run(level, [], level === levels.at(-1));
    tried.push(found);
  }
  // Refused however it is optimised: then nothing is said of optimisation.
  if (tried.every(({ refused }) => refused !== null)) throw tried[0]!.refused;
  for (const [at, found] of tried.entries()) say(row(levels[at]!, found));
  const [plain, shipped] = [tried[0]!, tried.at(-1)!];
  const end = (text: string) => say(`${shipped.agrees ? 'pass' : 'fail'}  ${text}`);
  if (tried.every((one) => sameBits(one, plain))) {
    end(`nothing differs: the outputs are the same to the last bit at every level, ${plain.said}`);
    return shipped.agrees;
  }
  const first = tried.findIndex((one) => one.agrees !== plain.agrees || (shipped.agrees && !sameBits(one, plain)));
  const from = first < 0 ? '' : `from the level ${levels[first]} on: ${tried[first]!.said}; ${plain.said} before it`;
  if (!plain.agrees && !shipped.agrees) {
    end(
      `it fails without optimisation, too: ${plain.said}. Fix: npx tipcheck judge, which names its first faulty layer`,
    );
    return false;
  }
  say(first < 0 ? 'outputs differ' : `outputs differ ${from}`);
  const last: Last = (off, list = false) => run(levels.at(-1)!, off, list);
  const effective = await tryEach(last, shipped, parts, say);
  const wanted = !shipped.agrees;
  const cures = effective.filter(({ found }) => found.agrees === wanted && wanted);
  if (shipped.agrees)
    end(
      renderHarmless(
        effective.map(({ name }) => name),
        plain,
      ),
    );
  else if (cures.length > 0)
    end(
      `${cures.map(({ name }) => name).join(' or ')} makes the difference: ${shipped.said} with it, ${cures[0]!.found.said} without`,
    );
  else end(await bisectTogether(last, shipped));
  return shipped.agrees;
}

/** The graph that users run. */
type Last = (off: readonly string[], list?: boolean) => Promise<Tried>;

type Optimisation = NonNullable<ListedAdapter['optimisation']>;

interface Effect {
  readonly name: string;
  /** With it switched off. */
  readonly found: Tried;
}

/** Switches each pass off that acts; of one that matters and has parts, each part. */
async function tryEach(
  last: Last,
  shipped: Tried,
  parts: Optimisation['parts'],
  say: (line: string) => void,
): Promise<Effect[]> {
  const effective: Effect[] = [];
  for (const name of shipped.passes) {
    const found = await last([name]);
    say(row(`without ${name}`, found, sameBits(found, shipped)));
    if (sameBits(found, shipped)) continue;
    if (found.values === null) continue;
    const within: Effect[] = [];
    for (const part of parts[name] ?? []) {
      const one = await last([part]);
      if (one.values === null || sameBits(one, shipped)) continue;
      say(row(`  without ${part}`, one));
      if (one.agrees === found.agrees) within.push({ name: `${part} of ${name}`, found: one });
    }
    effective.push(...(within.length === 0 ? [{ name, found }] : within));
  }
  return effective;
}

/** Where none alone makes the difference: all are switched off, and on again as long as it agrees. */
async function bisectTogether(last: Last, shipped: Tried): Promise<string> {
  let off = shipped.passes;
  let found = await last(off, true);
  // Others act where the usual ones do not.
  for (let round = 0; round < mostRounds && found.passes.length > 0; round++) {
    off = [...new Set([...off, ...found.passes])];
    found = await last(off, true);
  }
  if (!found.agrees)
    return `no pass that can be switched off makes the difference: ${found.said} without ${off.join(', ')}`;
  for (const name of off) {
    const without = off.filter((one) => one !== name);
    const one = await last(without);
    if (one.agrees) [off, found] = [without, one];
  }
  return `${off.join(' and ')} make the difference together: ${shipped.said} with them, ${found.said} without`;
}

const mostRounds = 5;

function renderHarmless(names: readonly string[], plain: Tried): string {
  if (!plain.agrees) return `only optimised it agrees: ${plain.said} without`;
  const which =
    names.length === 0 ? 'no pass by itself does' : `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'}`;
  return `optimisation changes last bits and nothing more; ${which}`;
}

/** `basic  fails  logits 3.1e5× noise, largest 4.0e5×` */
function row(title: string, { agrees, said }: Tried, same = false): string {
  return `${title.padEnd(width)}  ${same ? 'the same bits' : `${agrees ? 'agrees' : 'fails '}  ${said}`}`;
}

/** Of `without Level1_RuleBasedTransformer`. */
const width = 36;
