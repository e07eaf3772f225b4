import type { TipcStep } from '../../plan/plan.js';
import { pretrainedDeviation, withIterations } from '../../steps/changes.js';
import { optionOf, withOption, withoutOption } from '../../steps/options.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';

/** `tools/train.py` → `tipcheck train`, on several devices `tipcheck launch … train`. */
export function translateTrain(step: TipcStep, context: ScriptContext): Command {
  const { options, config, device, record } = context;
  const deviations: string[] = [];
  let args = withOption(withoutOption(step.argv, '--device'), '--config', config.path);
  if (optionOf(args, '--precision') === 'fp16' || ['fp16', 'amp'].includes(step.row.autocast ?? ''))
    return { lack: 'fp16', reason: 'the row trains in half precision, and tipcheck trains in float32' };
  if (step.argv.some((word) => word.startsWith('--profiler_options')))
    return {
      lack: 'profiler',
      reason: 'the row runs a profiler, and tipcheck has none; the row after it times training',
    };
  args = withIterations(args, options.iters, deviations);
  if (options.pretrained !== null) {
    deviations.push(pretrainedDeviation(options.pretrained));
    args = withOption(args, '--pretrained', options.pretrained);
  }
  args = ['train', ...args, '--port', context.port, '--device', device, '--json', record];
  const { ranks } = step.row;
  if (ranks === 1) return { args, deviations };
  const gpus = device === 'gpu' && step.row.gpu !== null ? ['--gpus', step.row.gpu] : [];
  return { args: ['launch', '--nproc', String(ranks), ...gpus, ...args], deviations };
}
