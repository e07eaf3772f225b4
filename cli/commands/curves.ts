import { basename, dirname } from 'node:path';
import { renderCurvesPage } from '../../harness/reporters/curves/curves-page.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { out } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import { fetchFile } from '../../pipeline/fetch/fetch-file.js';
import { showFetches } from '../../pipeline/fetch/show-fetches.js';
import { parseTrainLog } from '../../pipeline/logs/parse-train-log.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('curves')
    .helpGroup("PaddleSeg's tools:")
    .summary('lay the logs of trainings over one another: loss, learning rate and mIoU by iteration')
    .description(
      'Reads the [TRAIN] and [EVAL] lines of train.logs, of PaddleSeg or of tipcheck train, and writes one page with their curves. The first log is what the others are compared with. Exit codes: 0 done, 2 a log that cannot be read, 3 one that cannot be fetched.',
    )
    .argument('<logs...>', 'train.logs: paths, or addresses that begin with https://')
    .requiredOption('--out <file>', 'the page to write, an .html')
    .endsWith(async (logs: readonly string[], { out: page }: { readonly out: string }) => {
      const trainings = [];
      for (const log of logs) trainings.push({ name: nameOf(log, logs), ...parseTrainLog(await readLog(log), log) });
      await writeAtomicFile(page, renderCurvesPage(trainings));
      out(page);
      return 0;
    });
}

async function readLog(log: string): Promise<string> {
  const path = isAddress(log) ? (await fetchFile(log, { onProgress: showFetches() })).path : log;
  try {
    return await readPlainText(path);
  } catch (error) {
    const is = whyUnread(error, path);
    throw new UserError(`Cannot read the log ${path}: ${is}; a train.log is wanted`);
  }
}

/** The folder's name where all are called train.log, as PaddleSeg's are. */
function nameOf(log: string, logs: readonly string[]): string {
  const name = basename(log);
  const folder = basename(dirname(log));
  const isAmbiguous = logs.filter((other) => basename(other) === name).length > 1 || name === 'train.log';
  return isAmbiguous && folder !== '' && folder !== '.' ? `${folder}/${name}` : name;
}

function isAddress(log: string): boolean {
  return /^https?:\/\//.test(log);
}
