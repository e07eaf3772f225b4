/** Name and shape of one tensor of `state_dict()`. */
export type Entry = readonly [name: string, shape: readonly number[]];

/** Weight [o, i, kh, kw] and bias [o] of a convolution. */
export function* convolution(name: string, weight: readonly number[]): Generator<Entry> {
  yield [`${name}.weight`, weight];
  yield [`${name}.bias`, weight.slice(0, 1)];
}

export function* batchNorm(name: string, channels: number): Generator<Entry> {
  yield* weightAndBias(name, channels);
  yield [`${name}._mean`, [channels]];
  yield [`${name}._variance`, [channels]];
}

/** Of a norm: [channels] each. */
export function* weightAndBias(name: string, channels: number): Generator<Entry> {
  yield [`${name}.weight`, [channels]];
  yield [`${name}.bias`, [channels]];
}
