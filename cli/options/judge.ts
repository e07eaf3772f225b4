import { InvalidArgumentError, Option } from 'commander';
import type { Waiver } from '../../harness/config/waivers.js';
import type { Device } from '../../harness/contract/device.js';
import type { RunContext } from '../../harness/judge.js';
import type { CaseResult } from '../../harness/result/record/case-result.js';
import type { BaselineOptions } from '../../harness/run/baseline.js';
import { defaultFactor } from '../../harness/run/judge-baseline.js';
import { deviceOption } from './device.js';
import { group, type OptionGroup } from './group.js';

/** Of an earlier run, that a run is held against. */
export const baselineFlags = group(
  {
    steps:
      'steps have no multiples of the noise; a command without it is wanted. Fix: npx tipcheck compare <run> <run>',
  },
  new Option(
    '--baseline <run>',
    'an earlier run (folder or result.json): what errs by more than a factor above it fails, even within its limits',
  ),
  new Option(
    '--factor <number>',
    `how much a multiple of the noise may grow from the baseline's (default: ${defaultFactor.factor})`,
  ).argParser(parseFactor),
);

/** Of every command that judges by goldens. Each says whether TIPC's own modes take it, which judge steps by files. */
export const judgeFlags: OptionGroup<'steps'> = [
  { option: deviceOption, refused: { steps: null } },
  {
    option: new Option(
      '--waivers <file>',
      'failures that are known and let through until a day: YAML or JSON (docs/ci.md)',
    ),
    refused: { steps: 'no failure of a step is let through; a command without it is wanted' },
  },
  ...baselineFlags,
];

export interface JudgeFlags extends BaselineOptions {
  readonly device: Device;
  readonly waivers?: string;
}

/** What of a run the flags cannot say. */
interface Judged {
  /** The run's bundles: names as they were given, and ids. */
  readonly ids: ReadonlyMap<string, string>;
  /** What suites expect to fail. */
  readonly expected?: readonly Waiver[];
  /** Whether the run was asked for a case of the baseline. */
  readonly isAsked: (found: CaseResult) => boolean;
}

/**
 * Reads what the flags name, before anything else is read: what cannot be used costs nothing.
 * @returns gives it to a run, once it is known what that runs
 */
export async function readJudgeFlags(
  flags: JudgeFlags,
): Promise<(judged: Judged) => Promise<Pick<RunContext, 'waivers' | 'baseline'>>> {
  // Loaded here: the flags alone are known at once.
  const { readWaivers } = await import('../../harness/config/waivers.js');
  const { readBaseline } = await import('../../harness/run/baseline.js');
  const { readRunWaivers } = await import('../../harness/run/run-waivers.js');
  const baseline = await readBaseline(flags);
  const waivers = flags.waivers === undefined ? [] : await readWaivers(flags.waivers);
  return async ({ ids, expected = [], isAsked }) => ({
    waivers: await readRunWaivers([...waivers, ...expected], ids),
    ...(baseline !== null && { baseline: { ...baseline, isAsked } }),
  });
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (!(factor > 1 && factor <= 1000)) throw new InvalidArgumentError('A number above 1 is wanted.');
  return factor;
}
