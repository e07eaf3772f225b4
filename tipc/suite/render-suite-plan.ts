import type { SuitePlan } from './plan-suite.js';

/** What a mode of ours judges. TIPC has no such mode. */
export function renderSuitePlan({
  name,
  ports,
  devices,
  threads,
  bundles,
  curves,
  evaluations,
  notes,
}: SuitePlan): string {
  const lines = [
    `${name} is a suite of tipcheck; TIPC has no such mode, and runs no command for it`,
    `ports: ${ports.join(', ')}, on ${devices.join(', ')}${threads === null ? '' : `, ${threads} threads`}`,
    ...[
      ['bundles', bundles],
      ['curves', curves],
      ['evaluations', evaluations],
    ].flatMap(([what, names]) => (names!.length === 0 ? [] : [`${String(what)}: ${(names as string[]).join(', ')}`])),
    ...notes.map((note) => `note: ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}
