import { relative, resolve } from 'node:path';
import { UserError } from '../../harness/support/errors.js';
import { isInside, placeInside, realPlace } from '../../harness/support/place-inside.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import type { TipcPlan } from '../plan/plan.js';
import type { Translation } from '../steps/translation.js';
import type { StepRequest } from '../text/request.js';

/** Where TIPC writes. It may be a link, to a disk with more room. */
const outputRoot = 'test_tipc/output';

/** What the tools call a place that they write to. Python's argparse takes the beginning of a name for it. */
const written = ['--save_dir', '--save_file', '--save_log_path', '--log_dir', '--json', '--out', '--report'];

/**
 * Sees to it that a text file makes nothing be written, moved or deleted outside: its model's name decides the folder
 * that is moved aside, the names of its trainers and its values those of logs, its commands where checkpoints go.
 * @param reports the folder of reports, which the command line names
 * @throws UserError that names the file and the line
 */
export async function validatePlaces(
  plan: TipcPlan,
  translations: readonly Translation[],
  reports: string,
): Promise<void> {
  const subject = `the results of ${plan.path}:${await lineOfModel(plan.path)} (model_name)`;
  await placeInside(outputRoot, relative(outputRoot, plan.outputFolder), subject);
  const roots = await Promise.all(['', outputRoot, reports].map(realPlace));
  for (const { step, folder, record, args, request } of translations) {
    const places = [folder, step.logPath, step.status?.file, ...(args === null ? [] : [record, ...writtenBy(request)])];
    for (const place of places) {
      if (place == null) continue;
      const real = await realPlace(resolve(place));
      if (roots.some((root) => isInside(root, real))) continue;
      throw new UserError(
        `Cannot run ${plan.path}:${step.line}: its ${step.kind} would write to ${place}, which leaves this folder; a place within it is wanted`,
      );
    }
  }
}

function writtenBy({ given }: StepRequest): string[] {
  return given.flatMap(({ name, values }) =>
    name !== null && name.length > 3 && written.some((option) => option.startsWith(name)) ? values : [],
  );
}

/** The scripts count lines that are not empty: the model's name is in the second. */
async function lineOfModel(path: string): Promise<number> {
  const lines = (await readPlainText(path)).split('\n').map((text, at) => ({ text, line: at + 1 }));
  return lines.filter(({ text }) => text.trim() !== '')[1]?.line ?? 2;
}
