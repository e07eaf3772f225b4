import { InvalidArgumentError, Option } from 'commander';
import { suggest } from '../../harness/support/suggest.js';
import { type Crop, type Lack, lacks, type TipcOptions } from '../../tipc/steps/tipc-options.js';
import { tipcModes } from '../../tipc/text/modes.js';
import { group } from './group.js';

/** Of runs of TIPC's own modes. */
export const stepFlags = group(
  { goldens: `goldens are judged as they are; one of ${tipcModes.join(', ')} is wanted with it` },
  new Option('--crop <WxH>', "TIPC's modes: train and infer on smaller pictures").argParser(parseCrop),
  new Option('--iters <n>', "TIPC's modes: train for so many iterations").argParser(parseIterations),
  new Option('--pretrained <none_or_file>', "TIPC's modes: none, or weights in place of those that the yml names"),
  new Option(
    '--params <text>',
    'benchmark_train: one configuration, such as dynamic_bs8_fp32_DP_N1C8, or dynamicTostatic',
  ),
  new Option('--python <program>', "TIPC's modes, port paddleseg: the Python that has PaddleSeg (default: the file's)"),
  new Option(
    '--allow-not-run <reason...>',
    `TIPC's modes: tolerate steps that do not run for this reason: ${Object.keys(lacks).join(', ')}`,
  ).argParser(parseLack),
  new Option('--require <reason...>', "TIPC's modes: exit code 1 where a step does not run for this reason").argParser(
    parseLack,
  ),
);

export interface StepFlags {
  readonly crop?: Crop;
  readonly iters?: number;
  readonly pretrained?: string;
  readonly params?: string;
  readonly python?: string;
  readonly allowNotRun?: readonly Lack[];
  readonly require?: readonly Lack[];
}

export function readStepFlags(
  flags: StepFlags & { readonly port?: readonly string[] } & Pick<TipcOptions, 'device' | 'reports'>,
): TipcOptions {
  const { device, reports, port, crop, iters, pretrained, params, python, allowNotRun, require } = flags;
  return {
    ...{ device, reports, ports: port ?? null },
    ...{ crop: crop ?? null, iters: iters ?? null, pretrained: pretrained ?? null },
    ...{ python: python ?? null, benchmark: params ?? null },
    ...{ allowed: allowNotRun ?? [], required: require ?? [] },
  };
}

function parseLack(text: string, before: readonly Lack[] = []): Lack[] {
  const names = Object.keys(lacks) as Lack[];
  const found = names.find((name) => name === text);
  if (found !== undefined) return [...before, found];
  throw new InvalidArgumentError(`One of ${names.join(', ')} is wanted.${suggest(text, names)}`);
}

function parseCrop(text: string): Crop {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  throw new InvalidArgumentError('Width and height are wanted, for example 256x256.');
}

function parseIterations(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text) && text !== '1') return Number(text);
  throw new InvalidArgumentError('A whole number from 2 is wanted: one loss alone cannot be seen to move.');
}
