import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { listReleased, resolveReleased } from '../../harness/hosts/resolve-released.js';
import { bisectVersions } from '../../harness/run/bisect/bisect-versions.js';
import { outLines } from '../../harness/support/console.js';
import { createProgress } from '../../harness/support/progress.js';
import { validateModels } from '../../models/validate-models.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('bisect-versions')
    .helpGroup('Judge:')
    .summary('find which release of an engine changed which layer')
    .description(
      "Judges a bundle, or an .onnx file by it, in each release of a port's engine. Exit codes: 0 all releases pass, 1 at least one fails, 2 bad usage or input, 3 at least one could not run.",
    )
    .argument('<port>', listReleased())
    .argument('<range>', 'releases, from and to: 1.20..1.30')
    .argument('<file_or_bundle>', "an .onnx file, or a bundle's folder, or a shipped bundle")
    .argument('[bundle]', 'of a file')
    .endsWith(async (name: string, range: string, first: string, second?: string) => {
      const port = resolveReleased(name, second === undefined ? null : first);
      const bundle = await readBundle(resolveBundleFolder(second ?? first));
      if (second === undefined) await validateModels([bundle]);
      return bisectVersions(port, range, bundle, createProgress(), outLines);
    });
}
