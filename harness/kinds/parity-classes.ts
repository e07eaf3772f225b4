import type { Kind } from './index.js';
import { kind as labelMap } from './label-map.js';

/** The classes that two engines give the pixels of the same pictures. */
export const kind: Kind = { ...labelMap, name: 'parity-classes', phase: 'tipc', step: null, names: /^classes$/ };
