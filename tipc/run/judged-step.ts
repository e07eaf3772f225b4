import { join } from 'node:path';
import type { StepResult } from '../../harness/result/record/tipc-run.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';

/** What a step was found to be, as soon as it is: `result.json` says it again, and cannot be changed alone. */
export async function writeJudgedStep(records: string, step: StepResult): Promise<StepResult> {
  const recorded = { ...step, record: judgedPath(records, step) };
  await writeAtomicFile(recorded.record, `${JSON.stringify(recorded)}\n`);
  return recorded;
}

function judgedPath(records: string, { number, kind }: StepResult): string {
  return join(records, `${number}-${kind}-judged.json`);
}

/** What the step itself wrote beside it; a step of PaddleSeg's writes nothing but its log. */
export function ownRecordPath(judged: string): string {
  return judged.replace(/-judged\.json$/, '.json');
}
