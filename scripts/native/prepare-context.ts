import type { EngineDevice } from '../../harness/support/engines.js';
import type { Progress } from './progress.js';

/** What each port's set-up is given. */
export interface PrepareContext {
  readonly device: EngineDevice;
  readonly progress: Progress;
}
