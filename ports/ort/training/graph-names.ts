/** Names of a training graph's inputs and outputs. Parameters, slots and statistics enter and leave chunk by chunk. */
export const names = {
  image: 'image',
  label: 'label',
  loss: 'loss',
  /** Two flags, 0 or NaN: of the loss and of the gradients. */
  faults: 'faults',
  state: (chunk: string, slot: string) => `${chunk}/${slot}`,
  updated: (input: string) => `updated/${input}`,
  gradient: (chunk: string) => `gradient/${chunk}`,
  figure: (group: number, figure: string) => `figure/${group}/${figure}`,
} as const;

/** What a chunk holds beside what the optimizer keeps. */
export const valueSlot = 'value';
