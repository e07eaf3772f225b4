import type { Readable } from 'node:stream';

/** The lines of a stream, as they come. */
export interface AnswerLines {
  /** The next line. */
  next(): Promise<Line>;
  /** A line that came while nobody waited for one; null if there was none. */
  unasked(): string | null;
  /** Resolves when the stream is at its end. */
  readonly closed: Promise<void>;
}

/** A whole line; or what stood there when the stream ended, or when the line became too long. */
export interface Line {
  readonly text: string;
  readonly is: 'whole' | 'cut' | 'too long';
}

/** An answer of a thousand probes is below 1 MB. */
export const maxLineBytes = 16 * 2 ** 20;

/**
 * Reads lines, each for one `next`. What comes while nobody waits is kept as `unasked` and given to nobody, and a line
 * that is too long is not kept: after it nothing is read any more.
 */
export function readAnswerLines(stream: Readable): AnswerLines {
  let waiting: ((line: Line) => void) | null = null;
  let parts: Buffer[] = [];
  let length = 0;
  let surplus: string | null = null;
  let over: Line | null = null;

  const give = (line: Line) => {
    if (line.is !== 'whole') over ??= line;
    const receiver = waiting;
    waiting = null;
    if (receiver !== null) receiver(line);
    else if (line.is === 'whole') surplus ??= line.text.slice(0, shownLength);
  };
  const finishLine = () => {
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    length = 0;
    return text;
  };
  const keep = (part: Buffer) => {
    length += part.length;
    parts.push(part);
    if (length <= maxLineBytes) return;
    give({ text: finishLine().slice(0, shownLength), is: 'too long' });
  };
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (over === null) {
      const end = rest.indexOf(lineFeed);
      keep(end < 0 ? rest : rest.subarray(0, end));
      if (end < 0 || over !== null) return;
      rest = rest.subarray(end + 1);
      give({ text: finishLine(), is: 'whole' });
    }
  });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => {
      give({ text: finishLine(), is: 'cut' });
      resolve();
    });
  });

  return {
    next() {
      if (over !== null) return Promise.resolve(over);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    unasked: () => surplus,
    closed,
  };
}

const lineFeed = 0x0a;
const shownLength = 200;
