import { UserError } from '../../harness/support/errors.js';
import type { FuzzTarget } from './fuzz-target.js';

const sample = Buffer.from('{"a": 1}');
const isChanged = (bytes: Uint8Array): boolean => !sample.equals(bytes);

/** Readers with a fault each, of files that were changed, so that the fuzzing itself is seen to find them. */
export const targets: readonly FuzzTarget[] = [
  bad('good', () => {
    throw new UserError('Cannot read x.json: it was changed; the sample is wanted');
  }),
  bad('throws', (bytes) => {
    if (bytes.length > sample.length) (null as unknown as { name: string }).name.trim();
  }),
  bad('text', () => {
    throw new UserError('oh');
  }),
  bad('slow', () => {
    const until = Date.now() + 30_000;
    const { user } = process.cpuUsage();
    while (Date.now() < until && process.cpuUsage().user - user < 5.5e6);
  }),
  bad('hang', () => {
    const isOver = () => false;
    while (!isOver());
  }),
  bad('memory', () => {
    const taken: Buffer[] = [];
    while (taken.length < 200) taken.push(Buffer.alloc(1 << 24, 1));
  }),
  bad('ends', () => process.exit(7)),
  {
    ...bad('never', () => undefined),
    read() {
      throw new UserError('Cannot read x.json: nothing is ever read; a file is wanted');
    },
  },
];

function bad(name: string, read: (bytes: Uint8Array) => unknown): FuzzTarget {
  return {
    ...{ name, file: 'x.json', isText: true },
    samples: async () => [sample],
    read: (_path, bytes) => (isChanged(bytes) ? read(bytes) : undefined),
  };
}
