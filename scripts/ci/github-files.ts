import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';

/** GitHub takes 1 MiB of summary from a step. */
const summaryLimitBytes = 1024 * 1024;

/**
 * Appends outputs to the file that the runner reads. A value may hold anything: its end is a line that nobody can
 * guess.
 */
export async function writeOutputs(path: string, outputs: Readonly<Record<string, string>>): Promise<void> {
  const end = `end-${randomUUID()}`;
  const text = Object.entries(outputs).map(([name, value]) => `${name}<<${end}\n${value}\n${end}\n`);
  await appendFile(path, text.join(''));
}

/** Text that fits into a step's summary: cut at a line's end, with a sentence that says so. */
export function cutSummary(markdown: string, limitBytes = summaryLimitBytes): string {
  if (Buffer.byteLength(markdown) <= limitBytes) return markdown;
  const sentence = '\n\nThis summary was cut to the size that GitHub takes; the report has all of it.\n';
  const room = limitBytes - Buffer.byteLength(sentence);
  const cut = Buffer.from(markdown).subarray(0, room).toString('utf8');
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf('\n')))}${sentence}`;
}
