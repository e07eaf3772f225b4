import type { Progress } from '../support/progress.js';
import type { EngineDevice } from './engines.js';

/** What each port's set-up is given. */
export interface PrepareContext {
  readonly device: EngineDevice;
  readonly progress: Progress;
}
