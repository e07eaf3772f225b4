import { toStep } from '../../harness/result/parse-result.js';
import type { StepCheck, StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { capFaults, describeMissing, type Findings, shorten } from '../../harness/run/findings.js';
import { portBeforeMerge } from '../../harness/run/port-before-merge.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { renderCanonical } from '../inputs/canonical-json.js';
import { parseObject } from './check-plan.js';
import { isOwnFile, locateFile, type RunPlace } from './run-place.js';

/**
 * Every step says what its own file said as soon as it had ended: no figure, no check, no word of it can be changed in
 * `result.json` alone. Logits are deleted once they are judged, so that of what they gave this file is all that is
 * left.
 */
export async function checkJudgedSteps(
  place: RunPlace,
  { steps }: Pick<TipcRun, 'steps'>,
  command: readonly string[],
): Promise<Findings> {
  const faults: string[] = [];
  const unread: string[] = [];
  for (const step of steps) {
    const found = await findOtherJudgement(place, step, command);
    if (found === null) unread.push(step.id);
    else faults.push(...found);
  }
  const unchecked =
    unread.length === 0 ? [] : [`what ${unread.join(', ')} said of themselves: the files of it are not there`];
  return { faults: capFaults(faults), unchecked };
}

/** Null where what the step said lies elsewhere, as the parts of a merge do, and is away. */
async function findOtherJudgement(
  place: RunPlace,
  step: StepResult,
  command: readonly string[],
): Promise<string[] | null> {
  if (step.record === null) return [];
  const text = await readTextOrNull(locateFile(place, step.record));
  if (text === null) return isOwnFile(place, step.record) ? [describeMissing(step.record)] : null;
  const judged = toStep(parseObject(text));
  if (judged === null) return [`${step.record} is not a step`];
  const found = comparable({ ...step, port: portBeforeMerge(step.port, command) });
  const wanted = comparable(judged);
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  const others = names.filter((name) => renderCanonical(found[name]) !== renderCanonical(wanted[name]));
  return others.flatMap((name) => describeOther(step, name, found[name], wanted[name]));
}

/** A merge may call a step, its port and its files otherwise; the hashes of the files stay. */
function comparable(step: object): Readonly<Record<string, unknown>> {
  const { id: _id, mode: _mode, log: _log, record: _record, artefacts, ...rest }: Record<string, unknown> = { ...step };
  const files = Array.isArray(artefacts) ? artefacts.map((one) => [one?.bytes, one?.sha256]) : artefacts;
  return { ...rest, artefacts: files };
}

function describeOther({ id, record }: StepResult, name: string, found: unknown, wanted: unknown): string[] {
  if (name !== 'figures' && name !== 'checks')
    return [`${id}: result.json says ${name}: ${shorten(found)}; ${record} says ${shorten(wanted)}`];
  const [ours, theirs] = name === 'checks' ? [textsOf(found), textsOf(wanted)] : [entriesOf(found), entriesOf(wanted)];
  const what = name === 'checks' ? 'its check ' : '';
  const others = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((one) => ours.get(one) !== theirs.get(one))
    .map(
      (one) =>
        `${id}: ${what}${one} is ${ours.get(one) ?? 'missing'} in result.json; ${record} says ${theirs.get(one) ?? 'nothing of it'}`,
    );
  // A text does not have all of a check: its kind, the reason for a limit.
  return others.length > 0 ? others : [`${id}: its ${name} in result.json are not those of ${record}`];
}

function entriesOf(figures: unknown): Map<string, string> {
  return new Map(Object.entries({ ...(figures as object) }).map(([name, value]) => [name, shorten(value)]));
}

/** Of checks of one name, all. */
function textsOf(checks: unknown): Map<string, string> {
  const texts = new Map<string, string>();
  for (const one of Array.isArray(checks) ? checks : []) {
    const { name, verdict, found, because, figures }: StepCheck = one;
    const limits = (figures ?? []).map((figure) => `${figure.name} ${figure.value} of ${figure.limit} ${figure.unit}`);
    const text = [`${verdict}, ${found}${because === null ? '' : ` (${because})`}`, ...limits].join(', ');
    texts.set(name, texts.has(name) ? `${texts.get(name)}; ${text}` : text);
  }
  return texts;
}
