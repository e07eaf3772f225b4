import type { TipcStep } from '../../plan/plan.js';
import { changeInputShape, quietly } from '../../steps/changes.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import { renderForTipcheck } from './render-for-tipcheck.js';

/** `tools/export.py` → `tipcheck export`. */
export function translateExport({ request }: TipcStep, { options: { crop }, config }: ScriptContext): Command {
  const changes = [...quietly({ '--config': config.path }), ...changeInputShape(request, crop)];
  if (request.value('--output_op') === 'argmax')
    changes.push({
      option: '--output_op',
      to: null,
      deviation:
        'the graph gives logits, of which inference takes the largest, where the file asks for --output_op argmax',
    });
  return renderForTipcheck(['export'], request, changes, []);
}
