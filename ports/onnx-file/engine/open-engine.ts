import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineReport } from '../../../harness/contract/engine-report.js';
import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import type { PortOptions } from '../../../harness/contract/port.js';
import { openScratch } from '../../../harness/support/scratch.js';
import { type Conversation, startConversation } from '../../exec/conversation.js';
import type { Engine, EngineGraph, LoadedGraph } from './engine.js';
import { type RawArray, readRawArrays, type Wanted, writeRawArrays } from './exchange.js';
import { testConvolution } from './self-test.js';

export interface EngineSettings {
  /** As the user named it. */
  readonly name: string;
  /** A shell command line. */
  readonly command: string;
}

/**
 * Starts the program, and has it run a convolution first: an adapter that mixes up layouts or outputs looks like an
 * engine that computes wrongly.
 * @param before what an earlier start of it was
 * @throws EnvironmentError if it does not start, or gives something else
 */
export async function openEngine(
  { name, command }: EngineSettings,
  { device, threads }: Pick<PortOptions, 'device' | 'threads'>,
  before: EngineReport | null = null,
): Promise<Engine> {
  const scratch = await openScratch();
  const program = startConversation(command, scratch, `engine ${name}`);
  let report: EngineReport | null = null;
  let expected = before;
  const load = async ({ bytes, inputs, outputs }: EngineGraph): Promise<LoadedGraph> => {
    const folder = await mkdtemp(join(scratch.folder, 'graph-'));
    const file = join(folder, 'model.onnx');
    await writeFile(file, bytes);
    const answer = await program.ask({
      ...{ op: 'load', format, file, inputs, outputs: outputs.map((one) => ({ ...one, dtype: 'f4' })), precision },
      ...{ device, threads: threads ?? null },
    });
    const said = reportOf(answer, program, command);
    const [before, now] = [expected ?? said, said].map(describeReport);
    if (now !== before)
      throw program.broken(`is now ${now}, and it was ${before} before; one engine for all graphs is wanted`);
    report = said;
    expected = said;
    const notGiven = readNotGiven(answer, outputs, program);
    const wanted = outputs.filter((one) => !notGiven.has(one.name));
    return {
      notGiven,
      run: (feeds) => run(program, scratch.folder, wanted, feeds),
    };
  };
  const close = async () => {
    try {
      await program.end();
    } finally {
      await scratch.close();
    }
  };
  try {
    await testConvolution(load, program.broken);
  } catch (error) {
    await scratch.close();
    throw error;
  }
  return {
    ...{ name, load, close },
    get report() {
      return report!;
    },
  };
}

const format = 'tipcheck-engine/1';
const precision = 'f32';

async function run(
  program: Conversation,
  parent: string,
  wanted: readonly Wanted[],
  feeds: readonly RawArray[],
): Promise<ReadonlyMap<string, Float32NdArray>> {
  const folder = await mkdtemp(join(parent, 'run-'));
  try {
    const data = join(folder, 'inputs.bin');
    const index = await writeRawArrays(data, feeds);
    const answer = await program.ask({ op: 'run', data, index, answer: join(folder, answerFile) });
    return await readRawArrays(folder, answerFile, answer.index, wanted, program.broken);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const answerFile = 'outputs.bin';

function reportOf(answer: Record<string, unknown>, program: Conversation, command: string): EngineReport {
  const text = (key: string, otherwise?: string) => {
    const value = answer[key] ?? otherwise;
    if (typeof value === 'string' && value !== '' && value.length <= longestName) return value;
    throw program.broken(
      `answered load with ${key} ${JSON.stringify(value)?.slice(0, longestName) ?? 'missing'}; a name of at most ${longestName} characters is wanted`,
    );
  };
  const device = text('device', 'cpu');
  if (device !== 'cpu' && device !== 'gpu')
    throw program.broken(`answered load with device ${device}; cpu or gpu is wanted`);
  const used = text('precision');
  return {
    engine: text('engine'),
    version: text('version'),
    device,
    provider: `${text('provider', 'no provider')}, ${used}${used === precision ? '' : `, though ${precision} was asked for`}`,
    // It is not known what the program does with it, so a report must not claim it.
    tf32: 'not applicable',
    details: { protocol: format, precision: used, asked: precision, command },
  };
}

/** The provider says the precision. */
function describeReport({ engine, version, device, provider }: EngineReport): string {
  return `${engine} ${version} on ${device}, ${provider}`;
}

const longestName = 100;

function readNotGiven(
  { notGiven = [] }: Record<string, unknown>,
  outputs: readonly Wanted[],
  program: Conversation,
): ReadonlySet<string> {
  const known = new Set(outputs.map(({ name }) => name));
  if (Array.isArray(notGiven) && notGiven.every((name) => known.has(name))) return new Set(notGiven);
  throw program.broken('answered load with notGiven that is not a list of outputs that were asked for');
}
