import { pathToFileURL } from 'node:url';
import { parseCapabilities } from '../contract/capabilities.js';
import { type Float32NdArray, float32NdArray, type NdArray } from '../contract/nd-array.js';
import type {
  InferRequest,
  LoadedModel,
  Port,
  PortModule,
  PortOptions,
  ProbeSink,
  StepReport,
  TrainingSession,
} from '../contract/port.js';
import { resolveWeights } from '../golden/weights.js';
import { endAll } from '../support/end-at-exit.js';
import { EnvironmentError, messageOf, UserError } from '../support/errors.js';
import { explainSystem } from '../support/explain-system.js';
import { describeTooLarge } from './message-size.js';
import type { HostReply, HostRequest, WantedProbe } from './messages.js';
import { recordProbe } from './record-probe.js';

/**
 * The program that runs one port module in a process of its own: requests come over Node's IPC channel, probes go back.
 * It never sees a golden but in `replacements`.
 */
let port: Port | null = null;
let loaded: LoadedModel | null = null;
let session: TrainingSession | null = null;
/** Time of this request that went into sampling and sending probes: the harness's own, not the port's. */
let sendingMs = 0;
/** Time of this request in which the port built what it needed to run. */
let buildMs = 0;
/** Requests that were made and answered: two of each. */
let requests = 0;
/** What the port gave that nobody asked for, or that cannot be sent: then what arrives is not what it was asked for. */
let stray: string | null = null;

process.on('message', (request: HostRequest) => {
  void answer(request);
});
// Whoever started us is gone: so is what we started.
process.on('disconnect', () => void endAll().finally(() => process.exit(0)));

async function answer(request: HostRequest): Promise<void> {
  const startedAt = performance.now();
  sendingMs = 0;
  buildMs = 0;
  requests += 1;
  try {
    const answered = await perform(request);
    requests += 1;
    if (stray !== null) throw new EnvironmentError(`it gave ${stray}`);
    await send({
      kind: 'done',
      durationMs: performance.now() - startedAt - sendingMs - buildMs,
      buildMs,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
      ...answered,
    });
  } catch (thrown) {
    const error = explainThrown(thrown);
    const expected = error instanceof UserError || error instanceof EnvironmentError;
    const message = expected || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
    await send({ kind: 'failed', user: error instanceof UserError, message });
  }
  if (request.kind === 'close') process.disconnect();
}

/**
 * A file that a port could not open is the port's matter, not the user's; what tipcheck itself said of the user's files
 * stays the user's.
 */
function explainThrown(thrown: unknown): unknown {
  const explained = explainSystem(thrown);
  if (explained instanceof UserError)
    return new EnvironmentError(`a file of its own is missing or wrong: ${explained.message}`, { cause: thrown });
  return explained ?? thrown;
}

type Done = Extract<HostReply, { kind: 'done' }>;
type Probe = Extract<HostReply, { kind: 'probe' }>;

async function perform(request: HostRequest): Promise<Partial<Done>> {
  switch (request.kind) {
    case 'start':
      port = await startPort(request.module, request.options);
      return { started: { report: port.report, capabilities: [...capabilitiesOf(port)] } };
    case 'load':
      loaded = await requirePort().load(request.model, resolveWeights(request));
      return {
        ...(loaded.details === undefined ? {} : { loaded: loaded.details }),
        ...(loaded.scores === undefined ? {} : { scores: loaded.scores }),
      };
    case 'lacks':
      return { lacking: requireLoaded('lacks').lacks?.(request.probes) ?? [] };
    case 'reads':
      return { read: requireLoaded('reads').reads?.(request) ?? null };
    case 'find':
      return { found: (await requireLoaded('find').find?.(request)) ?? [] };
    case 'trySizes':
      return { tried: (await requireLoaded('trySizes').trySizes?.(request)) ?? [] };
    case 'optimise':
      return { passes: (await requireLoaded('optimise').optimise?.(request)) ?? [] };
    case 'infer':
      await infer(request);
      return {};
    case 'train':
      session = await startTraining(request);
      return session.details === undefined ? {} : { loaded: session.details };
    case 'step':
      return { stepped: await step(request) };
    case 'read':
      await requireSession().read(...sending(request.wanted));
      return {};
    case 'dispose':
      await dispose();
      return {};
    case 'close':
      try {
        await dispose();
      } finally {
        await port?.close();
      }
      return {};
  }
}

