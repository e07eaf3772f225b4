import type { TipcStep } from '../../plan/plan.js';
import { optionOf, withOption, withoutOption } from '../../steps/options.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';

/** `tools/val.py` → `tipcheck val`. */
export function translateVal(step: TipcStep, { config, device, port, record, checkpoint }: ScriptContext): Command {
  // The pretrained argument's key hands over the checkpoint.
  const weights = optionOf(step.argv, '--model_path') ?? checkpoint;
  if (weights === null)
    return { lack: 'script', reason: 'the command names no weights, and weights drawn at random are not evaluated' };
  const args = withOption(withoutOption(step.argv, '--device'), '--config', config.path);
  return {
    args: ['val', ...withOption(args, '--model_path', weights), '--port', port, '--device', device, '--json', record],
    deviations: [],
  };
}
