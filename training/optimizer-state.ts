import { sameShape } from '../harness/contract/nd-array.js';
import type { OptimizerState } from '../harness/contract/port.js';
import { UserError } from '../harness/support/errors.js';

/** The name in `OptimizerState.slots` of a value that is kept beside a parameter. */
export function slotName(parameter: string, slot: string): string {
  return `${parameter}/${slot}`;
}

/**
 * Throws a UserError for a state that is not one of these parameters with these slots.
 * @param shapes of the parameters, by name
 */
export function validateOptimizerState(
  { steps, slots }: OptimizerState,
  shapes: ReadonlyMap<string, readonly number[]>,
  slotsOfEach: readonly string[],
): void {
  if (!Number.isSafeInteger(steps) || steps < 0) refuse(`its steps are ${steps}; a count is wanted`);
  const wanted = new Map(
    [...shapes].flatMap(([parameter, shape]) => slotsOfEach.map((slot) => [slotName(parameter, slot), shape] as const)),
  );
  for (const [name, shape] of wanted) {
    const found = slots.get(name);
    if (found === undefined) refuse(`it lacks ${name}`);
    if (!sameShape(found.shape, shape)) {
      refuse(`${name} is [${found.shape.join(', ')}]; [${shape.join(', ')}] is wanted`);
    }
  }
  const unknown = [...slots.keys()].find((name) => !wanted.has(name));
  if (unknown !== undefined) refuse(`it has ${unknown}, which this optimizer does not keep for this model`);
}

function refuse(what: string): never {
  throw new UserError(`Cannot resume training from the optimizer's state: ${what}`);
}
