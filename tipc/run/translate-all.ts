import type { TipcPlan } from '../plan/plan.js';
import type { Translation } from '../steps/translation.js';
import { type TranslationOptions, translateStep } from './translate-step.js';

/** Every step of a plan, in its order, for one port. */
export function translateAll(
  plan: TipcPlan,
  port: string,
  given: Pick<TranslationOptions, 'options' | 'hardware' | 'paddleSeg' | 'configs' | 'records' | 'data'>,
): Translation[] {
  const earlier = new Map<number, Translation>();
  const taken = new Set<string>();
  for (const step of plan.steps)
    earlier.set(step.number, translateStep(step, { ...given, port, outputFolder: plan.outputFolder, earlier, taken }));
  return [...earlier.values()];
}
