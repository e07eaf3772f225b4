import type { PortAbout } from '../../harness/setup/port-about.js';
import { optimisation } from '../ort/optimisation.js';

export const about: PortAbout = {
  kind: 'adapter',
  accepts: { by: 'ending', ending: '.onnx' },
  foreign: false,
  runsOn: 'onnxruntime',
  optimisation,
};
