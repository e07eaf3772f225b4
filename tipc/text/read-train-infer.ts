import { cannot, UserError } from '../../harness/support/errors.js';
import { isGiven, isTitle, type TipcLine } from './lines.js';
import { positionReader } from './positions.js';
import { parseTipcSections, type TipcSections } from './sections.js';
import type { TrainInferFile } from './train-infer-file.js';
import { noteUnknownTrainers } from './unknown-trainers.js';

/** Parses a block of dy2static: the positions of training alone. */
export function parseTraining(lines: readonly TipcLine[], path: string): TrainInferFile {
  validateFrame(lines, trainingPosition, path);
  return readPositions(lines, trainingPosition, path);
}

/**
 * Throws a UserError for lines that are too few, or that stand at other positions than those of the form train_infer.
 * @param needed the last position that is looked at, from 1
 */
export function validateFrame(lines: readonly TipcLine[], needed: number, path: string): void {
  if (lines.length < needed)
    throw new UserError(
      `Cannot read ${path}: it has ${lines.length} lines that are not empty; at least ${needed} are wanted, as in train_infer_python.txt`,
    );
  for (const line of lines.slice(1, needed)) {
    const expected = frame.get(line.position);
    if (expected?.test(line.text) ?? !isTitle(line.text)) continue;
    const wanted =
      expected === undefined ? 'an argument' : expected === title ? 'a title' : expected.source.replace(/[\^+]/g, '');
    throw cannot(
      'read',
      `${path}:${line.line}`,
      `position ${line.position} holds ${JSON.stringify(line.text)}`,
      `${wanted} is wanted, for lines count by position`,
    );
  }
}

/**
 * Reads every position of the form train_infer, and the sections after them.
 * @param needed the last position that must be there, from 1; what lies beyond and is not there is empty
 * Throws a UserError for a value of the wrong kind.
 */
export function readPositions(lines: readonly TipcLine[], needed: number, path: string): TrainInferFile {
  const at = positionReader(lines, needed, path);
  const sections = parseTipcSections(lines, path);
  const trainers = at.list(15);
  if (!trainers.values.some(isGiven))
    throw cannot('read', `${path}:${trainers.line}`, 'trainer has no value', 'the name of a trainer is wanted');
  return {
    form: 'train_infer',
    path,
    modelName: at.required(2),
    python: at.required(3),
    gpuList: at.gpuList(4),
    train: {
      device: at.list(5),
      autocast: at.list(6),
      iters: at.modes(7),
      saveDir: at.named(8),
      batchSize: at.modes(9),
      pretrained: at.argument(10),
      checkpoint: at.required(11),
      inferImages: at.argument(12),
      free: at.argument(13),
    },
    trainers,
    commands: {
      normal: at.argument(16),
      pact: at.argument(17),
      fpgm: at.argument(18),
      distill: at.argument(19),
      custom: [at.argument(20), at.argument(21)],
    },
    evaluation: { command: at.argument(24), free: at.argument(25) },
    exports: {
      saveDir: at.named(28),
      weights: at.named(29),
      normal: at.argument(30),
      quant: at.argument(31),
      fpgm: at.argument(32),
      distill: at.argument(33),
      custom: [at.argument(34), at.argument(35)],
    },
    infer: readInference(at),
    ...sections,
    notes: noteUnknownTrainers(trainers, trainerNames(lines, sections), path),
  };
}

function readInference(at: ReturnType<typeof positionReader>): TrainInferFile['infer'] {
  return {
    folder: at.argument(36),
    ...at.inferModels(37),
    command: at.argument(40),
    device: at.words(41, inferDevices),
    mkldnn: at.words(42, ['True', 'False']),
    threads: at.counts(43),
    batchSize: at.counts(44),
    tensorRt: at.words(45, ['True', 'False']),
    precision: at.words(46, ['fp32', 'fp16', 'int8']),
    config: at.named(47),
    images: at.argument(48),
    log: at.argument(49),
    benchmark: at.argument(50),
    free: [at.argument(51), at.argument(52)],
  };
}

/** The last position that training needs: the normal trainer. */
const trainingPosition = 16;

/** A title of any name: the scripts count lines. */
const title = /^=+[^=]+=+\s*$/;

/** What must stand where in the form train_infer: titles, separators and keys that no file spells otherwise. */
const frame: ReadonlyMap<number, RegExp> = new Map([
  [2, /^model_name:/],
  [3, /^python:/],
  [4, /^gpu_list:/],
  [11, /^train_model_name:/],
  [12, /^train_infer_img_dir:/],
  [14, /^##/],
  [15, /^trainer:/],
  [22, /^##/],
  [23, title],
  [24, /^eval:/],
  [26, /^##/],
  [27, title],
  [36, title],
  [37, /^infer_model:/],
  [38, /^infer_export:/],
  [39, /^infer_quant:/],
  [40, /^inference:/],
]);

/** TIPC's own words, and `auto` of ours: the best device that is there, announced. */
const inferDevices = ['cpu', 'gpu', 'True', 'False', 'auto'];

/** The names that lines 16 to 21 and the section of static training give, the normal one first. */
function trainerNames(lines: readonly TipcLine[], { toStatic }: TipcSections): string[] {
  return [...lines.slice(15, 21).map(({ key }) => key), toStatic?.trainer ?? 'null'].filter(isGiven);
}
