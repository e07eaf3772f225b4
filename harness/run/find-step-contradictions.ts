import { kindOfName } from '../kinds/index.js';
import type { Result } from '../result/record/result.js';
import type { StepCheck, StepResult, TipcRun } from '../result/record/tipc-run.js';
import { findDroppedSteps, findFailingCheck, findOtherVerdict } from './find-headline-faults.js';
import { findInMeasured } from './find-over-limits.js';

/**
 * Where the result of a TIPC mode contradicts itself: a row that was dropped, a verdict that does not follow from its
 * checks.
 */
export function findStepContradictions(result: Result, tipc: TipcRun): string[] {
  const { cases, limits } = result;
  const { planned, steps, deviations } = tipc;
  const ids = steps.map(({ id }) => id);
  const said = new Set(steps.flatMap((step) => step.deviations));
  return [
    ...findOtherVerdict(result),
    ...findUnrecorded(tipc, limits),
    ...(cases.length === 0 ? [] : ['it holds cases beside the steps of a TIPC mode; either is wanted']),
    ...findDroppedSteps(tipc),
    ...ids.filter((id) => !planned.includes(id)).map((id) => `${id} was not planned`),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} is there twice`),
    ...[...said].filter((text) => !deviations.includes(text)).map((text) => `the run does not say of a step: ${text}`),
    ...steps.flatMap((step) => findInStep(step, limits).map((text) => `${step.id}: ${text}`)),
  ];
}

/** Only version 1 could leave it out. */
function findUnrecorded({ inputs, files, steps }: TipcRun, limits: string): string[] {
  if (limits === 'limits/1') return [];
  return [
    ...(inputs === null ? ['it does not say what it read'] : []),
    ...(files === null ? ['result.json lists no hashes of the files that the run left'] : []),
    ...steps.flatMap(({ id, ran, record }) =>
      ran !== null && record === null ? [`${id}: result.json does not name its -judged.json`] : [],
    ),
  ];
}

function findInStep(step: StepResult, limits: string): string[] {
  const { id, mode, port, number, kind, verdict, reason, ran, lack, blame, checks, artefacts, engine, deviceAsked } =
    step;
  const faults: string[] = [];
  if (blame !== undefined && verdict !== 'error')
    faults.push(`it is ${verdict}, and blames the user's input for an error`);
  faults.push(...checks.flatMap((one) => findInCheck(one, limits)));
  if (id !== stepIdOf({ mode, port, number, kind }))
    faults.push(
      `it is ${number}-${kind} of port ${port}${mode === undefined ? '' : ` in ${mode}`}, which is another step`,
    );
  if (verdict !== 'pass') {
    if (reason === null) faults.push(`it is ${verdict}, without a reason`);
    if (verdict !== 'not-run' && ran === null) faults.push(`it is ${verdict}, and nothing ran`);
    if (verdict === 'not-run' && ran !== null) faults.push('it did not run, and something ran');
    return faults;
  }
  if (reason !== null || lack !== null) faults.push(`it passes, with the reason ${reason ?? lack}`);
  if (ran === null) faults.push('it passes, and nothing ran');
  if (checks.length === 0) faults.push('it passes, and nothing was checked');
  if (artefacts.length === 0) faults.push('it passes, and made no file');
  faults.push(...findFailingCheck(step));
  if (engine === null) faults.push('it passes, and nothing says which engine ran');
  if (engine !== null && deviceAsked !== null && engine.device !== deviceAsked)
    faults.push(`it passes on the ${engine.device}; the ${deviceAsked} was asked for`);
  return faults;
}

/** Version 1 stored no figures of checks. */
function findInCheck({ name, verdict, kind, figures }: StepCheck, limits: string): string[] {
  const wanted = kindOfName('tipc', name);
  if (kind !== null)
    return findInMeasured(`its check ${name}`, { kind, figures }, { kind: wanted, limits }, verdict === 'pass');
  if (wanted !== null && limits !== 'limits/1') return [`its check ${name} is of no kind; ${wanted.name} is wanted`];
  return figures.length === 0 ? [] : [`its check ${name} has figures of no kind`];
}

/** What a step is called in its run. */
export function stepIdOf({
  mode,
  port,
  number,
  kind,
}: Pick<StepResult, 'port' | 'number' | 'kind'> & { readonly mode?: string | undefined }): string {
  return `${mode === undefined ? '' : `${mode}/`}${port}/${number}-${kind}`;
}
