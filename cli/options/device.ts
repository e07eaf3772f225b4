import { Option } from 'commander';

/** The same in every command that runs a port. */
export const deviceOption = new Option(
  '--device <device>',
  'where the port computes; auto is announced, gpu without one is exit 3',
)
  .choices(['auto', 'cpu', 'gpu'])
  .default('auto');
