import { elementCount } from '../../harness/contract/nd-array.js';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolveWeights } from '../../harness/golden/weights.js';
import { writeWeightsFile } from '../../harness/golden/weights-file.js';
import { out } from '../../harness/support/console.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('weights')
    .helpGroup('Your port, your weights:')
    .summary("write a bundle's weights to a file, to be loaded into a port before it is exported")
    .description(
      "Writes a bundle's weights, seeded ones too, as float32 by Paddle's names and in Paddle's layouts. An existing file is replaced. Exit codes: 0 written, 2 bad usage or input.",
    )
    .argument('<bundle>', "a shipped bundle's name, or a bundle's folder")
    .requiredOption('--out <file>', 'a file that ends in .safetensors, .npz or .pdparams')
    .endsWith(async (bundle: string, { out: file }: { out: string }) => {
      const weights = resolveWeights(await readBundle(resolveBundleFolder(bundle)));
      await writeWeightsFile(file, weights);
      const values = [...weights.values()].reduce((total, { shape }) => total + elementCount(shape), 0);
      out(`${file}: ${weights.size} arrays, ${(values / 1e6).toFixed(2)} million values`);
      return 0;
    });
}
