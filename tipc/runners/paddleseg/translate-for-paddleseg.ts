import type { TipcStep } from '../../plan/plan.js';
import { withInputShape, withIterations } from '../../steps/changes.js';
import { optionOf, withOption } from '../../steps/options.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';

/**
 * TIPC's own command, and only what the command line or a check of ours needs changed: a word stays where it says the
 * same.
 */
export function translateForPaddleSeg(step: TipcStep, context: ScriptContext): Command {
  const { options, config, device, folder } = context;
  if (step.argv.some((word) => word.startsWith('--profiler_options')))
    return {
      lack: 'profiler',
      reason: "the row runs PaddleSeg's profiler, which ends the training in the middle, with exit code 0",
    };
  const deviations: string[] = [];
  const notes: string[] = [];
  let args = replaced(step.argv, '--config', step.kind === 'infer' ? null : config.path);
  if (device !== 'auto' && (optionOf(args, '--device') ?? 'gpu') !== device)
    args = withOption(args, '--device', device);
  if (step.kind === 'train') {
    args = withIterations(args, options.iters, deviations);
    args = withVisibleLosses(args, notes);
  }
  if (step.kind === 'export') {
    const shaped = withInputShape(args, options.crop);
    args = [...shaped.args];
    deviations.push(...shaped.deviations);
  }
  if (step.kind === 'infer' && optionOf(args, '--save_dir') !== folder) {
    args = withOption(args, '--save_dir', folder);
    if (step.resultsFolder === null)
      notes.push(
        `masks lie in ${folder}; TIPC's command names no folder, so that those of all runs would be in ./output`,
      );
  }
  if (step.kind === 'infer' || step.kind === 'export')
    notes.push("Paddle's graph is held against no other engine, which none of ours reads: what it leaves is looked at");
  return { args: [...launcherOf(step, context, notes), step.script, ...args], deviations, notes };
}

function replaced(args: readonly string[], name: string, value: string | null): string[] {
  const now = optionOf(args, name);
  return value === null || now === null || now === value ? [...args] : withOption(args, name, value);
}

/** What PaddleSeg takes where nothing is said. */
const defaultLogIters = 10;

/** A loss cannot be seen to move where fewer than two are logged. */
function withVisibleLosses(args: readonly string[], notes: string[]): string[] {
  const iters = Number(optionOf(args, '--iters') ?? Number.NaN);
  const every = Number(optionOf(args, '--log_iters') ?? defaultLogIters);
  if (!(iters / every < 2)) return [...args];
  notes.push(`--log_iters 1, for of ${iters} iterations ${Math.floor(iters / every)} would be logged`);
  return withOption(args, '--log_iters', '1');
}

/** Several ranks: on GPUs as TIPC has it, on processors as many processes. */
function launcherOf({ row }: TipcStep, { device, record }: ScriptContext, notes: string[]): string[] {
  if (row.ranks === 1) return [];
  const logs = record.replace(/\.json$/, '-ranks');
  notes.push(`logs of the ranks lie in ${logs}, where TIPC has ./log, among those of other runs`);
  const devices = device === 'cpu' ? `--nproc_per_node=${row.ranks}` : `--devices=${row.gpu}`;
  return ['-m', 'paddle.distributed.launch', devices, `--log_dir=${logs}`];
}
