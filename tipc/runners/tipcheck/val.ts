import type { TipcStep } from '../../plan/plan.js';
import { quietly } from '../../steps/changes.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import { renderForTipcheck } from './render-for-tipcheck.js';

/** `tools/val.py` → `tipcheck val`. */
export function translateVal({ request }: TipcStep, context: ScriptContext): Command {
  const { config, device, port, record, checkpoint } = context;
  // The pretrained argument's key hands over the checkpoint.
  const weights = request.value('--model_path') ?? checkpoint;
  if (weights === null)
    return { lack: 'script', reason: 'the command names no weights, and weights drawn at random are not evaluated' };
  const changes = quietly({ '--device': null, '--config': config.path, '--model_path': weights });
  return renderForTipcheck(['val'], request, changes, ['--port', port, '--device', device, '--json', record]);
}
