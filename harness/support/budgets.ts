import { cannot, type UserError } from './errors.js';

/**
 * How much a file may ask for. Each is looked at before memory or time is taken, so that a small file cannot ask for
 * much; each is far above what files of this trade have.
 */
export const budgets = {
  /** Levels of a JSON file. */
  jsonDepth: 500,
  /** Of a YAML file. PaddleSeg's largest yml has 6 kB. */
  yamlBytes: 2 ** 20,
  /** Of a YAML file, each counted as often as its aliases and merges name it. */
  yamlNodes: 1_000_000,
  /**
   * Open brackets of a YAML file, and columns before a line's text or what begins a level in it: each level takes one
   * at least.
   */
  yamlDepth: 500,
  yamlIndent: 1_000,
  /** That a yml and its bases are read from, each counted as often as it is named. */
  configFiles: 1_000,
  /** Of a text of any kind: a list, a log, a record. The hashes of a million pictures have 150 MB. */
  textBytes: 2 ** 28,
  /** Of a picture: 2^28 is 16,384 × 16,384, and libvips' own limit. */
  pixels: 2 ** 28,
  /**
   * Of a pickle, each counted as often as it is memorised and recalled. The largest SegNeXt's weights with their
   * optimizer have some 10,000.
   */
  pickleObjects: 1_000_000,
  /**
   * Bytes of its arrays, for each byte of the pickle. Bytes as text (protocol 2) are copied twice, float16 becomes
   * float32.
   */
  pickleCopies: 8,
  /** Of arrays of a bundle, each counted as often as it is named after the first time. */
  repeatedBytes: 2 ** 31,
  /** Of all seeded parameters of a bundle: 4 GiB of float32. SegNeXt-L has 49 million. */
  seededElements: 2 ** 30,
  /**
   * Bytes to which a zip may unpack what it packed more than so many times, all arrays together. Deflate packs zeros
   * some 1,030-fold at its best and 230-fold at its fastest, and label maps of int64 some 200- to 400-fold: those of a
   * few large training steps have 300 MB.
   */
  packed: [
    { fold: 900, bytes: 2 ** 28 },
    { fold: 100, bytes: 2 ** 30 },
  ],
} as const;

/**
 * A file that asks for more than its budget. @param subject `the picture x.png` @param found `it has 2147483647×1
 * pixels`
 */
export function overBudget(subject: string, found: string, budget: number, of: string): UserError {
  const wanted = `at most ${budget} ${of} are wanted (a budget, so that no small file asks for much)`;
  return cannot('read', subject, found, wanted);
}
