import type { TipcStep } from '../../plan/plan.js';
import { withInputShape } from '../../steps/changes.js';
import { optionOf, withOption, withoutOption } from '../../steps/options.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';

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
