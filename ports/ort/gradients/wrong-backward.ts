import type { BugSwitch } from '../../../models/bug-switches.js';
import type { Tape } from './tape.js';

/**
 * `tape`, but the gradients that one layer sends back are 1.5 times too large. Its forward is right, its gradients are
 * not.
 */
export function withWrongBackward(tape: Tape, bug: BugSwitch | null): Tape {
  const layer = bug?.backward;
  if (layer === undefined) return tape;
  const { emitter } = tape;
  return {
    ...tape,
    record(output, inputs, rule, options) {
      if (emitter.builder.scope !== layer) return tape.record(output, inputs, rule, options);
      const wrong: typeof rule = (gradient) =>
        rule(gradient).map((part) => (part === null ? null : emitter.mul(part, emitter.scalar(1.5))));
      return tape.record(output, inputs, wrong, options);
    },
  };
}
