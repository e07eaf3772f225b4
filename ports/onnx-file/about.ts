import type { PortAbout } from '../../harness/setup/port-about.js';

export const about: PortAbout = {
  kind: 'adapter',
  accepts: { by: 'ending', ending: '.onnx' },
  foreign: false,
  runsOn: 'onnxruntime',
};
