import type { Test } from 'tap';

/**
 * What `work` writes to both outputs of this process, in its order. It must not await: tap writes to one of them, too.
 * @param columns of a terminal as standard error; null: it is none
 */
export function writtenBy(t: Test, columns: number | null, work: () => void): string[] {
  const written: string[] = [];
  const given = [
    t.intercept(process.stderr, 'isTTY', { value: columns !== null }),
    t.intercept(process.stderr, 'columns', { value: columns ?? undefined }),
    t.capture(process.stderr, 'write', (text: string) => written.push(text) > 0),
    t.capture(process.stdout, 'write', (text: string) => written.push(`out: ${text}`) > 0),
  ];
  try {
    work();
  } finally {
    for (const one of given) one.restore();
  }
  return written;
}
