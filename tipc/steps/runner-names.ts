/** The port that runs TIPC's commands with the user's own PaddleSeg. */
export const paddleSegPort = 'paddleseg';

/** Whether not all is PaddleSeg's, which has more models, data sets and options than tipcheck, and reads other pictures. */
export function hasOwnPort(ports: readonly string[]): boolean {
  return ports.some((port) => port !== paddleSegPort);
}
