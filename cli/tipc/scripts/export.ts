import type { TipcStep } from '../../../harness/config/tipc-plan.js';
import { optionOf, withOption, withoutOption, wordsOf } from '../command-arguments.js';
import type { Command, ScriptContext } from '../script-context.js';
import type { Crop } from '../tipc-options.js';

/** `tools/export.py` → `tipcheck export`. */
export function translateExport(step: TipcStep, { options: { crop }, config }: ScriptContext): Command {
  const { args, deviations } = withInputShape(withOption(step.argv, '--config', config.path), crop);
  if (optionOf(args, '--output_op') !== 'argmax') return { args: ['export', ...args], deviations };
  return {
    args: ['export', ...withoutOption(args, '--output_op')],
    deviations: [
      ...deviations,
      'the graph gives logits, of which inference takes the largest, where the file asks for --output_op argmax',
    ],
  };
}

/** With the input of the size that the command line says; where that is not the file's, it is a deviation. */
export function withInputShape(
  args: readonly string[],
  crop: Crop | null,
): { readonly args: readonly string[]; readonly deviations: readonly string[] } {
  const shape = wordsOf(args, '--input_shape');
  if (crop === null || shape.length !== 4) return { args, deviations: [] };
  const [batch = '1', channels = '3'] = shape;
  const shrunk = [batch, channels, String(crop.height), String(crop.width)];
  if (shrunk.join() === shape.join()) return { args, deviations: [] };
  return {
    args: withOption(args, '--input_shape', ...shrunk),
    deviations: [
      `exported with --input_shape ${shrunk.join(' ')}, where the file has ${shape.join(' ')} (--crop ${crop.width}x${crop.height})`,
    ],
  };
}
