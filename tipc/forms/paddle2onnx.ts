import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan } from '../plan/plan.js';
import { relocatePlan } from '../plan/relocate.js';
import { planWriter, renderArgument } from '../plan/writer.js';
import { adaptPaddle2Onnx } from '../steps/adapt-paddle2onnx.js';
import type { TipcArgument, TipcFrame } from '../text/frame.js';
import { isTitled, type TipcLine } from '../text/lines.js';
import { positionReader } from '../text/positions.js';
import { validateKeys } from '../text/validate-keys.js';

export const form: TipcForm = {
  name: 'paddle2onnx',
  rank: 2,
  title: '===paddle2onnx_params===',
  modes: ['paddle2onnx_infer'],
  recognise: (lines) => isTitled(lines, 'paddle2onnx'),
  parse(lines, path) {
    const file = parsePaddle2Onnx(lines, path);
    return {
      ...plainFile(file, (mode) => planPaddle2Onnx(file, mode)),
      run: (mode) => runPaddle2Onnx(file, mode),
    };
  },
};

/** test_paddle2onnx.sh: conversion of an exported model, and its inference on one picture. */
interface Paddle2OnnxFile extends TipcFrame {
  readonly form: 'paddle2onnx';
  readonly python: string;
  readonly convert: TipcArgument;
  readonly modelFolder: TipcArgument;
  readonly modelFile: TipcArgument;
  readonly paramsFile: TipcArgument;
  readonly onnxFile: TipcArgument;
  readonly opset: TipcArgument;
  readonly checker: TipcArgument;
  readonly infer: TipcArgument;
  /** Its value is not read: inference gets the file that the conversion writes. */
  readonly inferModel: TipcArgument;
  readonly image: TipcArgument;
}

function parsePaddle2Onnx(lines: readonly TipcLine[], path: string): Paddle2OnnxFile {
  validateKeys(lines, { 2: 'model_name', 3: 'python', 4: '2onnx', 11: 'inference' }, path);
  const at = positionReader(lines, 13, path);
  return {
    form: 'paddle2onnx',
    path,
    modelName: at.required(2),
    python: at.required(3),
    convert: at.argument(4),
    modelFolder: at.argument(5),
    modelFile: at.argument(6),
    paramsFile: at.argument(7),
    onnxFile: at.argument(8),
    opset: at.argument(9),
    checker: at.argument(10),
    infer: at.argument(11),
    inferModel: at.argument(12),
    image: at.argument(13),
    notes: [],
  };
}

/** The script never learns its mode, so that the output folder has no level for it and names hold a double slash. */
function planPaddle2Onnx(file: Paddle2OnnxFile, mode: string): TipcPlan {
  const writer = planWriter();
  const outputFolder = `./test_tipc/output/${file.modelName}/`;
  const status = (command: string, log: string) => ({
    file: `${outputFolder}/results_paddle2onnx.log`,
    model: file.modelName,
    command,
    log,
  });
  const convertLog = `${outputFolder}/trans_model.log`;
  const convertOwn = [
    file.convert.value,
    ...[file.modelFolder, file.modelFile, file.paramsFile, file.onnxFile, file.opset, file.checker].map(
      ({ key, value }) => renderArgument(key, value),
    ),
  ].join(' ');
  const convert = `${convertOwn} >${convertLog} 2>&1`;
  const converted = writer.step({
    kind: 'convert',
    command: convert,
    own: convertOwn,
    status: status(convert, convertLog),
    runFolder: file.modelFolder.value,
    logPath: convertLog,
    line: file.convert.line,
  });
  const inferLog = `${outputFolder}/paddle2onnx_infer_cpu.log`;
  const inferOwn = [
    file.infer.value,
    renderArgument(file.image.key, file.image.value),
    renderArgument(file.inferModel.key, file.onnxFile.value),
  ].join(' ');
  const infer = `${file.python} ${inferOwn} > ${inferLog} 2>&1 `;
  writer.step({
    kind: 'infer',
    command: infer,
    own: inferOwn,
    status: status(infer, inferLog),
    row: { device: 'cpu' },
    runFolder: file.modelFolder.value,
    logPath: inferLog,
    dependsOn: [converted],
    line: file.infer.line,
  });
  return writer.finish(file, { mode, outputFolder, banner: null });
}

/** TIPC's script never learns its mode, so that its files would lie among those of all other modes. */
function runPaddle2Onnx(file: Paddle2OnnxFile, mode: string): TipcPlan {
  const plan = planPaddle2Onnx(file, mode);
  const folder = `${plan.outputFolder}${mode}`;
  const moved = relocatePlan({ ...plan, outputFolder: `${plan.outputFolder}/` }, `${folder}/`);
  const note = `TIPC's script writes to ${plan.outputFolder}, whatever the mode; here it is ${folder}`;
  return adaptPaddle2Onnx({ ...moved, outputFolder: folder, notes: [...plan.notes, note] });
}
