import { join, normalize } from 'node:path';
import type { StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { capFaults, describeMissing, type Findings, shorten } from '../../harness/run/findings.js';
import { portBeforeMerge } from '../../harness/run/port-before-merge.js';
import { UserError } from '../../harness/support/errors.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { hashOrNull } from '../inputs/file-hashes.js';
import { ownRecordPath } from '../run/judged-step.js';
import { nameFolders } from '../run/name-folders.js';
import { parseToolLog } from '../runners/paddleseg/read-tool-log.js';
import { figuresOfToolTraining } from '../runners/paddleseg/train.js';
import { figuresOfToolEvaluation } from '../runners/paddleseg/val.js';
import { figuresOfTraining } from '../runners/tipcheck/judge-train.js';
import { figuresOfEvaluation } from '../runners/tipcheck/judge-val.js';
import { paddleSegPort } from '../steps/runner-names.js';
import { isObject, parseObject } from './check-plan.js';
import { findAside } from './find-aside.js';
import { isOwnFile, locateFile, type RunPlace } from './run-place.js';

/** Figures are read again from what the steps wrote: a JSON each, of PaddleSeg their logs. */
export async function checkFigures(place: RunPlace, tipc: TipcRun, command: readonly string[]): Promise<Findings> {
  const { steps, inputs } = tipc;
  const faults: string[] = [];
  const unread: string[] = [];
  for (const step of steps) {
    if (step.ran === null || Object.keys(step.figures).length === 0) continue;
    const port = portBeforeMerge(step.port, command);
    const path = port === paddleSegPort ? null : recordPath(place, step, port);
    const source = path === null ? await readLog(place, step, tipc) : await readRecord(place, step, path);
    if (source === null && inputs !== null && path !== null && isOwnFile(place, path))
      faults.push(
        (await readTextOrNull(locateFile(place, path))) === null ? describeMissing(path) : `${path} gives no figures`,
      );
    else if (source === null) unread.push(step.id);
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

/** @param port as it was called before a merge */
function recordPath(place: RunPlace, { number, kind, record }: StepResult, port: string): string {
  return record === null
    ? join(place.folder, nameFolders([port])[0]!, `${number}-${kind}.json`)
    : ownRecordPath(record);
}

async function readRecord(place: RunPlace, { kind }: StepResult, path: string): Promise<Source | null> {
  // An exported graph has no figures but those of its logits.
  if (kind === 'export' || kind === 'convert') return { path: '', figures: {} };
  const text = await readTextOrNull(locateFile(place, path));
  if (text === null) return null;
  const figures = readFigures(kind, parseObject(text) ?? {});
  return figures === null ? null : { path, figures };
}

/** Null of a record of another shape. */
function readFigures(kind: string, written: Readonly<Record<string, unknown>>): Source['figures'] | null {
  try {
    if (kind === 'train') return figuresOfTraining(written as never);
    if (kind === 'eval') return figuresOfEvaluation(written as never);
    return isObject(written.figures) ? written.figures : null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * Of a log that several steps share, which lines are whose is not known. A newer run may have written another in its
 * place.
 */
async function readLog(
  place: RunPlace,
  { log, kind }: StepResult,
  { steps, files }: Pick<TipcRun, 'steps' | 'files'>,
): Promise<Source | null> {
  if (log === null || steps.filter((other) => other.log === log).length > 1) return null;
  const path = await findOwnLog(place, log, files);
  const text = path === null ? null : await readTextOrNull(path);
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

/**
 * The log that this very run left, by its hash; null where it is away. Of a run that kept no hashes the one that is
 * there is all there is.
 */
async function findOwnLog(place: RunPlace, log: string, files: TipcRun['files']): Promise<string | null> {
  const path = locateFile(place, log);
  if (files === null) return path;
  const wanted = new Set(files.flatMap((file) => (normalize(file.path) === normalize(log) ? [file.sha256] : [])));
  const found = await hashOrNull(path);
  return found !== null && wanted.has(found.sha256) ? path : findAside(path, wanted);
}
