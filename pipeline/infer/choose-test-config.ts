import { UserError } from '../../harness/support/errors.js';
import { plainSection } from '../yml/section.js';
import { parseTestConfig, type TestConfig } from './test-config.js';

/** What a command line says of testing. */
export interface TestOptions {
  readonly aug_eval?: boolean;
  readonly scales?: readonly number[];
  readonly flip_horizontal?: boolean;
  readonly flip_vertical?: boolean;
  readonly is_slide?: boolean;
  readonly crop_size?: readonly number[];
  readonly stride?: readonly number[];
}

/** The command line goes before the yml by groups, as in tools/val.py: all of --aug_eval's, all of --is_slide's. */
export function chooseTestConfig(given: TestConfig, options: TestOptions): TestConfig {
  const { aug_eval, scales, flip_horizontal, flip_vertical, is_slide, crop_size, stride } = options;
  const stray =
    aug_eval === true
      ? undefined
      : (['scales', 'flip_horizontal', 'flip_vertical'] as const).find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw new UserError(
      `Cannot use --${stray}: --aug_eval is not given, without which it does nothing. Fix: --aug_eval`,
    );
  const strayWindow =
    is_slide === true ? undefined : (['crop_size', 'stride'] as const).find((name) => options[name] !== undefined);
  if (strayWindow !== undefined)
    throw new UserError(
      `Cannot use --${strayWindow}: --is_slide is not given, without which it does nothing. Fix: --is_slide`,
    );
  const command = plainSection(
    {
      ...(aug_eval === true
        ? {
            aug_eval,
            scales: scales ?? 1,
            flip_horizontal: flip_horizontal ?? false,
            flip_vertical: flip_vertical ?? false,
          }
        : {}),
      ...(is_slide === true ? { is_slide, crop_size: crop_size ?? null, stride: stride ?? null } : {}),
    },
    'the command line',
  );
  const asked = parseTestConfig(command);
  return {
    ...(aug_eval === true ? asked : given),
    windows: is_slide === true ? asked.windows : given.windows,
  };
}
