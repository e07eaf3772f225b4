import { listShippedBundles, resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { listBuiltInPorts, resolvePort } from '../../harness/hosts/resolve-port.js';
import { type CaseResult, timesNoise } from '../../harness/result/record/case-result.js';
import { planRun } from '../../harness/run/plan.js';
import { runPlan } from '../../harness/run/run.js';
import { measureBareForward } from './contenders.js';

export interface JudgeRow {
  readonly name: string;
  /** Forward passes that the judgement needs: plain, own errors, without probes. */
  readonly runs: number;
  /** One forward without probes, median of five. */
  readonly bareMs: number;
  /** All forward passes and all comparing; without the start of the process and the load of the model. */
  readonly judgeMs: number;
  /** judgeMs / (runs · bareMs). */
  readonly ratio: number;
  readonly ratioWithLoad: number;
  readonly worstNoiseRatio: number;
  readonly worstOwnRatio: number | null;
}

/** What judging costs beside the bare forward passes, and the worst noise multiples, for both ports and all bundles. */
export async function benchJudge(say: (line: string) => void): Promise<JudgeRow[]> {
  const rows: JudgeRow[] = [];
  const bundles = [];
  for (const name of listShippedBundles()) bundles.push(await readBundle(resolveBundleFolder(name)));
  const inferring = bundles.filter(({ phase }) => phase === 'infer');
  for (const name of ['ort', 'tfjs'].filter((port) => listBuiltInPorts().includes(port))) {
    const port = resolvePort(name);
    const cases = await runPlan(planRun({ ports: [port], bundles: inferring, device: 'cpu' }), {
      onCase: ({ id, verdict, reason }) => say(`${id} ${verdict} ${reason ?? ''}`),
    });
    for (const [index, found] of cases.entries()) {
      if (found.measurements.length === 0) continue;
      rows.push(rowOf(found, await measureBareForward(port, inferring[index]!, 5)));
    }
  }
  return rows;
}

function rowOf({ id, timing, measurements }: CaseResult, bareMs: number): JudgeRow {
  const passes = [timing.plainMs, timing.ownMs, timing.shippedMs].filter((ms) => ms !== null);
  const judgeMs = passes.reduce((sum, ms) => sum + ms, timing.judgeMs);
  const own = measurements.map((found) => timesNoise(found.own)).filter((ratio) => ratio !== null);
  return {
    name: id,
    runs: passes.length,
    bareMs,
    judgeMs,
    ratio: judgeMs / (passes.length * bareMs),
    ratioWithLoad: (judgeMs + timing.loadMs) / (passes.length * bareMs),
    worstNoiseRatio: Math.max(...measurements.map((found) => timesNoise(found) ?? Number.NaN)),
    worstOwnRatio: own.length === 0 ? null : Math.max(...own),
  };
}
