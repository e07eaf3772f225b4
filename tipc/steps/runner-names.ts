import { defaultPorts } from '../../harness/hosts/read-ports.js';
import type { TipcFile } from '../plan/form.js';

/** The port that runs TIPC's commands with the user's own PaddleSeg. */
export const paddleSegPort = 'paddleseg';

/**
 * Whether not all is PaddleSeg's, which has more models, data sets and options than tipcheck, and reads other pictures.
 */
export function hasOwnPort(ports: readonly string[]): boolean {
  return ports.some((port) => port !== paddleSegPort);
}

/** The ports of a file, where the command line names none. */
export function portsOf({ ports }: TipcFile): readonly string[] {
  return ports ?? defaultPorts;
}
