import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan, TipcPlanOptions } from '../plan/plan.js';
import { parseServingModel, planConversion, type ServingModel } from '../plan/serving.js';
import { planWriter, renderArgument } from '../plan/writer.js';
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
  const status = (command: string, log: string) => ({ file: statusFile, model: file.modelName, command, log });
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
    const device = item === 'null' ? 'cpu' : 'gpu';
    const row = { device, gpu: item === 'null' ? null : item, batchSize: '1' } as const;
    const serverLog = `${outputFolder}/cpp_server_${device}.log`;
    const settings = [file.model, file.operator, file.port].map(({ key, value }) => `${key} ${value}`);
    if (device === 'gpu') settings.push(`${file.devices.key} ${item}`);
    const own = ['-m paddle_serving_server.serve', ...settings].join(' ');
    const serve = `${file.python} ${own} >${serverLog} 2>&1 & `;
    const served = writer.step({
      kind: 'serve',
      command: serve,
      own,
      // On the CPU the script leaves out the log's name.
      status: status(serve, device === 'cpu' ? '' : serverLog),
      visibleDevices,
      row,
      logPath: serverLog,
      dependsOn: [patched],
      line: file.model.line,
    });
    const clientLog = `${outputFolder}/cpp_client_${device}_batchsize_1.log`;
    const clientOwn = [
      file.request.value,
      renderArgument(file.inputName.key, file.inputName.value),
      renderArgument(file.outputName.key, file.outputName.value),
    ].join(' ');
    const request = `${file.python} ${clientOwn} > ${clientLog} 2>&1 `;
    writer.step({
      kind: 'request',
      command: request,
      own: clientOwn,
      status: status(request, clientLog),
      visibleDevices,
      row,
      logPath: clientLog,
      dependsOn: [served],
      line: file.request.line,
    });
  }
  return writer.finish(file, { mode, outputFolder, banner: null });
}
