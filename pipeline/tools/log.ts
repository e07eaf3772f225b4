import { outLines } from '../../harness/support/console.js';

/** Writes a line as PaddleSeg's logger does: `[2026/11/23 14:05:09] INFO: text`, in local time. */
export function log(text: string): void {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('/');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  outLines(`[${day} ${time}] INFO: ${text}`);
}
