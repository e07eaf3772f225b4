import { InvalidArgumentError, Option } from 'commander';
import { parsePositive } from './numbers.js';

/**
 * How a picture goes through a network: by scales, flips and windows.
 * @param averaging how the tool calls the flag that averages
 */
export function pictureOptions(averaging: 'aug_eval' | 'aug_pred'): readonly Option[] {
  return [
    new Option(`--${averaging}`, 'average over scales and flips'),
    new Option('--scales <numbers...>', `scales of --${averaging}`).argParser(parseScales),
    new Option('--flip_horizontal', `left to right too, with --${averaging}`),
    new Option('--flip_vertical', `upside down too, with --${averaging}`),
    new Option('--is_slide', 'infer by windows and average where they overlap'),
    new Option('--crop_size <width_height...>', 'size of a window of --is_slide: two numbers').argParser(parsePair),
    new Option('--stride <width_height...>', 'from window to window: two numbers').argParser(parsePair),
  ];
}

/** @param when they are drawn, in words */
export function basesOption(when = ''): Option {
  const says = `NMF's random bases${when}: uniform/1:SEED:NAME for all forwards, or random`;
  return new Option('--bases <draw>', says).default('uniform/1:5:bases');
}

export const optsOption = new Option('--opts <key=value...>', 'changes to the yml');

function parseScales(text: string, before: readonly number[] = []): number[] {
  return [...before, parsePositive(text)];
}

function parsePair(text: string, before: readonly number[] = []): number[] {
  if (/^[1-9]\d{0,5}$/.test(text)) return [...before, Number(text)];
  throw new InvalidArgumentError('Two whole numbers are wanted, width and height.');
}
