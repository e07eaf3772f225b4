import type { NodeProto } from './model-proto.js';

/** `RandomUniform draw_3`: its name, else that of its first output. */
export function describeNode({ opType, name, output }: NodeProto): string {
  return `${opType} ${name === undefined || name === '' ? (output?.[0] ?? '') : name}`;
}
