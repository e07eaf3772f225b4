export const precisions = ['fp16', 'bf16', 'tf32'] as const;

/** Formats of fewer bits than float32 in which a port may compute. */
export type Precision = (typeof precisions)[number];
