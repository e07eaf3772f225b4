// All that tipcheck writes to its standard output and its standard error. Text from outside in it commands nothing. The
// last line of a terminal may be a live one, which is gone before anything else is written.
import { printable, printableLines } from './printable.js';

/** A line of a command's answer, on standard output. */
export function out(line: string): void {
  write(process.stdout, `${printable(line)}\n`);
}

/** The same for text of ours that has lines or colours. A line end is added where it has none. */
export function outLines(text: string): void {
  write(process.stdout, withLineEnd(printableLines(text)));
}

/** A sentence beside the answer, on standard error. */
export function tell(line: string): void {
  write(process.stderr, `${printable(line)}\n`);
}

/** The same for text of ours that has lines or colours. */
export function tellLines(text: string): void {
  write(process.stderr, withLineEnd(printableLines(text)));
}

/** What the user should know, though no verdict depends on it. */
export function note(text: string): void {
  tell(`note: ${text}`);
}

/** Where a run differs from TIPC's. */
export function deviation(text: string): void {
  tell(`deviation: ${text}`);
}

/** Columns of the terminal that shows the answer; null: there is none. */
export function answerColumns(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null;
}

/** Columns of the terminal that has the live line; null: there is none. One that was never given a size says 0. */
export function liveColumns(): number | null {
  if (!process.stderr.isTTY) return null;
  return process.stderr.columns > 0 ? process.stderr.columns : 80;
}

/** Draws the live line in place of the one before. Where there is no terminal nothing is drawn. */
export function drawLive(text: string): void {
  const columns = liveColumns();
  if (columns === null) return;
  process.stderr.write(`${eraseLine}${printable(text).slice(0, columns - 1)}`);
  isDrawn = true;
}

export function eraseLive(): void {
  if (isDrawn) process.stderr.write(eraseLine);
  isDrawn = false;
}

const eraseLine = '\r\x1b[2K';

/** A process has one terminal, and so one live line. */
let isDrawn = false;

function write(stream: NodeJS.WriteStream, text: string): void {
  eraseLive();
  stream.write(text);
}

function withLineEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
