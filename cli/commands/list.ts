import { readInventory } from '../../harness/run/inventory.js';
import { renderBundle, renderInventory } from '../../harness/run/render-inventory.js';
import { readBundleEntry } from '../../harness/run/suite-entries.js';
import { outLines } from '../../harness/support/console.js';
import { readModels } from '../../models/registry.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('list')
    .helpGroup('Judge:')
    .summary('show ports, models, suites, shipped bundles and configs, or the probes of a bundle')
    .description(
      'Shows what this installation has: ports, models, suites, shipped bundles and configs. With a bundle, its probes.',
    )
    .argument('[bundle]', "a shipped bundle's name, or a bundle's folder")
    .option('--json', 'print JSON')
    .endsWith(async (bundle: string | undefined, { json }: { json?: boolean }) => {
      outLines(await list(bundle, json === true));
      return 0;
    });
}

async function list(bundle: string | undefined, json: boolean): Promise<string> {
  const found = bundle === undefined ? readInventory((await readModels()).keys()) : readBundleEntry(bundle);
  if (json) return JSON.stringify(found, null, 2);
  return 'entry' in found ? renderBundle(found.entry, found.probes) : renderInventory(found);
}
