import { InvalidArgumentError, Option } from 'commander';
import { takeShipped } from '../../harness/support/take-shipped.js';
import { type GoldenOptions, makeGolden } from '../../scripts/make-golden.js';
import type { Program } from '../program.js';

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

function parseSize(text: string): string {
  if (/^[1-9]\d{0,5}x[1-9]\d{0,5}$/.test(text)) return text;
  throw new InvalidArgumentError('Height and width such as 64x128 are wanted.');
}

function parseSeed(text: string): string {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return text;
  throw new InvalidArgumentError('A whole number from 0, below 2^32, is wanted.');
}
