import { printableLines } from '../../harness/support/printable.js';

/** A line as PaddleSeg's logger writes it: `[2026/11/23 14:05:09] INFO: text`, in local time. */
export function logLine(text: string, level: 'INFO' | 'WARNING' = 'INFO', now = new Date()): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('/');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  return `[${day} ${time}] ${level}: ${printableLines(text)}`;
}
