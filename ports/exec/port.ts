import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCapabilities } from '../../harness/contract/capabilities.js';
import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type {
  InferRequest,
  LoadedModel,
  ModelSection,
  Port,
  PortOptions,
  ProbeSink,
} from '../../harness/contract/port.js';
import { renderNpz } from '../../harness/golden/npz.js';
import { openScratch } from '../../harness/support/scratch.js';
import { type Conversation, startConversation } from './conversation.js';
import { type Exchange, inFolder, receiveArrays, writeArrays, writeInputs } from './exchange.js';
import { startTraining } from './training.js';

export interface ExecSettings {
  /** A shell command line. */
  readonly command: string;
}

/**
 * A port written in any language: a program that reads one JSON object per line on stdin and answers with one on stdout
 * (`tipcheck-port/1`, docs/port-protocol.md). Arrays travel as .npy and .npz files in a folder that tipcheck makes and
 * removes.
 */
export async function createPort(options: PortOptions & { readonly settings: ExecSettings }): Promise<Port> {
  const scratch = await openScratch();
  const { folder } = scratch;
  const program = startConversation(options.settings.command, scratch);
  try {
    const hello = await program.ask({ op: 'hello', format: 'tipcheck-port/1', device: options.device, folder });
    const broken = (what: string) => program.broken(`answered hello with ${what}`);
    const capabilities = parseCapabilities(hello, broken);
    const exchange = { program, folder, readsInputs: capabilities.has('inputs') };
    return {
      report: reportOf(hello, program),
      capabilities,
      load: (model, weights) => load(exchange, capabilities, model, weights),
      async close() {
        try {
          await program.end();
        } finally {
          await scratch.close();
        }
      },
    };
  } catch (error) {
    await scratch.close();
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
  const override = 'NVIDIA_TF32_OVERRIDE=0 is set; the program may still override it';
  return {
    engine: text('engine'),
    version: text('version'),
    device,
    provider: text('provider'),
    // It is not known what the program does with it, so a report must not claim it.
    tf32: 'not applicable',
    details: { protocol: 'tipcheck-port/1', ...(device === 'gpu' ? { tf32: override } : {}) },
  };
}

async function load(
  exchange: Exchange,
  capabilities: Port['capabilities'],
  model: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
): Promise<LoadedModel> {
  const { program, folder } = exchange;
  const path = join(folder, 'weights.npz');
  await writeFile(path, renderNpz(weights, { compress: false }));
  await program.ask({ op: 'load', model, weights: path });
  return {
    infer: (request, onProbe) => infer(exchange, request, onProbe),
    ...(capabilities.has('train') ? { train: (request) => startTraining(exchange, request) } : {}),
    async dispose() {
      await program.ask({ op: 'dispose' });
    },
  };
}

async function infer(exchange: Exchange, request: InferRequest, onProbe: ProbeSink): Promise<void> {
  await inFolder(exchange, async (folder) => {
    const given = await writeInputs(exchange, folder, request.inputs);
    const draws = await writeArrays(folder, 'draw', request.draws);
    const replace = await writeArrays(folder, 'replace', request.replacements);
    const { probes } = request;
    const answer = await exchange.program.ask({ op: 'infer', ...given, draws, probes, replace, folder });
    const wanted = { op: 'infer', key: 'probes', what: 'probe', names: probes };
    await receiveArrays(exchange, answer, wanted, onProbe);
  });
}
