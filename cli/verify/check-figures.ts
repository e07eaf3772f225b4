import { join } from 'node:path';
import type { StepResult, TipcRun } from '../../harness/result.js';
import { UserError } from '../../harness/support/errors.js';
import { ownRecordPath } from '../tipc/judged-step.js';
import { figuresOfTraining } from '../tipc/judges/train.js';
import { figuresOfEvaluation } from '../tipc/judges/val.js';
import { nameFolders } from '../tipc/name-folders.js';
import { paddleSegPort } from '../tipc/paddleseg/find-paddleseg.js';
import { figuresOfToolTraining } from '../tipc/paddleseg/judges/train.js';
import { figuresOfToolEvaluation } from '../tipc/paddleseg/judges/val.js';
import { parseToolLog } from '../tipc/paddleseg/read-tool-log.js';
import { parseObject } from './check-plan.js';
import { capFaults, type Findings, shorten } from './findings.js';
import { readTextOrNull } from './read-text.js';
import type { RunPlace } from './run-place.js';

/** Figures are read again from what the steps wrote: a JSON each, of PaddleSeg their logs. */
export async function checkFigures(place: RunPlace, { steps }: TipcRun): Promise<Findings> {
  const faults: string[] = [];
  const unread: string[] = [];
  for (const step of steps) {
    if (step.ran === null || Object.keys(step.figures).length === 0) continue;
    const source = isOfPaddleSeg(step) ? await readLog(place, step, steps) : await readRecord(place, step);
    if (source === null) unread.push(step.id);
    else faults.push(...findOtherFigures(step, source));
  }
  const unchecked =
    unread.length === 0 ? [] : [`figures of ${unread.join(', ')}: the files that give them cannot be read`];
  return { faults: capFaults(faults), unchecked };
}

/** What a file gives for figures of a step; those that nothing else gives, of logits, are not among them. */
interface Source {
  readonly path: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

function findOtherFigures({ id, figures }: StepResult, { path, figures: wanted }: Source): string[] {
  return Object.entries(wanted)
    .filter(([name, value]) => typeof value === 'number' && figures[name] !== value)
    .map(
      ([name, value]) => `${id}: ${name} is ${shorten(figures[name])} in result.json; ${path} has ${shorten(value)}`,
    );
}

function isOfPaddleSeg({ port }: StepResult): boolean {
  return port.split('@')[0] === paddleSegPort;
}

async function readRecord(place: RunPlace, step: StepResult): Promise<Source | null> {
  // An exported graph has no figures but those of its logits.
  if (step.kind === 'export' || step.kind === 'convert') return { path: '', figures: {} };
  const { number, kind, port, record } = step;
  const path =
    record === undefined
      ? join(place.folder, nameFolders([port.split('@')[0]!])[0]!, `${number}-${kind}.json`)
      : ownRecordPath(record);
  const text = await readTextOrNull(place.start, path);
  if (text === null) return null;
  const figures = readFigures(kind, parseObject(text) ?? {});
  return figures === null ? null : { path, figures };
}

/** Null of a record of another shape. */
function readFigures(kind: string, written: Readonly<Record<string, unknown>>): Source['figures'] | null {
  try {
    if (kind === 'train') return figuresOfTraining(written as never);
    if (kind === 'eval') return figuresOfEvaluation(written as never);
    return { ...(written.figures as Source['figures']) };
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Of a log that several steps share, which lines are whose is not known. */
async function readLog(place: RunPlace, step: StepResult, all: readonly StepResult[]): Promise<Source | null> {
  const { log, kind } = step;
  if (log === null || all.filter((other) => other.log === log).length > 1) return null;
  const text = await readTextOrNull(place.start, log);
  if (text === null) return null;
  try {
    const read = parseToolLog(text, log);
    const figures =
      kind === 'train' ? figuresOfToolTraining(read) : kind === 'eval' ? figuresOfToolEvaluation(read) : {};
    return { path: log, figures };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
