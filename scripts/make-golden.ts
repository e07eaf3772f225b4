import { existsSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readBundle } from '../harness/golden/read-bundle.js';
import { firstPort } from '../harness/hosts/read-ports.js';
import { out, tell } from '../harness/support/console.js';
import { describeEnd } from '../harness/support/describe-end.js';
import { EnvironmentError, UserError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';
import { renderCount } from '../harness/support/render-count.js';
import { runProgram } from '../harness/support/run-program.js';
import { modelSection, readPaddleSegConfig } from '../pipeline/yml/paddleseg-yml.js';
import { ensureOracle } from './oracle-environment.js';

export interface GoldenOptions {
  readonly weights?: string;
  readonly image?: string;
  readonly input?: string;
  readonly probes: 'every' | 'blocks';
  readonly complete?: boolean;
  readonly seed: string;
  readonly out: string;
  readonly force?: boolean;
}

/** `tipcheck golden`. @returns the exit code */
export async function makeGolden(config: string, options: GoldenOptions): Promise<number> {
  await validateInputs(config, options);
  const { python } = await ensureOracle(tell);
  const end = await runProgram(python, oracleArguments(config, options), {
    cwd: packageRoot,
    stdio: ['ignore', linesTo(out), linesTo(tell)],
    // A line is there once it is written, though no terminal reads it.
    env: { PYTHONUNBUFFERED: '1' },
  });
  const { exitCode } = end;
  if (exitCode === 2) return 2;
  if (exitCode !== 0)
    throw new EnvironmentError(
      `Cannot make a bundle of ${config}: the oracle ended with ${describeEnd(end)}; what it said stands above`,
    );
  const { id, probes } = await readBundle(options.out);
  out(`${id}: ${renderCount(probes.length, 'probe')}. Judge it: npx tipcheck judge ${firstPort} ${options.out}`);
  return 0;
}

/** What the oracle says has names of the user's files in it. */
function linesTo(write: (line: string) => void) {
  // biome-ignore lint/correctness/useYield: each line is written, and none is kept.
  return function* (line: unknown) {
    write(String(line));
  };
}

/** What can be wrong is said before an environment is made, which takes minutes. */
async function validateInputs(config: string, { weights, image, out: folder, force }: GoldenOptions): Promise<void> {
  modelSection(await readPaddleSegConfig(config));
  for (const [option, file] of [
    ['--weights', weights],
    ['--image', image],
  ] as const)
    if (file !== undefined && !(existsSync(file) && statSync(file).isFile()))
      throw new UserError(`Cannot use ${option} ${file}: there is no such file; an existing one is wanted`);
  if (!existsSync(folder) || force === true) return;
  if (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)
    throw new UserError(`Cannot make a bundle in ${folder}: it is there already. Fix: another --out, or --force`);
}

function oracleArguments(config: string, options: GoldenOptions): string[] {
  const { weights, image, input, probes, complete, seed, out: folder, force } = options;
  return [
    ...['-m', 'oracle', 'golden', resolve(config)],
    ...(weights === undefined ? [] : ['--weights', resolve(weights)]),
    ...(image === undefined ? [] : ['--image', resolve(image)]),
    ...(input === undefined ? [] : ['--input', input]),
    ...['--probes', probes, '--seed', seed, '--out', resolve(folder)],
    ...(complete === true ? ['--complete'] : []),
    ...(force === true ? ['--force'] : []),
  ];
}
