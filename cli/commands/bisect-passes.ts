import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { bisectPasses } from '../../harness/run/bisect/bisect-passes.js';
import { planRun } from '../../harness/run/plan.js';
import { out } from '../../harness/support/console.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('bisect-passes')
    .helpGroup('Judge:')
    .summary('find which optimisation of its engine makes the outputs of an .onnx file fail')
    .description(
      'Runs a file at every level of optimisation, then with each pass that acts switched off. Exit codes: 0 what users run agrees, 1 it fails, 2 bad usage or input, 3 the file could not run.',
    )
    .argument('<file>', 'an .onnx file')
    .argument('<bundle>', "a bundle's folder, or a shipped one")
    .endsWith(async (file: string, name: string) => {
      const plan = planRun({ ports: [resolvePort(file)], bundles: [await readBundle(resolveBundleFolder(name))] });
      return (await bisectPasses(plan, out)) ? 0 : 1;
    });
}
