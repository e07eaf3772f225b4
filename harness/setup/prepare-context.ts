import type { Progress } from '../support/progress.js';
import type { CudaMajor } from './cuda-sets.js';
import type { EngineDevice } from './engines.js';

/** What each port's set-up is given. */
export interface PrepareContext {
  readonly device: EngineDevice;
  /** The set of CUDA's libraries that is asked for; `auto`: the newest that the driver can run. Of the gpu alone. */
  readonly cuda: 'auto' | CudaMajor;
  readonly progress: Progress;
}
