import { writeAtomicFolder } from '../../harness/setup/atomic-folder.js';
import { engineFolder, findEngine } from '../../harness/setup/engines.js';
import { listVersions } from '../../harness/setup/list-versions.js';
import { withNativeLock } from '../../harness/support/native-lock.js';
import type { Progress } from '../../harness/support/progress.js';
import { onnxruntimeNode, releaseOf } from './engine.js';
import { installForThisMachine, specificationOf } from './install.js';

export function listReleases(): Promise<string[]> {
  return listVersions(onnxruntimeNode.name);
}

/** Installs a release of onnxruntime-node into a folder of its own in the cache, where it is not there yet. */
export async function prepareRelease(release: string, progress: Progress): Promise<void> {
  const engine = releaseOf(release);
  if (findEngine(engine) !== null) return;
  const folder = engineFolder(engine);
  await withNativeLock(
    folder,
    async () => {
      if (findEngine(engine) !== null) return;
      progress.step(`Downloading ${specificationOf(engine)} from npm (${size}) into ${folder} …`);
      await writeAtomicFolder(folder, (temporary) => installForThisMachine(temporary, engine));
    },
    (status) => progress.update(`Another process is preparing ${specificationOf(engine)}: ${status}`),
  );
}

/** Of 1.20.0 to 1.30.0: 70 to 114 MB packed, 34 to 60 MB of one system's. */
const size = 'about 100 MB, of which 50 MB stay';
