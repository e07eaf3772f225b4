import { Option } from 'commander';

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
