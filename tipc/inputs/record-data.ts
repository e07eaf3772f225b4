import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative } from 'node:path';
import type { RecordedData } from '../../harness/result/record/tipc-run.js';
import { UserError } from '../../harness/support/errors.js';
import { openDataSet, type Pair } from '../../pipeline/data/data-set.js';
import { applyOpts } from '../../pipeline/yml/apply-opts.js';
import { type PaddleSegConfig, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { sectionAt } from '../../pipeline/yml/section.js';
import type { TipcStep } from '../plan/plan.js';
import type { FileHashes } from './file-hashes.js';
import { listInferred } from './list-inferred.js';
import type { PlannedInputs } from './planned-inputs.js';
import { findStandIn, findWithin, type SeenData } from './stand-in.js';

/** Data that a plan reads, before their files are hashed. */
export interface ListedData {
  readonly name: string;
  readonly root: string;
  readonly list: string | null;
  /** What its yml calls it; null of pictures alone. */
  readonly type: string | null;
  /** Null where they cannot be listed; `note` says why. */
  readonly pairs: readonly Pair[] | null;
  readonly note: string | null;
}

/** Every data set that a step reads, and every picture that one infers, each once. */
export async function listData({ plan, configs, ports }: PlannedInputs): Promise<readonly ListedData[]> {
  const found = new Map<string, ListedData>();
  for (const step of plan.steps) {
    const named = step.request.value('--config');
    const config = named === null ? undefined : configs.get(named);
    if (step.kind === 'infer') await addPictures(found, step.request.value('--image_path'), ports);
    else if (config !== undefined)
      for (const key of sectionsOf(step)) await addDataSet(found, key, named!, config.path, step);
  }
  return [...found.values()];
}

function sectionsOf({ kind, request }: TipcStep): readonly DataKey[] {
  if (kind === 'train') return request.has('--do_eval') ? ['train_dataset', 'val_dataset'] : ['train_dataset'];
  return kind === 'eval' ? ['val_dataset'] : [];
}

type DataKey = 'train_dataset' | 'val_dataset';

async function addDataSet(
  found: Map<string, ListedData>,
  key: DataKey,
  named: string,
  path: string,
  { request }: TipcStep,
): Promise<void> {
  const opts = request.values('--opts');
  const name = `${key} of ${named}${opts.length === 0 ? '' : ` with --opts ${opts.join(' ')}`}`;
  if (!found.has(name)) found.set(name, await listDataSet(name, key, path, opts));
}

async function listDataSet(name: string, key: DataKey, path: string, opts: readonly string[]): Promise<ListedData> {
  const config: PaddleSegConfig = await readPaddleSegConfig(path);
  const given = (config.values[key] ?? {}) as Readonly<Record<string, unknown>>;
  const root = typeof given.dataset_root === 'string' ? given.dataset_root : '';
  const type = typeof given.type === 'string' ? given.type : null;
  const listed = given[key === 'train_dataset' ? 'train_path' : 'val_path'];
  const list = typeof listed === 'string' ? listed : null;
  try {
    const section = sectionAt(applyOpts(config, opts), key);
    const { pairs, mode } = await openDataSet(section);
    const used = section.values[`${mode}_path`];
    return { name, root, type, list: typeof used === 'string' ? used : null, pairs, note: null };
  } catch (error) {
    // PaddleSeg has more kinds of data sets than tipcheck, which cannot list them; its own were looked at before.
    if (!(error instanceof UserError)) throw error;
    return { name, root, type, list, pairs: null, note: `not listed: ${error.message}` };
  }
}

async function addPictures(
  found: Map<string, ListedData>,
  path: string | null,
  ports: readonly string[],
): Promise<void> {
  if (path === null || found.has(path)) return;
  const pairs = (await listInferred(path, ports)).map((image) => ({ image: image.path, label: null }));
  const isFolder = (await stat(path)).isDirectory();
  const isPicture = pairs.length === 1 && pairs[0]!.image === path;
  const [root, list] = [isFolder ? path : dirname(path), isFolder || isPicture ? null : path];
  found.set(path, { name: path, root, list, type: null, pairs, note: null });
}

/** @param hashes knows each of its files */
export async function recordData(
  { name, root, list, type, pairs, note }: ListedData,
  hashes: Pick<FileHashes, 'of' | 'all'>,
) {
  if (pairs === null) {
    const pictures = findWithin(root, hashes.all());
    const standsInFor = await findStandIn({ root, type, pictures });
    const notes = [...(note === null ? [] : [note]), ...noteStandIn(standsInFor)].join('; ');
    return { name, type, root, list, images: null, bytes: 0, sha256: null, standsInFor, note: notes };
  }
  const total = createHash('sha256');
  const pictures: SeenData['pictures'][number][] = [];
  let bytes = 0;
  let absent = 0;
  for (const { image, label } of pairs) {
    const files = label === null ? [image] : [image, label];
    const found = files.map((path) => hashes.of(path));
    absent += found.filter((one) => one === null).length;
    bytes += found.reduce((sum, one) => sum + (one?.bytes ?? 0), 0);
    if (found[0] != null) pictures.push({ path: image, sha256: found[0].sha256 });
    const places = files.map((path) => (isAbsolute(path) && !isAbsolute(root) ? path : relative(root, path)));
    total.update(`${[...found.map((one) => one?.sha256 ?? 'absent'), ...places].join(' ')}\n`);
  }
  const standsInFor = await findStandIn({ root, type, pictures });
  const notes = [...noteStandIn(standsInFor), ...(absent === 0 ? [] : [`${absent} of its files are not there`])];
  const recorded: RecordedData = {
    ...{ name, type, root, list, images: pairs.length, bytes, sha256: total.digest('hex'), standsInFor },
    note: notes.length === 0 ? null : notes.join('; '),
  };
  return recorded;
}

function noteStandIn(standsInFor: string | null): string[] {
  return standsInFor === null ? [] : [`stand-in data: pictures that tipcheck ships, not ${standsInFor}`];
}
