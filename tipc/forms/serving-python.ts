import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan, TipcPlanOptions } from '../plan/plan.js';
import { parseServingModel, planConversion, type ServingModel } from '../plan/serving.js';
import { planWriter, renderArgument } from '../plan/writer.js';
import type { TipcArgument, TipcFrame, TipcList } from '../text/frame.js';
import { isTitled, type TipcLine } from '../text/lines.js';
import { positionReader } from '../text/positions.js';
import { validateKeys } from '../text/validate-keys.js';

export const form: TipcForm = {
  name: 'serving_python',
  rank: 4,
  title: '===serving_params===',
  modes: ['serving_infer'],
  recognise: (lines) => isTitled(lines, 'serving') && lines.some(({ key }) => key === 'web_service'),
  parse(lines, path) {
    const file = parseServingPython(lines, path);
    return plainFile(file, (mode, options) => planServingPython(file, mode, options));
  },
};

/** test_serving_infer_python.sh: a web service, and a client that asks it, on each device of the file. */
interface ServingPythonFile extends TipcFrame, ServingModel {
  readonly form: 'serving_python';
  readonly service: TipcArgument;
  readonly devices: TipcList;
  readonly outputName: TipcArgument;
  readonly request: TipcArgument;
  readonly image: TipcArgument;
  readonly inputName: TipcArgument;
}

function parseServingPython(lines: readonly TipcLine[], path: string): ServingPythonFile {
  const model = parseServingModel(lines, path);
  validateKeys(lines, { 11: 'web_service' }, path);
  const at = positionReader(lines, 14, path);
  return {
    form: 'serving_python',
    path,
    ...model,
    service: at.argument(11),
    devices: at.list(12),
    outputName: at.argument(13),
    request: at.argument(14),
    image: at.argument(15),
    inputName: at.argument(16),
    notes: [],
  };
}

function planServingPython(file: ServingPythonFile, mode: string, options: TipcPlanOptions): TipcPlan {
  const writer = planWriter();
  const outputFolder = `${options.workingFolder ?? '.'}/test_tipc/output/${file.modelName}/${mode}`;
  const statusFile = `${outputFolder}/results_python.log`;
  const status = (command: string, log: string) => ({ file: statusFile, model: file.modelName, command, log });
  const visibleDevices = options.visibleDevices ?? null;
  const converted = planConversion(
    file,
    { log: `${outputFolder}/python_trans_model.log`, statusFile, visibleDevices },
    writer,
  );
  const input = renderArgument(file.inputName.key, file.inputName.value);
  for (const item of file.devices.values) {
    const device = item === 'null' ? 'cpu' : 'gpu';
    const row = { device, gpu: item === 'null' ? null : item, batchSize: '1' } as const;
    const serverLog = `${outputFolder}/python_server_${device}.log`;
    const output = renderArgument(file.outputName.key, file.outputName.value);
    const own = `${file.service.value} ${input} ${output} ${file.devices.key}=${item === 'null' ? '' : item}`;
    const serve = `${file.python} ${own} >${serverLog} 2>&1 &`;
    const served = writer.step({
      kind: 'serve',
      command: serve,
      own,
      status: status(serve, serverLog),
      visibleDevices,
      row,
      logPath: serverLog,
      dependsOn: [converted],
      line: file.service.line,
    });
    const clientLog = `${outputFolder}/python_client_${device}_batchsize_1.log`;
    // The script has two blanks here for the CPU.
    const gap = device === 'cpu' ? '  ' : ' ';
    const clientOwn = `${file.request.value} ${renderArgument(file.image.key, file.image.value)}${gap}${input}`;
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