async function startPort(module: string, options: PortOptions): Promise<Port> {
  const imported: Partial<PortModule> = await import(pathToFileURL(module).href);
  if (typeof imported.createPort !== 'function') {
    throw new UserError(
      `Cannot use ${module} as a port: it exports no function createPort; a port module exports createPort(options). Fix: see docs/add-a-port.md`,
    );
  }
  return imported.createPort(options);
}

/** A module of the user's may say them by the flags that were there before. */
function capabilitiesOf(made: object): Port['capabilities'] {
  return parseCapabilities(made, (what) => new EnvironmentError(`it says ${what}`));
}

async function infer(request: Extract<HostRequest, { kind: 'infer' }>): Promise<void> {
  const model = requireLoaded('infer');
  const [probes, onProbe] = sending(request.probes);
  const replacements = new Map([...request.replacements].map(([name, value]) => [name, asFloat32(value, name)]));
  const startedAt = performance.now();
  await model.prepare?.({ probes, replaced: [...replacements.keys()] });
  buildMs = performance.now() - startedAt;
  const { inputs, draws, isPart } = request;
  await model.infer(withImage({ inputs, draws, probes, replacements, ...(isPart && { isPart }) }), onProbe);
}

async function startTraining({ kind: _kind, ...request }: Extract<HostRequest, { kind: 'train' }>) {
  if (loaded === null) throw new Error('train before load');
  if (loaded.train === undefined) throw new Error('the port has the capability train and its model has no train()');
  await session?.dispose();
  return loaded.train(request);
}

async function step({ inputs, label, draws, gradients }: Extract<HostRequest, { kind: 'step' }>): Promise<StepReport> {
  const [names, onGradient] = sending(gradients);
  const batch = withImage({ inputs, label, draws, gradients: names });
  const { learningRate, loss } = await requireSession().step(batch, onGradient);
  return { learningRate, loss };
}

/** Modules that were written when the image was the only input read the field `image`. */
function withImage<R extends Pick<InferRequest, 'inputs'>>(request: R): R {
  const image = request.inputs.get('image');
  return image === undefined ? request : { ...request, image };
}

async function dispose(): Promise<void> {
  await session?.dispose();
  session = null;
  await loaded?.dispose();
  loaded = null;
}

/** The names to ask a port for, and a sink that sends what it gives. */
function sending(wanted: readonly WantedProbe[]): [names: string[], sink: ProbeSink] {
  const byName = new Map(wanted.map((probe) => [probe.name, probe]));
  const given = new Set<string>();
  const asked = requests;
  const sink: ProbeSink = (name, value) => {
    const startedAt = performance.now();
    const probe = byName.get(name);
    if (probe === undefined) stray ??= `${name}, which was not asked for`;
    else if (asked !== requests) stray ??= `${name} after its answer`;
    else if (given.has(name)) stray ??= `${name} twice`;
    else sendProbe(recordProbe(probe, value));
    given.add(name);
    sendingMs += performance.now() - startedAt;
  };
  return [[...byName.keys()], sink];
}

function sendProbe(reply: Probe): void {
  const tooLarge = describeTooLarge(reply);
  if (tooLarge === null) void send(reply);
  else stray ??= `${reply.name}, an answer of ${tooLarge}`;
}

function asFloat32(array: NdArray, name: string): Float32NdArray {
  if (array.data instanceof Float32Array) return float32NdArray(array.shape, array.data);
  throw new UserError(`Cannot use ${name}: its dtype is ${array.dtype}; float32 is wanted`);
}

function requirePort(): Port {
  if (port === null) throw new Error('load before start');
  return port;
}

function requireLoaded(asked: string): LoadedModel {
  if (loaded === null) throw new Error(`${asked} before load`);
  return loaded;
}

function requireSession(): TrainingSession {
  if (session === null) throw new Error('step or read before train');
  return session;
}

function send(reply: HostReply): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error('This program is started by tipcheck, not by hand.');
    process.send(reply, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
