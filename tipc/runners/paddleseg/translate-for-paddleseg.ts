import type { TipcStep } from '../../plan/plan.js';
import { applyChanges, type Change, changeInputShape, changeIterations, changeMasks } from '../../steps/changes.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import type { StepRequest } from '../../text/request.js';

/**
 * TIPC's own command, and only what the command line or a check of ours needs changed: each word stays in its place.
 */
export function translateForPaddleSeg(step: TipcStep, context: ScriptContext): Command {
  const { kind, request, resultsFolder } = step;
  const { config, device, folder } = context;
  const { iters, crop } = context.options;
  if (request.has('--profiler_options'))
    return {
      lack: 'profiler',
      reason: "the row runs PaddleSeg's profiler, which ends the training in the middle, with exit code 0",
    };
  const notes =
    kind === 'infer' || kind === 'export'
      ? ["Paddle's graph is held against no other engine, which none of ours reads: what it leaves is looked at"]
      : [];
  const changes: Change[] = [];
  if (kind !== 'infer' && (request.value('--config') ?? config.path) !== config.path)
    changes.push({ option: '--config', to: [config.path] });
  if (device !== 'auto' && (request.value('--device') ?? 'gpu') !== device)
    changes.push({ option: '--device', to: [device] });
  if (kind === 'train') changes.push(...changeIterations(request, iters), ...showLosses(request, iters));
  if (kind === 'export') changes.push(...changeInputShape(request, crop));
  if (kind === 'infer' && request.value('--save_dir') !== folder) changes.push(changeMasks(folder, resultsFolder));
  const changed = applyChanges(request, changes);
  const args = [...launcherOf(step, context, notes), step.script, ...changed.words];
  return { args, request: changed, changes, notes };
}

/** What PaddleSeg takes where nothing is said. */
const defaultLogIters = 10;

/** A loss cannot be seen to move where fewer than two are logged. */
function showLosses(request: StepRequest, given: number | null): Change[] {
  const iters = given ?? Number(request.value('--iters') ?? Number.NaN);
  const every = Number(request.value('--log_iters') ?? defaultLogIters);
  if (!(iters / every < 2)) return [];
  const note = `--log_iters 1, for of ${iters} iterations ${Math.floor(iters / every)} would be logged`;
  return [{ option: '--log_iters', to: ['1'], note }];
}

/** Several ranks: on GPUs as TIPC has it, on processors as many processes. */
function launcherOf({ row }: TipcStep, { device, record }: ScriptContext, notes: string[]): string[] {
  if (row.ranks === 1) return [];
  const logs = record.replace(/\.json$/, '-ranks');
  notes.push(`logs of the ranks lie in ${logs}, where TIPC has ./log, among those of other runs`);
  const devices = device === 'cpu' ? `--nproc_per_node=${row.ranks}` : `--devices=${row.gpu}`;
  return ['-m', 'paddle.distributed.launch', devices, `--log_dir=${logs}`];
}
