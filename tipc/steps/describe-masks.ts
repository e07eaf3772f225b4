import { createHash } from 'node:crypto';

/** A mask as it was read again. */
export interface ReadMask {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** What masks of several pictures have in common that a network which looks at them would seldom give. */
export function openMaskLook() {
  const hashes = new Set<string>();
  const classes = new Set<number>();
  let count = 0;
  let constant = 0;
  return {
    add({ width, height, data }: ReadMask): void {
      count++;
      const found = new Set(Array.from(data));
      if (found.size === 1) constant++;
      for (const label of found) classes.add(label);
      hashes.add(createHash('sha256').update(`${width}x${height} `).update(Uint8Array.from(data)).digest('hex'));
    },
    describe(): string[] {
      if (count === 0) return [];
      const masks = count === 1 ? 'the mask' : `each of ${count} masks`;
      if (constant === count) return [`${masks} is one class throughout: ${[...classes].join(', ')}`];
      return count > 1 && hashes.size === 1 ? [`the masks of ${count} pictures are one and the same`] : [];
    },
  };
}
