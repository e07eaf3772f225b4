import { join } from 'node:path';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { outLines, tell } from '../../harness/support/console.js';
import { describeMachine } from '../../harness/support/describe-machine.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { prepareMode } from '../../tipc/prepare/prepare-mode.js';
import { measureForwards } from './measure-forwards.js';
import { measureSpread, measureWorst } from './measure-spread.js';
import type { Proof, ProvedStage } from './proof.js';
import { renderCertificateHint, renderProof } from './render-proof.js';
import { readResult, runStage, type StageEnd } from './run-stage.js';
import { describeLeftOut, listStages, type Stage, type StageRequest } from './stages.js';

/** Of the whole proof, but for its rehearsal. A stage that is not reached was not run. */
const budgetS = 600;

/** @returns 0 if all is as wanted, 1 if something is not, 3 if something could not run */
export async function prove(request: StageRequest): Promise<number> {
  const { folder, rehearsal, ports } = request;
  const endsAt = performance.now() + (rehearsal ? Number.POSITIVE_INFINITY : budgetS * 1000);
  const leftS = () => (endsAt - performance.now()) / 1000;
  const stages: ProvedStage[] = [];
  const head = { format: 'tipcheck-gpu-proof/1', rehearsal, machine: describeMachine() } as const;
  let proof: Proof = { ...head, stages, leftOut: describeLeftOut(), forwards: [] };
  const keep = () => writeAtomicFile(join(folder, 'proof.json'), `${JSON.stringify(proof, null, 2)}\n`);
  await keep();
  for (const stage of listStages(request)) {
    tell(`${stage.name} on the ${stage.device} …`);
    const ended = await runOrSkip({ ...stage, limitS: Math.min(stage.limitS, leftS()) }, folder, stages[0] ?? null);
    stages.push({ ...ended, ...(await measure(ended, folder)) });
    await keep();
  }
  const runs = stages.some(({ name, outcome }) => name === 'doctor' && outcome === 'as wanted');
  if (leftS() > 0) proof = { ...proof, forwards: await measureForwards(ports, { rehearsal, onCard: runs, leftS }) };
  await keep();
  outLines(renderProof(proof));
  outLines(renderCertificateHint(folder, stages));
  const outcomes = stages.map(({ outcome }) => outcome);
  if (outcomes.some((outcome) => outcome === 'not as wanted' || outcome === 'too slow')) return 1;
  return outcomes.includes('not run') || proof.forwards.some(({ failure }) => failure !== null) ? 3 : 0;
}

/** A mode of TIPC's tolerates that there are too few cards, so it is not asked where there is none. */
async function runOrSkip(stage: Stage, folder: string, doctor: StageEnd | null): Promise<StageEnd> {
  const { name, device, args, mode, limitS } = stage;
  const skipped = (because: string | null): StageEnd => ({
    ...{ name, device, args, outcome: 'not run', exitCode: null, seconds: 0, because },
  });
  if (limitS <= 0) return skipped(`the ${budgetS / 60} minutes were over; --port with one port takes half of them`);
  if (mode === undefined) return runStage(stage, folder);
  if (doctor !== null && doctor.outcome !== 'as wanted') return skipped(doctor.because);
  try {
    await prepareMode(mode.file, mode.name, { pretrained: 'none' });
  } catch (error) {
    if (error instanceof EnvironmentError || error instanceof UserError) return skipped(error.message);
    throw error;
  }
  return runStage(stage, folder);
}

async function measure({ name }: StageEnd, folder: string) {
  const result = await readResult(join(folder, name));
  if (result === null) return { own: null, accumulated: null, spread: null };
  const first = name.includes('-again-') ? await readResult(join(folder, name.replace('-again-', '-'))) : null;
  return { ...measureWorst(result), spread: first === null ? null : measureSpread(result, first) };
}
