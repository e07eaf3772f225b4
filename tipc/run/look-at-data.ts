import { stat } from 'node:fs/promises';
import { messageOf, UserError } from '../../harness/support/errors.js';
import { nullIfGone } from '../../harness/support/null-at.js';
import { renderCount } from '../../harness/support/render-count.js';
import { listDataSet } from '../../pipeline/data/data-set.js';
import { applyOpts } from '../../pipeline/yml/apply-opts.js';
import { readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { sectionAt } from '../../pipeline/yml/section.js';
import { listInferred } from '../inputs/list-inferred.js';
import type { PlannedInputs } from '../inputs/planned-inputs.js';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { type DataFindings, type DataSeen, nothingSeen } from '../steps/data-findings.js';

/**
 * Looks at all lists of a plan before its first step: what they repeat, and what is trained on.
 * @param contentOf a hash of what a picture holds; null where it was not read
 */
export async function lookAtData(inputs: PlannedInputs, contentOf: ContentOf): Promise<DataSeen> {
  const lists = openLists(inputs, contentOf);
  const seen = new Map<number, DataFindings>();
  for (const step of inputs.plan.steps) seen.set(step.number, await lookAtStep(step, inputs, lists));
  return seen;
}

type ContentOf = (path: string) => string | null;

/** A picture as a file, whatever it is called: links lead to the same. And what it holds: a copy is another file. */
interface Picture {
  readonly file: string;
  readonly content: string;
}

type Lists = ReturnType<typeof openLists>;

/** Null: the yml has no such section. */
type Listed = Counted | { readonly uncounted: string } | null;

interface Counted {
  readonly pictures: readonly Picture[];
  /** Of each picture, in their order; none of what has no labels. */
  readonly labels: readonly Picture[];
}

async function lookAtStep(step: TipcStep, { plan, configs }: PlannedInputs, lists: Lists): Promise<DataFindings> {
  const trainer = ancestors(step, plan).find(({ request }) => configs.has(request.value('--config') ?? ''));
  const trained = trainer === undefined || step.kind === 'export' ? null : await lists.open(trainer, 'train_dataset');
  if (step.kind === 'infer') return lookAtInference(step, trained, lists);
  const own = describeList('train_dataset', step.kind === 'train' ? trained : null, null);
  if (step.kind !== 'eval' && !step.request.has('--do_eval')) return { ...nothingSeen, deviations: own };
  const listed = await lists.open(step, 'val_dataset');
  const evaluation = describeList('val_dataset', listed, trained);
  const wanted = trainer === undefined || trainer === step ? null : await lists.open(trainer, 'val_dataset');
  return {
    deviations: [...own, ...evaluation, ...describeOther(step, listed, trainer, wanted)],
    evaluated: listed !== null && 'pictures' in listed ? listed.pictures.length : null,
  };
}

async function lookAtInference({ request }: TipcStep, trained: Listed, lists: Lists): Promise<DataFindings> {
  const path = request.value('--image_path');
  if (path === null) return nothingSeen;
  const pictures = await lists.inferred(path);
  return { ...nothingSeen, deviations: describeList(path, { pictures, labels: [] }, trained) };
}

/** An evaluation by another yml than that of the training may be of other pictures, or of a few of them. */
function describeOther(step: TipcStep, listed: Listed, trainer: TipcStep | undefined, wanted: Listed): string[] {
  if (listed === null || wanted === null || 'uncounted' in listed || 'uncounted' in wanted) return [];
  const files = (pictures: readonly Picture[]) => [...new Set(pictures.map(({ file }) => file))].sort();
  const [of, whole] = [files(listed.pictures), files(wanted.pictures)];
  if (of.join('\n') === whole.join('\n')) return [];
  const names = new Set(whole);
  const both = of.filter((file) => names.has(file)).length;
  const [own, training] = [step, trainer].map((one) => one?.request.value('--config'));
  return [
    `val_dataset of ${own} names ${both} of the ${whole.length} pictures of ${training}, by which it was trained, and ${renderCount(of.length - both, 'other')}`,
  ];
}

/**
 * One picture of many is said as all are: a line beside the others must not make a list that shows nothing a whole one.
 * @param trained what is trained on; null: that is not known, or nothing is
 */
function describeList(what: string, listed: Listed, trained: Listed): string[] {
  if (listed === null) return [];
  if ('uncounted' in listed) return [`not counted: ${what}: ${listed.uncounted}`];
  const { pictures } = listed;
  const shared = trained === null || 'uncounted' in trained ? [] : describeShared(what, pictures, trained.pictures);
  return [...describeRepeated(what, pictures), ...describeLabels(what, listed), ...shared];
}

function describeShared(what: string, pictures: readonly Picture[], trained: readonly Picture[]): string[] {
  const seen = new Set(trained.flatMap(({ file, content }) => [file, content]));
  const different = [...new Map(pictures.map((picture) => [picture.file, picture])).values()];
  const shared = different.filter(({ file, content }) => seen.has(file) || seen.has(content)).length;
  if (shared === 0) return [];
  const share = `${shared} of the ${different.length} pictures of ${what} are pictures of train_dataset`;
  return [shared === different.length ? `${share}: nothing is seen of pictures that were not trained on` : share];
}

function describeRepeated(what: string, pictures: readonly Picture[]): string[] {
  const different = new Set(pictures.map(({ content }) => content)).size;
  if (different === pictures.length) return [];
  return [
    `${what} names ${pictures.length} pictures, of which ${different} ${different === 1 ? 'is' : 'are'} different`,
  ];
}

/**
 * Pictures that share a label are not all labelled. Labels that hold the same are common where most pictures show
 * nothing; where all do, nothing is seen of other labels.
 */
function describeLabels(what: string, { pictures, labels }: Counted): string[] {
  if (labels.length < pictures.length) return [];
  const labelOf = new Map(pictures.map(({ file }, at) => [file, labels[at]!]));
  if (labelOf.size < 2) return [];
  const files = new Set([...labelOf.values()].map(({ file }) => file)).size;
  const contents = new Set([...labelOf.values()].map(({ content }) => content)).size;
  if (files === labelOf.size && contents > 1) return [];
  return [
    files < labelOf.size
      ? `${what} names ${labelOf.size} different pictures and ${files} label${files === 1 ? '' : 's'} for them`
      : `${what} names ${labelOf.size} labels that all hold the same`,
  ];
}

/** A step and those that made what it reads; trainings first. */
function ancestors(step: TipcStep, plan: Pick<TipcPlan, 'steps'>): TipcStep[] {
  const before = step.dependsOn.flatMap((number) => plan.steps.find((one) => one.number === number) ?? []);
  const all = [step, ...before.flatMap((one) => ancestors(one, plan))];
  return [...all.filter(({ kind }) => kind === 'train'), ...all.filter(({ kind }) => kind !== 'train')];
}

/** Data sets by the commands that name them, each opened once. */
function openLists({ configs, ports }: PlannedInputs, contentOf: ContentOf) {
  const opened = new Map<string, Promise<Listed>>();
  const tellApart = (paths: readonly string[]) => identifyAll(paths, contentOf);
  return {
    inferred: async (path: string) => tellApart((await listInferred(path, ports)).map((image) => image.path)),
    open({ request }: TipcStep, key: 'train_dataset' | 'val_dataset'): Promise<Listed> {
      const config = configs.get(request.value('--config') ?? '');
      if (config === undefined) return Promise.resolve(null);
      const opts = request.values('--opts');
      const id = JSON.stringify([config.path, opts, key]);
      const found = opened.get(id) ?? openList({ path: config.path, opts, key }, tellApart);
      opened.set(id, found);
      return found;
    },
  };
}

/** What tipcheck cannot list, PaddleSeg may. */
async function openList(
  { path, opts, key }: { readonly path: string; readonly opts: readonly string[]; readonly key: string },
  tellApart: (paths: readonly string[]) => Promise<Picture[]>,
): Promise<Listed> {
  const config = applyOpts(await readPaddleSegConfig(path), opts);
  if (config.values[key] === undefined) return null;
  try {
    const { pairs } = await listDataSet(sectionAt(config, key));
    const paths = pairs.flatMap(({ label }) => label ?? []);
    // Labels are told apart by their names: tools that save space link those that hold the same.
    const labels = (await tellApart(paths)).map(({ content }, at) => ({ file: paths[at]!, content }));
    return { pictures: await tellApart(pairs.map(({ image }) => image)), labels };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      uncounted: messageOf(error)
        .replace(/^Cannot use /, '')
        .replace(/\. Fix: .*$/, ''),
    };
  }
}

/** Files that are looked at at a time. */
const atOnce = 64;

async function identifyAll(paths: readonly string[], contentOf: ContentOf): Promise<Picture[]> {
  const found: Picture[] = new Array(paths.length);
  let next = 0;
  const work = async () => {
    for (let at = next++; at < paths.length; at = next++) {
      const file = await identify(paths[at]!);
      found[at] = { file, content: contentOf(paths[at]!) ?? file };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

/** One that is not there is told apart by its name; who reads it says that it is missing. */
async function identify(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(nullIfGone);
  return found === null ? path : `${found.dev}:${found.ino}`;
}
