import type { TipcPlan, TipcStep } from './plan.js';

/**
 * A plan whose files lie in another folder: TIPC has one set of results, and a second port gets one of its own beside
 * it. Every mention moves, in the command lines too.
 */
export function relocatePlan(plan: TipcPlan, outputFolder: string): TipcPlan {
  if (outputFolder === plan.outputFolder) return plan;
  const move = (text: string): string => text.replaceAll(plan.outputFolder, outputFolder);
  const moveOrNull = (text: string | null): string | null => (text === null ? null : move(text));
  const moveStep = (step: TipcStep): TipcStep => ({
    ...step,
    command: move(step.command),
    request: step.request.relocate(move),
    runFolder: moveOrNull(step.runFolder),
    logPath: moveOrNull(step.logPath),
    resultsFolder: moveOrNull(step.resultsFolder),
    status:
      step.status === null
        ? null
        : {
            ...step.status,
            file: move(step.status.file),
            command: move(step.status.command),
            log: move(step.status.log),
          },
  });
  return { ...plan, outputFolder, steps: plan.steps.map(moveStep) };
}
