import type { FuzzTarget } from './fuzz-target.js';
import { arrayTargets } from './targets/arrays.js';
import { pictureTargets } from './targets/pictures.js';
import { portTargets } from './targets/ports.js';
import { recordTargets } from './targets/records.js';
import { textTargets } from './targets/texts.js';

/** Every format that is read from a user, a network or a port. */
export const targets: readonly FuzzTarget[] = [
  ...arrayTargets,
  ...textTargets,
  ...recordTargets,
  ...pictureTargets,
  ...portTargets,
];
