import { stat } from 'node:fs/promises';
import { readPaddleSegConfig } from '../../harness/config/paddleseg-yml.js';
import type { TipcPlan, TipcStep } from '../../harness/config/tipc-plan.js';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { applyOpts } from '../../pipeline/config/apply-opts.js';
import { sectionAt } from '../../pipeline/config/section.js';
import { listDataSet } from '../../pipeline/data/data-set.js';
import { listImages } from '../../pipeline/predict/list-images.js';
import { optionOf, wordsOf } from './command-arguments.js';
import type { ResolvedConfig } from './resolve-config.js';

/** What the lists that a step reads say of what it can show. */
export interface DataFindings {
  /** Each makes the step say less than it seems to. */
  readonly deviations: readonly string[];
  readonly notes: readonly string[];
  /** How many pictures it is to evaluate, by its yml; null where it evaluates none, or they cannot be counted. */
  readonly evaluated: number | null;
}

/** By the step's number. */
export type DataSeen = ReadonlyMap<number, DataFindings>;

export const nothingSeen: DataFindings = { deviations: [], notes: [], evaluated: null };

/** Looks at all lists of a plan before its first step: what they repeat, and what is trained on. Pictures are told apart as files. */
export async function lookAtData(plan: TipcPlan, configs: ReadonlyMap<string, ResolvedConfig>): Promise<DataSeen> {
  const lists = openLists(configs);
  const seen = new Map<number, DataFindings>();
  for (const step of plan.steps) seen.set(step.number, await lookAtStep(step, plan, configs, lists));
  return seen;
}

type Lists = ReturnType<typeof openLists>;

/** Null: the yml has no such section. */
type Listed = { readonly files: readonly string[] } | { readonly uncounted: string } | null;

async function lookAtStep(
  step: TipcStep,
  plan: TipcPlan,
  configs: ReadonlyMap<string, ResolvedConfig>,
  lists: Lists,
): Promise<DataFindings> {
  const trainer = ancestors(step, plan).find(({ argv }) => configs.has(optionOf(argv, '--config') ?? ''));
  const trained = trainer === undefined || step.kind === 'export' ? null : await lists(trainer, 'train_dataset');
  if (step.kind === 'infer') return lookAtInference(step, trained);
  const own = step.kind === 'train' ? describeTraining(trained) : [];
  if (step.kind !== 'eval' && !step.argv.includes('--do_eval')) return { ...nothingSeen, deviations: own };
  const listed = await lists(step, 'val_dataset');
  const evaluation = describeList('val_dataset', listed, trained);
  return {
    deviations: [...own, ...evaluation.deviations],
    notes: evaluation.notes,
    evaluated: listed !== null && 'files' in listed ? listed.files.length : null,
  };
}

async function lookAtInference({ argv }: TipcStep, trained: Listed): Promise<DataFindings> {
  const path = optionOf(argv, '--image_path');
  if (path === null) return nothingSeen;
  const files = await tellApart((await listImages(path)).map((image) => image.path));
  return { ...nothingSeen, ...describeList(path, { files }, trained) };
}

function describeTraining(listed: Listed): string[] {
  return describeList('train_dataset', listed, null).deviations;
}

/** @param trained what is trained on; null: that is not known, or nothing is */
function describeList(
  what: string,
  listed: Listed,
  trained: Listed,
): { readonly deviations: string[]; readonly notes: string[] } {
  if (listed === null) return { deviations: [], notes: [] };
  if ('uncounted' in listed) return { deviations: [`not counted: ${what}: ${listed.uncounted}`], notes: [] };
  const { files } = listed;
  const different = new Set(files);
  const repeated =
    different.size === files.length
      ? []
      : [
          `${what} names ${files.length} pictures, of which ${different.size} ${different.size === 1 ? 'is' : 'are'} different`,
        ];
  if (trained === null || 'uncounted' in trained) return { deviations: repeated, notes: [] };
  const seen = new Set(trained.files);
  const shared = [...different].filter((file) => seen.has(file)).length;
  const share = `${shared} of the ${different.size} pictures of ${what} are pictures of train_dataset`;
  if (shared === 0) return { deviations: repeated, notes: [] };
  return shared === different.size
    ? { deviations: [...repeated, `${share}: nothing is seen of pictures that were not trained on`], notes: [] }
    : { deviations: repeated, notes: [share] };
}

/** A step and those that made what it reads; trainings first. */
function ancestors(step: TipcStep, plan: Pick<TipcPlan, 'steps'>): TipcStep[] {
  const before = step.dependsOn.flatMap((number) => plan.steps.find((one) => one.number === number) ?? []);
  const all = [step, ...before.flatMap((one) => ancestors(one, plan))];
  return [...all.filter(({ kind }) => kind === 'train'), ...all.filter(({ kind }) => kind !== 'train')];
}

/** Data sets by the commands that name them, each opened once. */
function openLists(configs: ReadonlyMap<string, ResolvedConfig>) {
  const opened = new Map<string, Promise<Listed>>();
  return ({ argv }: TipcStep, key: 'train_dataset' | 'val_dataset'): Promise<Listed> => {
    const config = configs.get(optionOf(argv, '--config') ?? '');
    if (config === undefined) return Promise.resolve(null);
    const opts = wordsOf(argv, '--opts');
    const id = JSON.stringify([config.path, opts, key]);
    const found = opened.get(id) ?? openList(config.path, opts, key);
    opened.set(id, found);
    return found;
  };
}

/** What tipcheck cannot list, PaddleSeg may. */
async function openList(path: string, opts: readonly string[], key: string): Promise<Listed> {
  const config = applyOpts(await readPaddleSegConfig(path), opts);
  if (config.values[key] === undefined) return null;
  try {
    const { pairs } = await listDataSet(sectionAt(config, key));
    return { files: await tellApart(pairs.map(({ image }) => image)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      uncounted: messageOf(error)
        .replace(/^Cannot use /, '')
        .replace(/\. Fix: .*$/, ''),
    };
  }
}

/** Files that are open at a time. */
const atOnce = 64;

/** What a file is, whatever it is called: links lead to the same. */
async function tellApart(paths: readonly string[]): Promise<string[]> {
  const found: string[] = new Array(paths.length);
  let next = 0;
  const work = async () => {
    for (let at = next++; at < paths.length; at = next++) found[at] = await identify(paths[at]!);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

/** One that is not there is told apart by its name; who reads it says that it is missing. */
async function identify(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? path : `${found.dev}:${found.ino}`;
}
