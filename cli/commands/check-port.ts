import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { describePorts, resolvePort } from '../../harness/hosts/resolve-port.js';
import { checkPort } from '../../harness/run/check-port/check-port.js';
import { readInventory } from '../../harness/run/inventory.js';
import { out, tell } from '../../harness/support/console.js';
import { cannot } from '../../harness/support/errors.js';
import { oneLine } from '../../harness/support/one-line.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('check-port')
    .helpGroup('Judge:')
    .summary('test how a port answers: that replacements are taken, errors are errors, stdout is clean')
    .description(
      'Tests how a port answers, and not what: no figure is judged. A line for each check. Exit codes: 0 none failed, 1 at least one did, 2 bad usage or input, 3 the port could not run.',
    )
    .argument('<port>', describePorts())
    .argument('[bundle]', "a bundle's folder, or a shipped one (default: the smallest of inference)")
    .endsWith(async (spec: string, name: string | undefined) => {
      const port = resolvePort(spec);
      const bundle = await readBundle(resolveBundleFolder(name ?? findSmallest()));
      if (bundle.phase === 'train')
        throw cannot('check a port by', bundle.id, 'it is a bundle of training', 'one of inference is wanted');
      if (name === undefined) tell(`by ${bundle.id}; another network's bundle is the second argument`);
      const agrees = await checkPort(port, bundle, ({ name: check, state, found }) =>
        out(`${state}  ${check.padEnd(14)}  ${oneLine(found)}`),
      );
      return agrees ? 0 : 1;
    });
}

function findSmallest(): string {
  const inference = readInventory([]).bundles.filter(({ phase }) => phase === 'infer');
  return inference.sort((a, b) => a.bytes - b.bytes)[0]!.name;
}
