import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan, TipcPlanOptions } from '../plan/plan.js';
import { parseServingModel, planConversion, type ServingModel } from '../plan/serving.js';
import { type PlanWriter, planWriter, renderArgument } from '../plan/writer.js';
import type { TipcArgument, TipcFrame, TipcList } from '../text/frame.js';
import { isTitled, type TipcLine } from '../text/lines.js';
import { positionReader } from '../text/positions.js';

export const form: TipcForm = {
  name: 'serving_cpp',
  rank: 5,
  title: '===serving_params===',
  modes: ['serving_infer'],
  recognise: (lines) => isTitled(lines, 'serving') && !lines.some(({ key }) => key === 'web_service'),
  parse(lines, path) {
    const file = parseServingCpp(lines, path);
    return plainFile(file, (mode, options) => planServingCpp(file, mode, options));
  },
};

/** test_serving_infer_cpp.sh: Paddle Serving's server with an operator in C++, and a client that asks it. */
interface ServingCppFile extends TipcFrame, ServingModel {
  readonly form: 'serving_cpp';
  readonly model: TipcArgument;
  readonly operator: TipcArgument;
  readonly port: TipcArgument;
  readonly devices: TipcList;
  readonly request: TipcArgument;
  readonly inputName: TipcArgument;
  readonly outputName: TipcArgument;
}

function parseServingCpp(lines: readonly TipcLine[], path: string): ServingCppFile {
  const model = parseServingModel(lines, path);
  const at = positionReader(lines, 15, path);
  return {
    form: 'serving_cpp',
    path,
    ...model,
    model: at.argument(11),
    operator: at.argument(12),
    port: at.argument(13),
    devices: at.list(14),
    request: at.argument(15),
    inputName: at.argument(16),
    outputName: at.argument(17),
    notes: [],
  };
}

function planServingCpp(file: ServingCppFile, mode: string, options: TipcPlanOptions): TipcPlan {
  const writer = planWriter();
  const outputFolder = `${options.workingFolder ?? '.'}/test_tipc/output/${file.modelName}/${mode}`;
  const statusFile = `${outputFolder}/results_cpp.log`;
  const visibleDevices = options.visibleDevices ?? null;
  const converted = planConversion(
    file,
    { log: `${outputFolder}/cpp_trans_model.log`, statusFile, visibleDevices },
    writer,
  );
  const patch = 'modify_serving_client_conf.py';
  const patched = writer.step({
    kind: 'convert',
    command: `${file.python} ${patch}`,
    own: patch,
    status: null,
    visibleDevices,
    runFolder: file.folder.value,
    dependsOn: [converted],
    line: file.folder.line,
  });
  for (const item of file.devices.values) {
    const on = { item, device: item === 'null' ? 'cpu' : 'gpu', outputFolder, statusFile, visibleDevices } as const;
    const served = planServer(file, on, patched, writer);
    planRequest(file, on, served, writer);
  }
  return writer.finish(file, { mode, outputFolder, banner: null });
}

/** One entry of the list of devices. */
interface ServedOn {
  readonly item: string;
  readonly device: 'cpu' | 'gpu';
  readonly outputFolder: string;
  readonly statusFile: string;
  readonly visibleDevices: string | null;
}

function planServer(file: ServingCppFile, on: ServedOn, patched: number, writer: PlanWriter): number {
  const { item, device, outputFolder, visibleDevices } = on;
  const logPath = `${outputFolder}/cpp_server_${device}.log`;
  const settings = [file.model, file.operator, file.port].map(({ key, value }) => `${key} ${value}`);
  if (device === 'gpu') settings.push(`${file.devices.key} ${item}`);
  const own = ['-m paddle_serving_server.serve', ...settings].join(' ');
  const command = `${file.python} ${own} >${logPath} 2>&1 & `;
  return writer.step({
    kind: 'serve',
    command,
    own,
    // On the CPU the script leaves out the log's name.
    status: statusOf(file, on, command, device === 'cpu' ? '' : logPath),
    visibleDevices,
    row: rowOf(on),
    logPath,
    dependsOn: [patched],
    line: file.model.line,
  });
}

function planRequest(file: ServingCppFile, on: ServedOn, served: number, writer: PlanWriter): void {
  const { device, outputFolder, visibleDevices } = on;
  const logPath = `${outputFolder}/cpp_client_${device}_batchsize_1.log`;
  const own = [
    file.request.value,
    renderArgument(file.inputName.key, file.inputName.value),
    renderArgument(file.outputName.key, file.outputName.value),
  ].join(' ');
  const command = `${file.python} ${own} > ${logPath} 2>&1 `;
  writer.step({
    kind: 'request',
    command,
    own,
    status: statusOf(file, on, command, logPath),
    visibleDevices,
    row: rowOf(on),
    logPath,
    dependsOn: [served],
    line: file.request.line,
  });
}

function statusOf({ modelName }: ServingCppFile, { statusFile }: ServedOn, command: string, log: string) {
  return { file: statusFile, model: modelName, command, log };
}

function rowOf({ item, device }: ServedOn) {
  return { device, gpu: item === 'null' ? null : item, batchSize: '1' };
}
