import { applyChanges, type Change } from '../../steps/changes.js';
import type { Command } from '../../steps/script-context.js';
import type { RequestArgument, StepRequest } from '../../text/request.js';

/**
 * A command of tipcheck's: TIPC's words, with the names of options written out, and of an option that stands twice the
 * last alone, since tipcheck joins lists where argparse replaces them; then what changes, and what TIPC's tool has no
 * option for.
 */
export function renderForTipcheck(
  command: readonly string[],
  asked: StepRequest,
  changes: readonly Change[],
  added: readonly string[],
): Extract<Command, { readonly args: unknown }> {
  const kept = applyChanges(
    asked,
    changes.map(({ option }) => ({ option, to: null })),
  );
  const words = lastOfEach(kept).flatMap(({ name, words: [first = '', ...more] }) => [
    name === null ? first : first.replace(/^[^=]*/, () => name),
    ...more,
  ]);
  const changed = changes.flatMap(({ option, to }) => (to === null ? [] : [option, ...to]));
  return { args: [...command, ...words, ...changed, ...added], request: applyChanges(kept, changes), changes };
}

/** The request keeps all of them: a place that is named first must not lie outside either. */
function lastOfEach({ given }: StepRequest): readonly RequestArgument[] {
  const last = new Map(given.map(({ name }, at) => [name, at]));
  return given.filter(({ name }, at) => name === null || last.get(name) === at);
}
