import { appendFile } from 'node:fs/promises';
import type { TipcStatus } from '../../harness/config/tipc-plan.js';

/** TIPC's results_python.log, byte for byte. Source: status_check in test_tipc/common_func.sh. */
export async function appendStatus(status: TipcStatus, succeeded: boolean): Promise<void> {
  await appendFile(status.file, renderStatus(status, succeeded));
}

export async function appendBanner(file: string, banner: string): Promise<void> {
  await appendFile(file, `${banner}\n`);
}

function renderStatus({ model, command, log }: Omit<TipcStatus, 'file'>, succeeded: boolean): string {
  const word = succeeded ? 'Run successfully' : 'Run failed';
  return `\u001b[33m ${word} with command - ${model} - ${command} - ${log}  \u001b[0m\n`;
}
