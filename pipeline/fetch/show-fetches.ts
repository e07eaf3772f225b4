import { createProgress } from '../../harness/support/progress.js';
import { type FetchProgress, renderFetchProgress } from './fetch-progress.js';

/** Shows downloads on stderr: live on a terminal, a line now and then elsewhere. */
export function showFetches(): (progress: FetchProgress) => void {
  const shown = createProgress();
  let waiting = false;
  return (progress) => {
    const line = renderFetchProgress(progress);
    if (progress.kind === 'bytes' && progress.done !== progress.total) return shown.update(line);
    // Another process is asked about twice a second; it says once that it waits.
    if (progress.kind !== 'wait' || !waiting) shown.step(line);
    waiting = progress.kind === 'wait';
  };
}
