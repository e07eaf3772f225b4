import { slowPorts } from '../harness/hosts/read-ports.js';
import type { Diagnosis, EngineDiagnosis } from './diagnose.js';

/** The text of `tipcheck doctor`: a line per thing, the reason below where it is missing. */
export function renderDiagnosis({ engines, device, because, node, tools, ready }: Diagnosis): string {
  const lines = [
    `tipcheck on Node ${node.version}, ${node.platform}`,
    `device: ${device}, because ${because}`,
    '',
    'Engines',
    ...engines.map(renderEngine),
    '',
    `For the set-up of ${slowPorts.join(' and ')}, for golden bundles, for the report test and for several ranks`,
    ...tools.map(({ name, found, missing }) => `  ${name.padEnd(10)} ${found ?? `not found: ${missing}`}`),
    '',
    renderConclusion(engines, ready),
  ];
  return `${lines.join('\n')}\n`;
}

function renderConclusion(engines: readonly EngineDiagnosis[], ready: boolean): string {
  if (!ready) return 'Not everything runs. Fix: npx tipcheck prepare';
  const running = engines.filter(({ report }) => report !== null).map(({ port }) => port);
  return `${running.slice(0, -1).join(', ')} and ${running.at(-1)} run.`;
}

function renderEngine({ port, report, failure }: EngineDiagnosis): string {
  if (report === null) return `  ${port.padEnd(10)} does not run: ${failure}`;
  const { engine, version, device, provider, tf32, details } = report;
  const more = Object.entries(details).map(([name, value]) => `\n             ${name}: ${value}`);
  return `  ${port.padEnd(10)} ${engine} ${version}, ${device}, ${provider}, TF32 ${tf32}${more.join('')}`;
}
