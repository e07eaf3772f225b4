import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import type { TipcFile } from '../plan/form.js';
import { validateFormMode } from '../plan/form-modes.js';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { planTipc } from '../plan/plan-tipc.js';
import { relocatePlan } from '../plan/relocate.js';
import { adaptPaddle2Onnx } from '../steps/adapt-paddle2onnx.js';
import { writeOutArguments } from '../steps/refuse-arguments.js';
import { parseMode } from '../text/modes.js';

/**
 * The steps of a mode that are run here.
 * @param benchmark which configurations benchmark_train trains, as its script's third argument; null: all of the file's
 * @throws EnvironmentError for a form that is explained and not run, UserError where the file plans nothing
 */
export function planMode(file: TipcFile, mode: string, benchmark: string | null = null): TipcPlan {
  const name = parseMode(mode);
  if (benchmark !== null && name !== 'benchmark_train')
    throw new UserError(
      `Cannot use --params with ${name}: it says what benchmark_train trains; a command without it is wanted`,
    );
  if (file.form !== 'train_infer') validateFormMode(file, name);
  if (file.form === 'paddle2onnx') return planConversion(file, name);
  if (file.form !== 'train_infer')
    throw new EnvironmentError(
      `Cannot run ${file.path}: its form is ${file.form}, which is explained and not run; train_infer_python.txt is wanted. Fix: npx tipcheck explain ${file.path} ${name}`,
    );
  const plan =
    name === 'paddle2onnx_infer' ? planOnnx(file) : planTipc(file, name, benchmark === null ? {} : { benchmark });
  const { steps, notes } = name === 'benchmark_train' ? withoutAnalysis(plan) : plan;
  const passedOver = plan.filtered.find(({ kind }) => kind === 'infer');
  if (passedOver !== undefined && !steps.some(({ kind }) => kind === 'infer'))
    throw new UserError(
      `Cannot run ${name} of ${file.path}: TIPC passes over every row of inference, ${file.path}:${passedOver.line}: ${passedOver.reason}; at least one that runs is wanted. Fix: npx tipcheck explain ${file.path} ${name}`,
    );
  if (steps.length === 0)
    throw new UserError(
      `Cannot run ${name} of ${file.path}: the file plans no step for it; at least one is wanted. Fix: npx tipcheck explain ${file.path} ${name}`,
    );
  return writeOutArguments({ ...plan, steps, notes });
}

/** TIPC's script never learns its mode, so that its files would lie among those of all other modes. */
function planConversion(file: TipcFile, mode: string): TipcPlan {
  const plan = planTipc(file, mode);
  const folder = `${plan.outputFolder}${mode}`;
  const moved = relocatePlan({ ...plan, outputFolder: `${plan.outputFolder}/` }, `${folder}/`);
  const note = `TIPC's script writes to ${plan.outputFolder}, whatever the mode; here it is ${folder}`;
  return adaptPaddle2Onnx({ ...moved, outputFolder: folder, notes: [...plan.notes, note] });
}

/** TIPC converts Paddle's graph; ours is an ONNX file from the start. What is left is to export it, judge it, and infer by it. */
function planOnnx(file: TipcFile): TipcPlan {
  const plan = planTipc(file, 'whole_infer');
  const folder = plan.outputFolder.replace(/whole_infer$/, 'paddle2onnx_infer');
  const moved = relocatePlan({ ...plan, mode: 'paddle2onnx_infer' }, folder);
  const first = moved.steps.find(({ kind, row }) => kind === 'infer' && row.device !== 'gpu');
  const needed = moved.steps.filter(({ number }) => first?.dependsOn.includes(number));
  return {
    ...moved,
    banner: plan.banner?.replace('whole_infer', 'paddle2onnx_infer') ?? null,
    steps: renumber([...needed, ...(first === undefined ? [] : [first])]),
    notes: [
      // Other numbers are theirs, and other rows.
      ...plan.notes.filter((note) => !/ TIPC tells steps? /.test(note)),
      'TIPC has paddle2onnx_infer for files of the form paddle2onnx alone; the commands of TIPC are those of its whole_infer',
      'paddle2onnx is not run: tipcheck export writes ONNX itself, and the first row of whole_infer infers by it',
    ],
  };
}

function renumber(steps: readonly TipcStep[]): TipcStep[] {
  const numbers = new Map(steps.map(({ number }, at) => [number, at + 1]));
  return steps.map((step, at) => ({
    ...step,
    number: at + 1,
    dependsOn: step.dependsOn.flatMap((number) => numbers.get(number) ?? []),
  }));
}

/** The script that reads figures from logs is not a part of PaddleSeg: a training's figures are in its own step. */
function withoutAnalysis(plan: TipcPlan): Pick<TipcPlan, 'steps' | 'notes'> {
  const steps = plan.steps.filter(({ kind }) => kind !== 'analyse');
  if (steps.length === plan.steps.length) return plan;
  return {
    steps: renumber(steps),
    notes: [
      ...plan.notes,
      "TIPC's analysis.py, which is not a part of PaddleSeg, is not run: samples a second, reader cost and memory are figures of each training",
    ],
  };
}
