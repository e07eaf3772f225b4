import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Confusion, confusionOf } from '../../harness/metrics/confusion.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { codeOf, UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { parseUserJson } from '../../harness/support/parse-json.js';
import { placeInside } from '../../harness/support/place-inside.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import type { Pair } from '../data/data-set.js';
import type { PairHashes } from '../data/read-pair.js';

/** All that an evaluation's result depends on, as JSON; a field for each thing that a user could have changed. */
export type EvaluationRecord = Readonly<Record<string, unknown>>;

const recordFile = 'evaluation.json';
const formatName = 'tipcheck-evaluation/1';

/**
 * Opens a folder for an evaluation's results: a new one, or with `resume` what a killed one left. Called on one rank
 * alone.
 * @throws UserError where the folder holds an evaluation already, or, resuming, that of something else
 */
export async function openKeptFolder(folder: string, record: EvaluationRecord, resume: boolean): Promise<void> {
  const path = join(folder, recordFile);
  const kept = await readRecord(path);
  if (kept === null) {
    await mkdir(folder, { recursive: true });
    await writeAtomicFile(path, `${JSON.stringify({ format: formatName, ...record }, null, 1)}\n`);
    return;
  }
  if (!resume)
    throw new UserError(
      `Cannot keep results in ${folder}: it holds those of an evaluation already; a new folder is wanted. Fix: --resume to go on with it`,
    );
  // As JSON has it: what is undefined is absent.
  const wanted: EvaluationRecord = JSON.parse(JSON.stringify(record));
  const other = [...new Set([...Object.keys(wanted), ...Object.keys(kept)])].find(
    (field) => JSON.stringify(kept[field]) !== JSON.stringify(wanted[field]),
  );
  if (other === undefined) return;
  throw new UserError(
    `Cannot resume the evaluation in ${folder}: its ${other} is ${shorten(kept[other])} and now ${shorten(wanted[other])}; the same is wanted. Fix: another --save_dir`,
  );
}

/**
 * What `evaluation.json` of a folder says, without its format; null where there is none. Throws a UserError for what is
 * none.
 */
export async function readKeptRecord(folder: string): Promise<EvaluationRecord | null> {
  return readRecord(join(folder, recordFile));
}

/**
 * The result of one image in the folder; null where it has none, and `changed` where that is of another picture or
 * label than those that are there now, or does not say of which. Throws a UserError for a file that is none.
 */
export async function readKept(
  folder: string,
  name: string,
  pair: Pair,
  classes: number,
): Promise<Confusion | 'changed' | null> {
  const path = keptPath(folder, name);
  const text = await readText(path);
  if (text === null) return null;
  const { confusion, imageSha256, labelSha256 } = parseObject(text, path);
  if (imageSha256 !== (await hashFile(pair.image))) return 'changed';
  if (labelSha256 !== (pair.label === null ? null : await hashFile(pair.label))) return 'changed';
  if (isCounts(confusion, classes)) return confusionOf(confusion);
  throw new UserError(`Cannot read ${path}: its confusion is not ${classes} by ${classes} counts. Fix: delete it`);
}

/** A kill leaves the whole file or none. @param sha256 of the picture and its label as they were evaluated */
export async function writeKept(
  folder: string,
  name: string,
  { image }: Pair,
  sha256: PairHashes,
  rows: number[][],
): Promise<void> {
  const path = await placeInside(folder, join('images', `${name}.json`), `the result of ${image}`);
  const described = { image, imageSha256: sha256.image, labelSha256: sha256.label };
  await writeAtomicFile(path, `${JSON.stringify({ ...described, confusion: rows })}\n`);
}

function keptPath(folder: string, name: string): string {
  return join(folder, 'images', `${name}.json`);
}

async function readRecord(path: string): Promise<EvaluationRecord | null> {
  const text = await readText(path);
  if (text === null) return null;
  const { format, ...record } = parseObject(text, path);
  if (format === formatName) return record;
  throw new UserError(`Cannot read ${path}: its format is ${String(format)}; ${formatName} is wanted`);
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readPlainText(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new UserError(`Cannot read ${path}: ${whyUnread(error, path)}; a readable file is wanted`);
  }
}

function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  const value = parseUserJson(text, path, wantedFile);
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw new UserError(`Cannot read ${path}: it holds no JSON object; ${wantedFile}`);
}

const wantedFile = 'what tipcheck val wrote is wanted. Fix: delete it';

function isCounts(rows: unknown, classes: number): rows is number[][] {
  return (
    Array.isArray(rows) &&
    rows.length === classes &&
    rows.every(
      (row) => Array.isArray(row) && row.length === classes && row.every((n) => Number.isSafeInteger(n) && n >= 0),
    )
  );
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}
