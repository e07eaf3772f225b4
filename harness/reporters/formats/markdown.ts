import {
  type CaseResult,
  largestTimesNoise,
  type Measurement,
  timesNoise,
  titleOf,
} from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import { reductionsOf, type StepResult, type TipcRun } from '../../result/record/tipc-run.js';
import { renderCount, renderDuration, renderShape, renderTimes } from '../../support/figures.js';
import { explainCounts, explainEngine, explainFault, explainMeaning, whatOneTimesIs } from '../explain.js';
import { renderBaselineFinding } from '../explain-baseline.js';
import { explainFigures, explainRow } from '../explain-step.js';
import { explainIdleWaivers, explainWaived } from '../explain-waivers.js';
import { codeSpan, escapeMarkdown, renderTable } from '../markdown-text.js';
import type { Reporter } from '../reporter.js';
import { kindOf, kindsBySeverity, summariseCase } from '../summarise-case.js';

/**
 * A summary for a pull request or a job page: what fails first, then the table of all cases. At most `sizeLimit`
 * characters.
 */
export function renderMarkdown(result: Result): string {
  const failing = result.cases.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'waived');
  const sections = [
    renderHead(result),
    ...renderIdleWaivers(result),
    ...renderBaseline(result),
    ...(result.tipc === undefined ? [] : renderSteps(result.tipc)),
    ...failing.map(renderFailing),
    ...result.cases.filter(({ verdict }) => verdict === 'waived').map(renderFailing),
    ...(result.cases.length === 0 && result.tipc !== undefined ? [] : [renderCases(result.cases)]),
    renderMachine(result),
  ];
  return joinWithin(sections, sizeLimit);
}

export const reporter: Reporter = { since: '0.1.0', fileName: 'report.md', render: renderMarkdown };

/** GitHub takes 65,536 characters in a comment; the rest is room for the sentence that says what is left out. */
const sizeLimit = 65_000;
const layersShown = 20;
const casesShown = 200;

function renderHead(result: Result): string {
  const { verdict, summary, partial, startedAt, durationMs } = result;
  const restricted = partial ? ' Only some of the probes were asked for (`--only`).' : '';
  const began = `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${renderDuration(durationMs)}`;
  return `# tipcheck: ${verdict}\n\n${escapeMarkdown(summary)}${restricted} (${escapeMarkdown(began)})\n\n${whatOneTimesIs(result)}.\n`;
}

/** What expired or is stale, and what could not be looked at. */
function renderIdleWaivers(result: Result): string[] {
  const lines = explainIdleWaivers(result).map(({ state, note }) => `- **${state}**: ${escapeMarkdown(note)}.\n`);
  return lines.length === 0 ? [] : [`## Waivers\n\n${lines.join('')}`];
}

/** What became worse than in the earlier run; nothing where nothing did, for the head says so. */
function renderBaseline({ baseline }: Result): string[] {
  const findings = baseline?.findings ?? [];
  if (findings.length === 0) return [];
  const lines = findings
    .slice(0, layersShown)
    .map((finding) => `- **${finding.what}**: ${escapeMarkdown(renderBaselineFinding(finding))}\n`);
  const more = findings.length > layersShown ? `\n…and ${findings.length - layersShown} more.\n` : '';
  return [`## Beside the baseline\n\n${lines.join('')}${more}`];
}

/** Deviations first, then every step. */
function renderSteps(tipc: TipcRun): string[] {
  const { model, mode, file, steps } = tipc;
  const deviations = reductionsOf(tipc);
  const reduced =
    deviations.length === 0
      ? ''
      : `**Reduced.** What ran is not what the file asks for:\n\n${deviations.map((text) => `- ${escapeMarkdown(text)}\n`).join('')}\n`;
  const rows = steps.map((step) => [
    step.verdict,
    escapeMarkdown(step.id),
    escapeMarkdown(explainRow(step)),
    escapeMarkdown(step.verdict === 'pass' ? explainFigures(step) : (step.reason ?? '')),
    renderDuration(step.durationMs),
  ]);
  const header = ['verdict', 'step', 'row', 'found', 'time'];
  return [
    `## ${escapeMarkdown(`${model}, ${mode}`)}\n\nSteps of ${codeSpan(file)}.\n\n${reduced}${renderTable(header, rows)}`,
    ...steps.filter(({ verdict }) => verdict === 'fail' || verdict === 'error').map(renderFailingStep),
  ];
}

