import type { TipcFile } from '../plan/form.js';
import type { TipcPlan } from '../plan/plan.js';
import { describeRefused } from '../run/refuse-arguments.js';
import { translateAll } from '../run/translate-all.js';
import { placeForExplaining } from '../runners/paddleseg/find-paddleseg.js';
import { adaptPaddle2Onnx } from '../steps/adapt-paddle2onnx.js';
import { renderCommand } from '../steps/render-command.js';
import { paddleSegPort } from '../steps/runner-names.js';
import type { TipcOptions } from '../steps/tipc-options.js';

/** What tipcheck runs in a step's place. */
export interface Replacement {
  /** The step's number. */
  readonly number: number;
  /** A command line; null where nothing runs. */
  readonly command: string | null;
  /** Why nothing runs. */
  readonly reason: string | null;
  readonly notes: readonly string[];
  /** How it is not what the file asks for. */
  readonly deviations: readonly string[];
}

/**
 * For each step of a plan, what a port runs in its place on a machine that has all that the file asks for.
 * @param file says by which interpreter the port paddleseg runs, and names the lines of arguments at which a tool of
 *   PaddleSeg's ends
 */
export function replaceSteps(plan: TipcPlan, port: string, file: TipcFile | null = null): Replacement[] {
  if (file?.run === null)
    return plan.steps.map(({ number }) => ({
      number,
      command: null,
      reason: `tipcheck explains files of the form ${plan.form} and does not run them`,
      notes: [],
      deviations: [],
    }));
  const given = {
    ...{
      options: asTheFileSays,
      hardware: plenty,
      configs: new Map(),
      data: new Map(),
      records: `reports/<run-id>/${port}`,
    },
    paddleSeg: port === paddleSegPort ? placeForExplaining(file?.python ?? 'python') : null,
  };
  const ours = plan.steps.some(({ kind }) => kind === 'convert') ? adaptPaddle2Onnx(plan) : plan;
  return translateAll(ours, port, given).map(({ step, program, args, reason, notes, deviations }) => {
    const refused = file === null ? null : describeRefused(file, step, port !== paddleSegPort);
    const why = step.kind === 'analyse' ? 'its figures are those of the training above' : reason;
    return {
      number: step.number,
      command: args === null || refused !== null ? null : renderCommand(args, program),
      reason: refused ?? why,
      ...{ notes, deviations },
    };
  });
}

const asTheFileSays: TipcOptions = {
  device: 'auto',
  ports: null,
  crop: null,
  iters: null,
  pretrained: null,
  python: null,
  benchmark: null,
  allowed: [],
  required: [],
  reports: 'reports',
};

const plenty = {
  gpus: Number.POSITIVE_INFINITY,
  evidence: 'all are there',
  cores: Number.POSITIVE_INFINITY,
  mpi: null,
};
