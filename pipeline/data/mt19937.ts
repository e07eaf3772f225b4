import type { RandomSource } from '../augment/random-source.js';

/** NumPy's legacy generator, `numpy.random.RandomState`, as far as a data pipeline draws. */
export interface RandomState extends RandomSource {
  /** Shuffles in place, as RandomState.shuffle does a list. */
  shuffle<Item>(items: Item[]): void;
}

const size = 624;
const shift = 397;

/**
 * The Mersenne Twister MT19937, seeded as `numpy.random.RandomState(seed)`: by a whole number below 2^32, or by a list
 * of them. Source: Matsumoto and Nishimura, "Mersenne Twister" (1998), with their initialisation of 2002; NumPy's
 * _legacy_seeding, random_interval and legacy random_sample. The numbers are NumPy's, bit for bit.
 */
export function createRandomState(seed: number | readonly number[]): RandomState {
  const state = typeof seed === 'number' ? seedByNumber(seed) : seedByList(seed);
  let at = size;
  const next = (): number => {
    if (at === size) {
      twist(state);
      at = 0;
    }
    return temper(state[at++]!);
  };
  const below = (count: number) => (count <= 1 ? 0 : drawMasked(next, count - 1));
  return {
    uniform: (low, high) => low + (high - low) * drawFraction(next),
    below,
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [items[i], items[j]] = [items[j]!, items[i]!];
      }
    },
  };
}

/** 53 bits of [0, 1), from two numbers. */
function drawFraction(next: () => number): number {
  const high = next() >>> 5;
  const low = next() >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** A number of 0..max: as many low bits as max has, drawn until they are not above it. */
function drawMasked(next: () => number, max: number): number {
  const mask = 2 ** (32 - Math.clz32(max)) - 1;
  for (;;) {
    const value = (next() & mask) >>> 0;
    if (value <= max) return value;
  }
}

function seedByNumber(seed: number): Uint32Array {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  return state;
}

function seedByList(seeds: readonly number[]): Uint32Array {
  const state = seedByNumber(19650218);
  let i = 1;
  const advance = () => {
    i += 1;
    if (i < size) return;
    state[0] = state[size - 1]!;
    i = 1;
  };
  const mixed = (factor: number) => state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), factor);
  for (let k = 0; k < Math.max(size, seeds.length); k++, advance()) {
    const j = k % seeds.length;
    state[i] = mixed(1664525) + seeds[j]! + j;
  }
  for (let k = 1; k < size; k++, advance()) state[i] = mixed(1566083941) - i;
  state[0] = 0x80000000;
  return state;
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
    state[i] = state[(i + shift) % size]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
  }
}

function temper(word: number): number {
  let mixed = word ^ (word >>> 11);
  mixed ^= (mixed << 7) & 0x9d2c5680;
  mixed ^= (mixed << 15) & 0xefc60000;
  return (mixed ^ (mixed >>> 18)) >>> 0;
}
