import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { explainUnwritable } from '../../harness/support/atomic-file.js';
import type { TipcStatus } from '../plan/plan.js';

/** TIPC's results_python.log, byte for byte. Source: status_check in test_tipc/common_func.sh. */
export async function appendStatus(status: TipcStatus, succeeded: boolean): Promise<void> {
  await append(status.file, renderStatus(status, succeeded));
}

export async function appendBanner(file: string, banner: string): Promise<void> {
  await append(file, `${banner}\n`);
}

async function append(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, text);
  } catch (error) {
    throw explainUnwritable(error, file);
  }
}

function renderStatus({ model, command, log }: Omit<TipcStatus, 'file'>, succeeded: boolean): string {
  const word = succeeded ? 'Run successfully' : 'Run failed';
  return `\u001b[33m ${word} with command - ${model} - ${command} - ${log}  \u001b[0m\n`;
}
