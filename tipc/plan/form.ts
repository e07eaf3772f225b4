import type { Device } from '../../harness/contract/device.js';
import type { TipcFrame } from '../text/frame.js';
import type { TipcLine } from '../text/lines.js';
import type { TipcPlan, TipcPlanOptions, TipcStep } from './plan.js';

/** A form of TIPC's text files: what a file of `tipc/forms/` exports as `form`. */
export interface TipcForm {
  /** That of its file, with underscores. */
  readonly name: string;
  /**
   * Place where forms are listed, from 1. Where several recognise a file, the last is taken: the first takes any title.
   */
  readonly rank: number;
  /** The first line, as an error says that it is wanted. */
  readonly title: string;
  /** Modes that TIPC's script for the form has. */
  readonly modes: readonly string[];
  recognise(lines: readonly TipcLine[]): boolean;
  /** @throws UserError for lines that the form does not have, with file and line */
  parse(lines: readonly TipcLine[], path: string): TipcFile;
}

/** A TIPC text file of any form: what is asked of it once it is parsed. */
export interface TipcFile extends TipcFrame {
  /** The name of its form. */
  readonly form: string;
  /** The interpreter's command. */
  readonly python: string;
  /** The ports that the file names; null where it names none. */
  readonly ports: readonly string[] | null;
  /** Where suites are to run; null for a form that has none. `threads` null: the engine's default. */
  readonly suite: { readonly devices: readonly Device[]; readonly threads: number | null } | null;
  /** Whether the file names the weights of whole_infer; false: released ones are meant. */
  readonly namesWeights: boolean;
  /** The line of the file that gives an option of a step's command, else that of the command. */
  lineOf(step: TipcStep, option: string): number;
  /** What TIPC's script for the form would run. @param mode one of the form's */
  plan(mode: string, options: TipcPlanOptions): TipcPlan;
  /**
   * What is run here in its place; null for a form that is explained and not run. @param mode as of `plan`, or of
   * `alsoRuns`
   */
  readonly run: ((mode: string, options: TipcPlanOptions) => TipcPlan) | null;
  /** Modes that run here by this file, and that TIPC has for files of another form alone. */
  readonly alsoRuns: readonly string[];
}

/** A file of a form that is explained and not run, and that has no suites. */
export function plainFile(
  file: TipcFrame & { readonly form: string; readonly python?: string },
  plan: TipcFile['plan'],
): TipcFile {
  const { form, path, modelName, notes, python = 'python' } = file;
  return {
    ...{ form, path, modelName, notes, python, plan },
    ports: null,
    suite: null,
    namesWeights: true,
    lineOf: ({ line }) => line,
    run: null,
    alsoRuns: [],
  };
}
