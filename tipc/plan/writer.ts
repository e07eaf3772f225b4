import type { TipcFrame } from '../text/frame.js';
import { isGiven } from '../text/lines.js';
import { readCommand } from '../text/request.js';
import type { TipcFilteredRow, TipcPlan, TipcRow, TipcStep, TipcStepKind } from './plan.js';

/** Collects the steps of a plan in order. */
export function planWriter() {
  const steps: TipcStep[] = [];
  const filtered: TipcFilteredRow[] = [];
  const notes = new Set<string>();
  const bannerBefore: number[] = [];
  return {
    steps,
    notes,
    bannerBefore,
    /** Adds a step and returns its number. */
    step(draft: StepDraft): number {
      const { own, row, ...rest } = draft;
      const number = steps.length + 1;
      steps.push({
        ...defaults,
        ...rest,
        ...readCommand(own),
        number,
        row: { ...emptyRow, ...row },
      });
      return number;
    },
    filter(kind: TipcStepKind, row: Partial<TipcRow>, reason: string, line: number): void {
      filtered.push({ kind, row: { ...emptyRow, ...row }, reason, line });
    },
    finish(
      file: TipcFrame & { readonly form: string },
      rest: Pick<TipcPlan, 'mode' | 'outputFolder' | 'banner'>,
    ): TipcPlan {
      const { form, path, modelName } = file;
      return { form, path, modelName, ...rest, bannerBefore, steps, filtered, notes: [...file.notes, ...notes] };
    },
  };
}

export type PlanWriter = ReturnType<typeof planWriter>;

type StepDraft = Pick<TipcStep, 'kind' | 'command' | 'status' | 'line'> &
  Partial<Omit<TipcStep, 'number' | 'script' | 'request' | 'row'>> & {
    /** The part of the command that is the program and its arguments, without interpreter and launcher. */
    readonly own: string;
    readonly row?: Partial<TipcRow>;
  };

const defaults = {
  visibleDevices: null,
  runFolder: null,
  checkpoint: null,
  logPath: null,
  resultsFolder: null,
  unasked: [],
  dependsOn: [],
};

const emptyRow: TipcRow = {
  gpu: null,
  ranks: 1,
  nodes: 1,
  device: null,
  trainer: null,
  autocast: null,
  mkldnn: null,
  threads: null,
  precision: null,
  batchSize: null,
  tensorRt: null,
  quantised: false,
};

/** The text of the line that opens a run's status lines. */
export function bannerOf(mode: string): string {
  const dashes = '-'.repeat(24);
  return `${dashes} ${mode} ${dashes}`;
}

/** An argument of a command line, `key=value`; a blank where key or value stands for none. */
export function renderArgument(key: string, value: string): string {
  return key === 'null' || !isGiven(value) ? ' ' : `${key}=${value}`;
}
