import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNpy, renderNpy } from '../../harness/golden/npy.js';
import { renderNpz } from '../../harness/golden/npz.js';
import type {
  InferRequest,
  LoadedModel,
  ModelSection,
  Port,
  PortOptions,
  ProbeSink,
} from '../../harness/hosts/port-contract.js';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/support/nd-array.js';
import { type Conversation, startConversation } from './conversation.js';

export interface ExecSettings {
  /** A shell command line. */
  readonly command: string;
}

/**
 * A port written in any language: a program that reads one JSON object per line on stdin and answers with one on stdout
 * (`tipcheck-port/1`, docs/port-protocol.md). Arrays travel as .npy and .npz files in a folder that tipcheck makes and removes.
 */
export async function createPort(options: PortOptions & { readonly settings: ExecSettings }): Promise<Port> {
  const folder = await mkdtemp(join(tmpdir(), 'tipcheck-exec-'));
  const program = startConversation(options.settings.command);
  try {
    const hello = await program.ask({ op: 'hello', format: 'tipcheck-port/1', device: options.device, folder });
    return {
      report: reportOf(hello, program),
      phases: ['infer'],
      replacesProbes: hello.replaces_probes === true,
      load: (model, weights) => load(program, folder, model, weights),
      close: () => close(program, folder),
    };
  } catch (error) {
    await close(program, folder);
    throw error;
  }
}

function reportOf(hello: Record<string, unknown>, program: Conversation): Port['report'] {
  const text = (key: string) => {
    const value = hello[key];
    if (typeof value === 'string' && value !== '') return value;
    throw program.broken(`answered hello without ${key}; a string is wanted`);
  };
  const device = text('device');
  if (device !== 'cpu' && device !== 'gpu')
    throw program.broken(`answered hello with device ${device}; cpu or gpu is wanted`);
  return {
    engine: text('engine'),
    version: text('version'),
    device,
    provider: text('provider'),
    tf32: 'off',
    details: { protocol: 'tipcheck-port/1', tf32: 'NVIDIA_TF32_OVERRIDE=0 is set; the program may still override it' },
  };
}

async function load(
  program: Conversation,
  folder: string,
  model: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
): Promise<LoadedModel> {
  const path = join(folder, 'weights.npz');
  await writeFile(path, renderNpz(weights, { compress: false }));
  await program.ask({ op: 'load', model, weights: path });
  return {
    infer: (request, onProbe) => infer(program, folder, request, onProbe),
    async dispose() {
      await program.ask({ op: 'dispose' });
    },
  };
}

async function infer(program: Conversation, parent: string, request: InferRequest, onProbe: ProbeSink): Promise<void> {
  const folder = await mkdtemp(join(parent, 'run-'));
  try {
    const image = await writeArray(folder, 'image', request.image);
    const draws = await writeArrays(folder, 'draw', request.draws);
    const replace = await writeArrays(folder, 'replace', request.replacements);
    const answer = await program.ask({ op: 'infer', image, draws, probes: request.probes, replace, folder });
    const { probes } = answer;
    if (typeof probes !== 'object' || probes === null) {
      throw program.broken('answered infer without probes; an object of probe name to .npy path is wanted');
    }
    for (const [name, path] of Object.entries(probes)) onProbe(name, await readArray(program, name, path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readArray(program: Conversation, name: string, path: unknown): Promise<Float32NdArray> {
  if (typeof path !== 'string')
    throw program.broken(`gave no path for probe ${name}; the path of a .npy file is wanted`);
  const array = parseNpy(await readFile(path), path);
  if (array.data instanceof Float32Array) return float32NdArray(array.shape, array.data);
  throw program.broken(`wrote probe ${name} as ${array.dtype}; f4 is wanted`);
}

async function writeArrays(
  folder: string,
  prefix: string,
  arrays: ReadonlyMap<string, NdArray>,
): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  let index = 0;
  for (const [name, array] of arrays) paths[name] = await writeArray(folder, `${prefix}-${index++}`, array);
  return paths;
}

async function writeArray(folder: string, name: string, array: NdArray): Promise<string> {
  const path = join(folder, `${name}.npy`);
  await writeFile(path, renderNpy(array));
  return path;
}

async function close(program: Conversation, folder: string): Promise<void> {
  await program.end();
  await rm(folder, { recursive: true, force: true });
}
