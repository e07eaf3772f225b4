import { InvalidArgumentError, Option } from 'commander';
import { defaultFactor } from '../harness/run/judge-baseline.js';
import { suggest } from '../harness/support/suggest.js';
import { type Crop, type Lack, lacks } from '../tipc/steps/tipc-options.js';

/** `--device`, the same in every command that runs a port. */
export function deviceOption(): Option {
  return new Option('--device <device>', 'where the port computes; auto is announced, gpu without one is exit 3')
    .choices(['auto', 'cpu', 'gpu'])
    .default('auto');
}

/** `--waivers`, the same in every command that judges. */
export function waiversOption(): Option {
  return new Option(
    '--waivers <file>',
    'failures that are known and let through until a day: YAML or JSON (docs/ci.md)',
  );
}

/** `--baseline` and `--factor`, the same in every command that judges. */
export function baselineOptions(): readonly [Option, Option] {
  return [
    new Option(
      '--baseline <run>',
      'an earlier run (folder or result.json): what errs by more than a factor above it fails, even within its limits',
    ),
    new Option(
      '--factor <number>',
      `how much a multiple of the noise may grow from the baseline's (default: ${defaultFactor.factor})`,
    ).argParser(parseFactor),
  ];
}

export function parseLack(text: string, before: readonly Lack[] = []): Lack[] {
  const names = Object.keys(lacks) as Lack[];
  const found = names.find((name) => name === text);
  if (found !== undefined) return [...before, found];
  throw new InvalidArgumentError(`One of ${names.join(', ')} is wanted.${suggest(text, names)}`);
}

export function parseCrop(text: string): Crop {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  throw new InvalidArgumentError('Width and height are wanted, for example 256x256.');
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (!(factor > 1 && factor <= 1000)) throw new InvalidArgumentError('a number above 1 is wanted.');
  return factor;
}
