import type { TipcStep } from '../../../harness/config/tipc-plan.js';
import { withOption, wordsOf } from '../command-arguments.js';
import type { Command, ScriptContext } from '../script-context.js';

/** `tools/export.py` → `tipcheck export`. */
export function translateExport(step: TipcStep, { options: { crop }, config }: ScriptContext): Command {
  const args = withOption(step.argv, '--config', config.path);
  const shape = wordsOf(step.argv, '--input_shape');
  if (crop === null || shape.length !== 4) return { args: ['export', ...args], deviations: [] };
  const [batch = '1', channels = '3'] = shape;
  const shrunk = [batch, channels, String(crop.height), String(crop.width)];
  const deviations =
    shrunk.join() === shape.join()
      ? []
      : [
          `exported with --input_shape ${shrunk.join(' ')}, where the file has ${shape.join(' ')} (--crop ${crop.width}x${crop.height})`,
        ];
  return { args: ['export', ...withOption(args, '--input_shape', ...shrunk)], deviations };
}
