import type { PortAbout } from '../../harness/setup/port-about.js';

export const about: PortAbout = {
  kind: 'adapter',
  accepts: { by: 'prefix', prefix: 'exec:', follows: 'command' },
  foreign: true,
  firstQuestion: 'hello',
  runsOn: 'a program',
};
