import { existsSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { firstPort } from '../../harness/hosts/read-ports.js';
import { out, tell } from '../../harness/support/console.js';
import { describeEnd } from '../../harness/support/describe-end.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { renderCount } from '../../harness/support/render-count.js';
import { runProgram } from '../../harness/support/run-program.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import { modelSection, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { ensureOracle } from '../../scripts/oracle-environment.js';
import type { Program } from '../program.js';

interface GoldenOptions {
  readonly weights?: string;
  readonly image?: string;
  readonly input?: string;
  readonly probes: 'every' | 'blocks';
  readonly complete?: boolean;
  readonly seed: string;
  readonly out: string;
  readonly force?: boolean;
}

export function register(program: Program): void {
  program
    .command('golden')
    .helpGroup('Your port, your weights:')
    .summary('make a bundle of your own configuration, weights and picture with Paddle')
    .description(
      'Makes a golden bundle of a PaddleSeg configuration with the real Paddle and PaddleSeg, in a Python environment of its own in the cache (Python 3.10 to 3.13; the first time it downloads about 250 MB). What `pretrained` says is never followed. Exit codes: 0 made, 2 bad usage or input, 3 the oracle could not run.',
    )
    .argument('<config>', 'a PaddleSeg .yml; its _base_ files are merged in', takeShipped)
    .option('--weights <file>', 'a .pdparams file; without it the weights are seeded')
    .addOption(
      new Option('--image <file>', "a picture, normalised as the configuration's val_dataset says").conflicts('input'),
    )
    .addOption(new Option('--input <HxW>', 'height and width of a seeded image (default: 64x128)').argParser(parseSize))
    .addOption(
      new Option('--probes <which>', 'every sublayer, or what a person reads first')
        .choices(['every', 'blocks'])
        .default('every'),
    )
    .option('--complete', 'store every probe whole, however large; else large ones are sampled')
    .addOption(new Option('--seed <number>', 'of weights, image and draws').argParser(parseSeed).default('1'))
    .requiredOption('--out <folder>', "the bundle's folder")
    .option('--force', 'replace a bundle that exists')
    .endsWith((config: string, options: GoldenOptions) => makeGolden(config, options));
}

async function makeGolden(config: string, options: GoldenOptions): Promise<number> {
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

function parseSize(text: string): string {
  if (/^[1-9]\d{0,5}x[1-9]\d{0,5}$/.test(text)) return text;
  throw new InvalidArgumentError('Height and width such as 64x128 are wanted.');
}

function parseSeed(text: string): string {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return text;
  throw new InvalidArgumentError('A whole number from 0, below 2^32, is wanted.');
}
