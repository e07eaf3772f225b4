import { cannot, UserError } from '../../harness/support/errors.js';
import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan } from '../plan/plan.js';
import { planTraining } from '../plan/training.js';
import { bannerOf, planWriter } from '../plan/writer.js';
import type { TipcFrame } from '../text/frame.js';
import type { TipcLine } from '../text/lines.js';
import { parseTraining } from '../text/read-train-infer.js';
import type { TrainInferFile } from '../text/train-infer-file.js';

export const form: TipcForm = {
  name: 'dy2static',
  rank: 6,
  title: '=== <name> === (dy2static)',
  modes: ['dy2static'],
  recognise: ([first]) => first !== undefined && /^=+\s+\S.*\s=+\s*$/.test(first.text),
  parse(lines, path) {
    const file = parseDy2Static(lines, path);
    return plainFile(file, (mode) => planDy2Static(file, mode));
  },
};

/**
 * test_train_dy2static_python.sh: each block trains eagerly and as a static graph; the losses that they print must be
 * equal.
 */
interface Dy2StaticFile extends TipcFrame {
  readonly form: 'dy2static';
  readonly blocks: readonly Dy2StaticBlock[];
}

interface Dy2StaticBlock {
  readonly name: string;
  /** The first 21 lines of the form train_infer; what follows there is absent. */
  readonly eager: TrainInferFile;
}

function parseDy2Static(lines: readonly TipcLine[], path: string): Dy2StaticFile {
  const starts = lines.filter(({ text }) => text.includes('============'));
  if (starts.length === 0)
    throw new UserError(
      `Cannot read ${path}: no title has the ${blockMark.length} signs of = by which dy2static finds its blocks; === <name> === with that many is wanted`,
    );
  const blocks = starts.map((start, index) => {
    const until = (starts[index + 1]?.line ?? Number.POSITIVE_INFINITY) - start.line;
    if (until < blockLines)
      throw cannot(
        'read',
        `${path}:${start.line}`,
        `the block ${nameOf(start)} has ${until} lines before the next`,
        `${blockLines} are wanted, for the script takes that many`,
      );
    const own = lines.filter(({ line }) => line >= start.line && line < start.line + blockLines);
    return { name: nameOf(start), eager: parseTraining(own.map(recount), path) };
  });
  const [first] = blocks;
  return {
    form: 'dy2static',
    path,
    modelName: first!.eager.modelName,
    blocks,
    notes: [...new Set(blocks.flatMap(({ eager }) => eager.notes))],
  };
}

const blockMark = '============';
const blockLines = 22;

/** The second word of the title, as `cut` finds it. */
function nameOf(title: TipcLine): string {
  return title.text.split(' ')[1] ?? title.text;
}

function recount(line: TipcLine, index: number): TipcLine {
  return { ...line, position: index + 1 };
}

/** The script takes no mode: it always trains as lite_train_lite_infer, on GPU 0. */
function planDy2Static(file: Dy2StaticFile, mode: string): TipcPlan {
  const writer = planWriter();
  const inner = 'lite_train_lite_infer';
  const outputFolder = `./test_tipc/output/${file.modelName}/${inner}`;
  for (const { name, eager } of file.blocks) {
    const { commands, gpuList } = eager;
    const onGpu0: TrainInferFile = { ...eager, gpuList: { ...gpuList, values: ['0'] } };
    const value = `${commands.normal.value} --opts to_static_training=True`;
    const asStatic = { ...onGpu0, commands: { ...commands, normal: { ...commands.normal, value } } };
    for (const variant of [onGpu0, asStatic]) {
      writer.bannerBefore.push(writer.steps.length + 1);
      planTraining(variant, inner, outputFolder, writer);
    }
    const trained = writer.steps.slice(-2).map(({ number }) => number);
    const log = `${outputFolder}/${name}_diff_log.txt`;
    const own = `diff -w ${outputFolder}/${name}_dygraph_loss.txt ${outputFolder}/${name}_dy2static_loss.txt`;
    const command = `${own} > ${log}`;
    writer.step({
      kind: 'compare',
      command,
      own,
      status: { file: `${outputFolder}/results_python.log`, model: file.modelName, command, log },
      row: { gpu: '0' },
      logPath: log,
      dependsOn: trained,
      line: commands.normal.line,
    });
  }
  return writer.finish(file, { mode, outputFolder, banner: bannerOf(inner) });
}
