import { join } from 'node:path';
import { writeAtomicFolder } from '../../harness/setup/atomic-folder.js';
import { engineFolder, findEngine } from '../../harness/setup/engines.js';
import { installPackages } from '../../harness/setup/install-package.js';
import type { PrepareContext } from '../../harness/setup/prepare-context.js';
import { withNativeLock } from '../../harness/support/native-lock.js';
import type { Progress } from '../../harness/support/progress.js';
import { tfjs, wasmBackend } from './engines.js';

/** Makes the port tfjs-wasm ready: npm packages only, in one folder, because both must share one tfjs-core. */
export async function prepare({ progress }: PrepareContext): Promise<void> {
  if (reportReady(progress)) return;
  await withNativeLock(
    engineFolder(wasmBackend),
    async () => {
      if (reportReady(progress)) return;
      const specifications = [wasmBackend, tfjs].map(({ name, version }) => `${name}@${version}`);
      progress.step(`Installing ${specifications.join(' and ')} …`);
      await writeAtomicFolder(engineFolder(wasmBackend), (temporary) => installPackages(temporary, specifications));
      reportReady(progress);
    },
    (status) => progress.update(`Another process is preparing tfjs-wasm: ${status}`),
  );
}

function reportReady(progress: Progress): boolean {
  const folder = findEngine(wasmBackend);
  if (folder === null) return false;
  progress.step(`tfjs-wasm: ready (${wasmBackend.name}@${wasmBackend.version}), in ${join(folder, 'node_modules')}`);
  return true;
}
