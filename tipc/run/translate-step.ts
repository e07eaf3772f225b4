import { basename, join } from 'node:path';
import type { TipcStep } from '../plan/plan.js';
import type { PaddleSegPlace } from '../runners/paddleseg/find-paddleseg.js';
import { translateForPaddleSeg } from '../runners/paddleseg/translate-for-paddleseg.js';
import { describeLack, scriptOf } from '../runners/tipcheck/scripts.js';
import { chooseDevice, type Hardware } from '../steps/choose-device.js';
import { type DataSeen, nothingSeen } from '../steps/data-findings.js';
import type { ResolvedConfig } from '../steps/resolve-config.js';
import type { Lack, TipcOptions } from '../steps/tipc-options.js';
import type { Translation } from '../steps/translation.js';

export interface TranslationOptions {
  readonly port: string;
  readonly options: TipcOptions;
  readonly hardware: Hardware;
  /** The user's own PaddleSeg, of the port paddleseg; null of others. */
  readonly paddleSeg: PaddleSegPlace | null;
  readonly outputFolder: string;
  /** Folder of what steps say of themselves. */
  readonly records: string;
  /** Of the plan's steps; none where nothing is looked at. */
  readonly data: DataSeen;
  /** By the path that commands have. */
  readonly configs: ReadonlyMap<string, ResolvedConfig>;
  /** What came before, by its number. */
  readonly earlier: ReadonlyMap<number, Translation>;
  /** Folders of checkpoints or masks that earlier steps have. */
  readonly taken: Set<string>;
}

export function translateStep(planned: TipcStep, given: TranslationOptions): Translation {
  const step = withOwnFolder(withOwnCheckpoint(planned, given.options.iters), given.taken);
  const { port, options, hardware, paddleSeg, outputFolder, configs, records, earlier, taken } = given;
  const id = `${port}/${step.number}-${step.kind}`;
  const own = configs.get(step.request.value('--config') ?? '');
  // Inference reads what the export wrote, by the same yml.
  const config = own ?? step.dependsOn.map((number) => earlier.get(number)?.config).find((one) => one != null) ?? null;
  const chosen = chooseDevice(step.row, options.device, hardware);
  const folder = step.kind === 'infer' ? maskFolder(step, taken) : (step.runFolder ?? outputFolder);
  const record = join(records, `${step.number}-${step.kind}.json`);
  // Where a model is exported no device computes.
  const computes = step.kind !== 'export' && step.kind !== 'convert';
  const device = computes ? chosen.device : 'auto';
  const program = paddleSeg?.python ?? null;
  const data = given.data.get(step.number) ?? nothingSeen;
  const start = { id, port, step, request: step.request, program, device, record, folder, config, data };
  const stop = (lack: Lack, reason: string): Translation => ({
    ...start,
    ...{ args: null, lack, reason, deviations: [], notes: [], estimate: null },
  });
  const absent = paddleSeg === null ? describeLack(step) : null;
  if (absent !== null) return stop('script', absent);
  if (paddleSeg !== null && !paddleSeg.hasScript(step.script))
    return stop('script', `there is no ${step.script === '' ? 'script in the command' : step.script} in this folder`);
  if (step.row.nodes > 1) return stop('machines', `the row is of ${step.row.nodes} machines`);
  const translate = paddleSeg === null ? scriptOf(step).translate : translateForPaddleSeg;
  const command = translate(step, {
    ...{ port, options, device, record, folder },
    config: config ?? { path: step.request.value('--config') ?? '', deviations: { train: [], infer: [] }, notes: [] },
    checkpoint: checkpointOf(step),
  });
  if ('lack' in command) return stop(command.lack, command.reason);
  const ofDevice = computes ? chosen : { deviations: [], lack: null };
  if (ofDevice.lack !== null) return stop(ofDevice.lack.lack, ofDevice.lack.reason);
  if (step.kind === 'train') taken.add(folder);
  return {
    ...start,
    ...{ args: command.args, request: command.request, lack: null, reason: null, estimate: null },
    deviations: [
      ...ofDevice.deviations,
      ...otherDeviceOf(step, device),
      ...unaskedOf(step, options),
      ...command.changes.flatMap(({ deviation }) => deviation ?? []),
      ...deviationsOf(step, config),
      ...data.deviations,
    ],
    notes: [
      ...(step.kind === 'infer' ? [] : (config?.notes ?? [])),
      ...(paddleSeg?.notes ?? []),
      ...command.changes.flatMap(({ note }) => note ?? []),
      ...(command.notes ?? []),
    ],
  };
}

/** PaddleSeg's tools compute on an npu as well; a row of one says neither cpu nor gpu. */
function otherDeviceOf({ kind, request }: TipcStep, device: Translation['device']): readonly string[] {
  const named = kind === 'train' || kind === 'eval' ? request.value('--device') : null;
  if (named === null || named === 'cpu' || named === 'gpu' || named === 'auto') return [];
  return [
    `on ${device === 'auto' ? 'the best device that is there' : `the ${device}`}, where the file asks for ${named}`,
  ];
}

/** What the text file leaves open, and the command line does not say either. */
function unaskedOf({ unasked }: TipcStep, { iters }: TipcOptions): readonly string[] {
  return unasked.filter(({ key }) => key !== 'iters' || iters === null).map(({ text }) => text);
}

function deviationsOf({ kind }: TipcStep, config: ResolvedConfig | null): readonly string[] {
  if (config === null) return [];
  const { train, infer } = config.deviations;
  return kind === 'train' ? [...train, ...infer] : infer;
}

/**
 * benchmark_train trains several rows into one folder: the first that runs has it, so that no checkpoints lie beside
 * another's.
 */
function withOwnFolder(step: TipcStep, taken: Set<string>): TipcStep {
  const { kind, runFolder, number, request } = step;
  if (kind !== 'train' || runFolder === null) return step;
  const folder = taken.has(runFolder) ? `${runFolder}_${number}` : runFolder;
  return { ...step, runFolder: folder, request: request.relocate((text) => text.replace(runFolder, folder)) };
}

/**
 * A row goes on with what its own training made, where TIPC may name what an earlier row fell back to. A checkpoint is
 * called by the iteration that wrote it: another number of them, another name.
 */
function withOwnCheckpoint(step: TipcStep, iters: number | null): TipcStep {
  const { checkpoint, runFolder } = step;
  if (checkpoint === null) return step;
  const { otherwise, named } = checkpoint;
  const last = iters === null ? otherwise : `iter_${iters}/model.pdparams`;
  const expected = checkpoint.expected === otherwise ? last : checkpoint.expected;
  const request = step.request.relocate((text) =>
    text.replace(`${runFolder}/${named}`, `${runFolder}/${expected}`).replace(`/${otherwise}`, `/${last}`),
  );
  return { ...step, checkpoint: { expected, otherwise: last, named: expected }, request };
}

/** The path that the row's training is expected to leave. */
function checkpointOf({ runFolder, checkpoint }: TipcStep): string | null {
  return runFolder === null || checkpoint === null ? null : `${runFolder}/${checkpoint.expected}`;
}

/** TIPC's own folder of masks, or one called as the log; one of its own for a row that would write over another's. */
function maskFolder(step: TipcStep, taken: Set<string>): string {
  const { resultsFolder, logPath, runFolder } = step;
  const wanted =
    resultsFolder ?? `${(logPath ?? join(runFolder ?? '.', basename(step.script))).replace(/\.log$/, '')}_results`;
  const folder = taken.has(wanted) ? `${wanted}_${step.number}` : wanted;
  taken.add(folder);
  return folder;
}
