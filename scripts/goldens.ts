import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { listShippedCurves } from '../harness/golden/read-curve.js';
import { out, tell } from '../harness/support/console.js';
import { EnvironmentError, messageOf, UserError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';
import { suggest } from '../harness/support/suggest.js';
import { ensureOracle } from './oracle-environment.js';

const specFolder = join('oracle', 'bundles');

/**
 * `npm run goldens [-- NAME…] [-- --bench]`: makes the committed bundles again, all and the loss curves or those named,
 * from the real Paddle. `--bench` only makes the environment that the benchmark's peers run in, `--data` the one that
 * reads data sets; either prints its Python.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await makeGoldens(args);
  } catch (error) {
    tell(messageOf(error));
    if (error instanceof UserError) return 2;
    if (error instanceof EnvironmentError) return 3;
    throw error;
  }
}

async function makeGoldens(args: readonly string[]): Promise<number> {
  const kind = args.includes('--bench') ? 'bench' : args.includes('--data') ? 'data' : 'oracle';
  const names = args.filter((argument) => !['--bench', '--data'].includes(argument));
  const specs = await chooseSpecs(names);
  const { python } = await ensureOracle(tell, kind);
  if (kind !== 'oracle') {
    out(python);
    return 0;
  }
  const command = ['-m', 'oracle', 'make', ...specs, '--out', join('fixtures', 'golden'), '--force'];
  const oracle = async (args: readonly string[]) => {
    const { exitCode } = await execa(python, args, { cwd: packageRoot, stdio: 'inherit', reject: false });
    return exitCode ?? 3;
  };
  const made = await oracle(command);
  if (made !== 0 || names.length > 0) return made;
  return oracle(['-m', 'oracle', 'curve', ...listShippedCurves().map((name) => join('fixtures', 'curves', name))]);
}

async function chooseSpecs(names: readonly string[]): Promise<string[]> {
  const files = (await readdir(join(packageRoot, specFolder))).filter((file) => file.endsWith('.yml')).sort();
  const known = files.map((file) => file.slice(0, -'.yml'.length));
  const stray = names.find((name) => !known.includes(name));
  if (stray !== undefined) {
    throw new UserError(
      `Cannot make bundle ${stray}: ${specFolder} describes ${known.join(', ')}.${suggest(stray, known)}`,
    );
  }
  return (names.length === 0 ? known : names).map((name) => join(specFolder, `${name}.yml`));
}
