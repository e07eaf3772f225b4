import type { TrainInferFile } from '../text/train-infer-file.js';
import { planInference } from './inference.js';
import { notePlan } from './notes.js';
import type { TipcPlan, TipcPlanOptions } from './plan.js';
import { planTraining } from './training.js';
import { bannerOf, type PlanWriter, planWriter, renderArgument } from './writer.js';

/** Plans test_train_inference_python.sh. */
export function planTrainInfer(file: TrainInferFile, mode: string, options: TipcPlanOptions): TipcPlan {
  const outputFolder = `./test_tipc/output/${file.modelName}/${mode}`;
  const writer = planWriter();
  writer.bannerBefore.push(1);
  if (mode === 'whole_infer' || mode === 'klquant_whole_infer')
    planWholeInference(file, outputFolder, options.visibleDevices ?? null, writer);
  else planTraining(file, mode, outputFolder, writer);
  for (const note of notePlan(file, mode, writer.steps)) writer.notes.add(note);
  return writer.finish(file, { mode, outputFolder, banner: bannerOf(mode) });
}

/** Exports each model that asks for it, and infers with all of them. */
function planWholeInference(
  file: TrainInferFile,
  outputFolder: string,
  visibleDevices: string | null,
  writer: PlanWriter,
): void {
  const { models, modelExports, modelQuantised } = file.infer;
  for (const [index, weights] of models.values.entries()) {
    const exported = modelExports.values[index] ?? 'null';
    const quantised = modelQuantised.values[index] ?? 'False';
    const row = { gpu: '0', quantised: quantised === 'True' };
    const modelFolder = exported === 'null' ? weights : folderOf(weights);
    const dependsOn: number[] = [];
    if (exported !== 'null') {
      const own = [
        exported,
        renderArgument(file.exports.weights.key, weights),
        renderArgument(file.exports.saveDir.key, modelFolder),
      ].join(' ');
      const command = `${file.python} ${own}`;
      const number = writer.step({
        kind: 'export',
        command,
        own,
        status: { file: `${outputFolder}/results_python.log`, model: file.modelName, command, log: '' },
        visibleDevices,
        row,
        runFolder: modelFolder,
        line: modelExports.line,
      });
      dependsOn.push(number);
    }
    planInference(
      file,
      {
        outputFolder,
        modelFolder,
        images: file.infer.images.value,
        quantised,
        gpu: '0',
        visibleDevices,
        row,
        runFolder: modelFolder,
        dependsOn,
      },
      writer,
    );
  }
}

/** The folder of a path, as dirname prints it. */
function folderOf(path: string): string {
  const trimmed = path.replace(/(?<=[^/])\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash === -1) return '.';
  return trimmed.slice(0, slash).replace(/(?<=[^/])\/+$/, '') || '/';
}