function renderFailingStep({ id, verdict, reason, ran, log }: StepResult): string {
  const lines = [
    escapeMarkdown(reason ?? 'no reason given'),
    ...(ran === null ? [] : [`ran ${codeSpan(ran)}`]),
    ...(log === null ? [] : [`log ${codeSpan(log)}`]),
  ];
  return `## ${verdict}: ${escapeMarkdown(id)}\n\n${lines.join('\n\n')}\n`;
}

function renderFailing(found: CaseResult): string {
  const title = `## ${found.verdict}: ${escapeMarkdown(titleOf(found))}\n`;
  const fault = explainFault(found);
  const known = explainWaived(found).map((text) => `${escapeMarkdown(text)}.`);
  if (fault === null)
    return `${title}\n${[escapeMarkdown(found.reason ?? 'no reason given'), ...known].join('\n\n')}\n`;
  const lines = [
    ...known,
    `**${fault.title === 'first fault' ? 'First fault' : 'Likely cause'}: ${codeSpan(fault.layer)}**, found by its ${fault.by} error: ${escapeMarkdown(fault.found)}.`,
    ...(fault.worst === null ? [] : [`${escapeMarkdown(fault.worst)}.`]),
    ...(fault.others === null ? [] : [`On their own at fault, too: ${escapeMarkdown(fault.others)}.`]),
    escapeMarkdown(fault.hint),
    `${explainCounts(summariseCase(found))}${found.meaning === null ? '' : `; ${explainMeaning(found.meaning)}`}.`,
  ];
  return `${title}\n${lines.join('\n\n')}\n\n${renderLayers(found.measurements)}`;
}

/** Faulty layers first, then the others that fail; the reference's order within each. */
function renderLayers(measurements: readonly Measurement[]): string {
  const failing = measurements.filter(({ verdict }) => verdict === 'fail' || verdict === 'missing');
  const rank = (measurement: Measurement) => kindsBySeverity.indexOf(kindOf(measurement));
  const ordered = [...failing].sort((a, b) => rank(a) - rank(b));
  const rows = ordered
    .slice(0, layersShown)
    .map((measurement) => [
      kindOf(measurement),
      codeSpan(measurement.name),
      renderTimes(timesNoise(measurement.own)),
      renderTimes(timesNoise(measurement)),
      renderTimes(largestTimesNoise(measurement)),
      renderShape(measurement.shape),
    ]);
  const more =
    ordered.length > layersShown ? `\n…and ${renderCount(ordered.length - layersShown, 'more layer')}.\n` : '';
  return `${renderTable(['', 'layer', 'own', 'accumulated', 'largest element', 'shape'], rows)}${more}`;
}

function renderCases(cases: readonly CaseResult[]): string {
  const rows = cases.slice(0, casesShown).map((found) => {
    const { worst, worstOwn } = summariseCase(found);
    return [
      found.verdict,
      escapeMarkdown(titleOf(found)),
      String(found.measurements.length),
      worst === null ? '–' : `${renderTimes(timesNoise(worst))} ${codeSpan(worst.name)}`,
      worstOwn === null ? '–' : `${renderTimes(timesNoise(worstOwn.own))} ${codeSpan(worstOwn.name)}`,
      found.meaning === null ? '–' : `${found.meaning.changed} of ${found.meaning.pixels}`,
      found.engine === null ? '–' : escapeMarkdown(explainEngine(found.engine)),
    ];
  });
  const header = ['verdict', 'port · bundle', 'probes', 'worst accumulated', 'worst own', 'pixels changed', 'engine'];
  const more = cases.length > casesShown ? `\n…and ${renderCount(cases.length - casesShown, 'more case')}.\n` : '';
  return `## All cases\n\n${renderTable(header, rows)}${more}`;
}

function renderMachine({ machine, tipcheckVersion, command, runId }: Result): string {
  const { cpu, cores, memoryGb, platform, node } = machine;
  const where = `${cpu}, ${renderCount(cores, 'core')}, ${memoryGb} GB, ${platform}, Node ${node}`;
  return `${escapeMarkdown(where)}. tipcheck ${escapeMarkdown(tipcheckVersion)}, run ${codeSpan(runId)}: ${codeSpan(command.join(' '))}\n`;
}

function joinWithin(sections: readonly string[], limit: number): string {
  let text = '';
  for (const [i, section] of sections.entries()) {
    if (text.length + section.length + 1 > limit) {
      return `${text}\n${renderCount(sections.length - i, 'more section')} left out here for their size: see report.html.\n`;
    }
    text += i === 0 ? section : `\n${section}`;
  }
  return text;
}
