import type { Float32NdArray, NdArray } from '../../harness/contract/nd-array.js';
import { dropUnread, findReads } from '../../onnx/cut-graph.js';
import { encodeModel, type GraphProto, type ModelProto } from '../../onnx/model-proto.js';
import { observeModel, type ReplacedTensor, replacementName } from '../../onnx/observe.js';
import { fromGolden, listOrders, type ProbeOrder } from '../../onnx/probe-order.js';
import { type Choice, listPasses, optionsOf } from '../ort/list-passes.js';
import type { OpenedSession, Runtime } from '../ort/session.js';
import { explainRefusal } from './explain-refusal.js';

export interface FileSessions {
  /**
   * The values of `tensors`, by name, with others replaced, all feature maps; an engine may lose some, and says so.
   * Throws a UserError of what is refused.
   */
  run(
    asked: Asked,
    tensors: readonly string[],
    replacements: ReadonlyMap<string, Replacement>,
  ): Promise<ReadonlyMap<string, Float32NdArray>>;
  /** Which of the replaced tensors these read before another stands in between. Absent: not known. */
  reads?(tensors: readonly string[], replaced: readonly string[]): ReadonlySet<string>;
  /**
   * Has graphs of the file's own outputs optimised so. Gives the passes that act on that of `tensors`; null: none.
   * Absent: the engine does not take a choice.
   */
  optimise?(choice: Choice, tensors: readonly string[] | null): Promise<readonly string[]>;
  release(): Promise<void>;
}

/** A golden, in its own shape, for a tensor. */
export interface Replacement {
  readonly golden: Float32NdArray;
  /** How its elements stand in the tensor; null: its shape tells. */
  readonly order: ProbeOrder | null;
}

/** As the tensor's elements stand. */
export function placeReplacement({ golden, order }: Replacement, shape: readonly number[]): Float32NdArray {
  const stands = order ?? listOrders(shape, golden.shape, golden.shape.length !== 4)[0];
  return stands === undefined ? golden : fromGolden(golden, shape, stands);
}

export interface Asked {
  /** What is given and drawn, by the graph's inputs. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  /** What is given, in words. */
  readonly given: string;
  /** Whether more of the same run follows. */
  readonly isPart?: boolean;
}

const usual: Choice = { level: 'all', off: [] };

/** A session is opened for each set of tensors and replacements that is asked for. */
export function openSessions(runtime: Runtime, path: string, model: ModelProto & { graph: GraphProto }): FileSessions {
  const sessions = new Map<string, OpenedSession>();
  const seen = new Map<string, Seen>();
  /** Of a part of a run: its session's key. */
  let spent = '';
  const engine = `${runtime.report.engine} ${runtime.report.version}`;
  const refuse = (error: unknown, doing: string): never => {
    throw explainRefusal(error, path, engine, doing);
  };
  let choice = usual;
  const shipped = new Set((model.graph.output ?? []).map(({ name }) => name));
  const openSession = (outputs: readonly string[], replaced: readonly ReplacedTensor[]): Promise<OpenedSession> => {
    const isShipped = replaced.length === 0 && outputs.every((name) => shipped.has(name));
    return openChosen(runtime, bytesOf(model, outputs, replaced), isShipped ? choice : null, refuse);
  };
  const run: FileSessions['run'] = async (asked, tensors, replacements) => {
    if ([...replacements.keys()].some((tensor) => !seen.has(tensor)))
      await run(asked, [...tensors, ...replacements.keys()], new Map());
    const replaced = [...replacements.keys()].map((tensor) => standInFor(tensor, seen.get(tensor)!));
    // What it gave has been read by now, and its memory is free for this part.
    await sessions.get(spent)?.release();
    sessions.delete(spent);
    const key = JSON.stringify([tensors, replaced, choice]);
    const session = sessions.get(key) ?? (await openSession(tensors, replaced));
    sessions.set(key, session);
    const feeds = new Map(asked.feeds);
    for (const [tensor, replacement] of replacements)
      feeds.set(replacementName(tensor), placeReplacement(replacement, seen.get(tensor)!.shape));
    for (const name of feeds.keys()) if (!session.inputNames.includes(name)) feeds.delete(name);
    const outputs = await session.run(feeds).catch((error: unknown) => refuse(error, `for ${asked.given}`));
    for (const [tensor, { shape }] of outputs) seen.set(tensor, { shape, half: session.halfOutputs.has(tensor) });
    if (asked.isPart) spent = key;
    return outputs;
  };
  const release = async () => {
    for (const session of sessions.values()) await session.release();
    sessions.clear();
  };
  return {
    run,
    reads: (tensors, replaced) => findReads(model.graph, tensors, new Set(replaced)),
    async optimise(asked, tensors) {
      choice = asked;
      await release();
      if (tensors === null) return [];
      return listPasses(runtime, bytesOf(model, tensors), asked);
    },
    release,
  };
}

/** Of a tensor before one is replaced: tokens must be told from feature maps. */
interface Seen {
  readonly shape: readonly number[];
  /** Whether it is of float16. What replaces it is given so, for ONNX Runtime leaves out casts. */
  readonly half: boolean;
}

function standInFor(tensor: string, { shape, half }: Seen): ReplacedTensor {
  return { tensor, rank: shape.length, half };
}

/** @param shipped what is chosen for the graph that users run; null for another */
async function openChosen(
  runtime: Runtime,
  bytes: Uint8Array,
  shipped: Choice | null,
  refuse: (error: unknown, doing: string) => never,
): Promise<OpenedSession> {
  const open = ({ level, off }: Choice) =>
    runtime.openSession(bytes, level, { logSeverityLevel: 4, ...optionsOf(off) });
  try {
    return await open(shipped ?? usual);
  } catch (error) {
    // ReshapeFusion of 1.26.0 fails on graphs whose inner tensors are outputs. What users run is never excused.
    if (shipped !== null) return refuse(error, 'before it runs');
  }
  try {
    return await open({ level: 'disabled', off: [] });
  } catch (error) {
    return refuse(error, 'before it runs');
  }
}

function bytesOf(
  model: ModelProto & { graph: GraphProto },
  tensors: readonly string[],
  replaced: readonly ReplacedTensor[] = [],
): Uint8Array {
  return encodeModel(observed(model, tensors, replaced));
}

/** Where tensors are replaced, what no longer leads to an output is left out. */
function observed(
  model: ModelProto & { graph: GraphProto },
  tensors: readonly string[],
  replaced: readonly ReplacedTensor[],
): ModelProto & { graph: GraphProto } {
  const seen = observeModel(model, { outputs: [...new Set(tensors)], replaced });
  return replaced.length === 0 ? seen : { ...seen, graph: dropUnread(seen.graph) };
}
