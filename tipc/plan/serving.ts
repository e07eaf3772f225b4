import type { TipcArgument } from '../text/frame.js';
import type { TipcLine } from '../text/lines.js';
import { positionReader } from '../text/positions.js';
import { validateKeys } from '../text/validate-keys.js';
import { type PlanWriter, renderArgument } from './writer.js';

/** The ten lines that both forms of serving begin with: conversion of an exported model for Paddle Serving. */
export interface ServingModel {
  /** The interpreter; the first where the file lists several. */
  readonly python: string;
  readonly convert: TipcArgument;
  readonly modelFolder: TipcArgument;
  readonly modelFile: TipcArgument;
  readonly paramsFile: TipcArgument;
  readonly server: TipcArgument;
  readonly client: TipcArgument;
  /** Where the scripts go once the model is converted. */
  readonly folder: TipcArgument;
}

export function parseServingModel(lines: readonly TipcLine[], path: string): ServingModel & { modelName: string } {
  validateKeys(lines, { 2: 'model_name', 3: 'python', 4: 'trans_model', 10: 'serving_dir' }, path);
  const at = positionReader(lines, 10, path);
  return {
    modelName: at.required(2),
    python: at.required(3).split('|')[0]!,
    convert: at.argument(4),
    modelFolder: at.argument(5),
    modelFile: at.argument(6),
    paramsFile: at.argument(7),
    server: at.argument(8),
    client: at.argument(9),
    folder: at.argument(10),
  };
}

/** Plans the conversion. */
export function planConversion(
  file: ServingModel & { readonly modelName: string },
  { log, statusFile, visibleDevices }: { log: string; statusFile: string; visibleDevices: string | null },
  writer: PlanWriter,
): number {
  const own = [
    file.convert.value,
    ...[file.modelFolder, file.modelFile, file.paramsFile, file.server, file.client].map(({ key, value }) =>
      renderArgument(key, value),
    ),
  ].join(' ');
  const command = `${file.python} ${own} >${log} 2>&1`;
  return writer.step({
    kind: 'convert',
    command,
    own,
    status: { file: statusFile, model: file.modelName, command, log },
    visibleDevices,
    runFolder: file.modelFolder.value,
    logPath: log,
    line: file.convert.line,
  });
}
