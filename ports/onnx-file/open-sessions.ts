import type { Float32NdArray, NdArray } from '../../harness/contract/nd-array.js';
import { encodeModel, type GraphProto, type ModelProto } from '../../onnx/model-proto.js';
import { observeModel, type ReplacedTensor, replacementName } from '../../onnx/observe.js';
import { featureMapToTokens } from '../../onnx/tokens.js';
import type { Runtime, Session } from '../ort/session.js';
import { explainRefusal } from './explain-refusal.js';

export interface FileSessions {
  /**
   * The values of `tensors`, by name, with others replaced, all feature maps. Throws a UserError of what is refused.
   */
  run(
    asked: Asked,
    tensors: readonly string[],
    replacements: ReadonlyMap<string, Float32NdArray>,
  ): Promise<ReadonlyMap<string, Float32NdArray>>;
  release(): Promise<void>;
}

export interface Asked {
  /** What is given and drawn, by the graph's inputs. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  /** What is given, in words. */
  readonly given: string;
}

/** A session is opened for each set of tensors and replacements that is asked for. */
export function openSessions(runtime: Runtime, path: string, model: ModelProto & { graph: GraphProto }): FileSessions {
  const sessions = new Map<string, Session>();
  /** Axes of each tensor that has been seen: tokens must be told from feature maps before one is replaced. */
  const ranks = new Map<string, number>();
  const engine = `${runtime.report.engine} ${runtime.report.version}`;
  const refuse = (error: unknown, doing: string): never => {
    throw explainRefusal(error, path, engine, doing);
  };
  const openSession = (outputs: readonly string[], replaced: readonly ReplacedTensor[]): Promise<Session> =>
    runtime
      .openSession(encodeModel(observeModel(model, { outputs, replaced })), 'all', { logSeverityLevel: 4 })
      .catch((error: unknown) => refuse(error, 'before it runs'));
  const run: FileSessions['run'] = async (asked, tensors, replacements) => {
    if ([...replacements.keys()].some((tensor) => !ranks.has(tensor))) await run(asked, tensors, new Map());
    const replaced = [...replacements.keys()].map((tensor) => ({ tensor, rank: ranks.get(tensor)! }));
    const key = JSON.stringify([tensors, replaced]);
    const session = sessions.get(key) ?? (await openSession([...new Set(tensors)], replaced));
    sessions.set(key, session);
    const feeds = new Map(asked.feeds);
    for (const [tensor, value] of replacements) {
      feeds.set(replacementName(tensor), ranks.get(tensor) === 3 ? featureMapToTokens(value) : value);
    }
    const outputs = await session.run(feeds).catch((error: unknown) => refuse(error, `for ${asked.given}`));
    for (const [tensor, { shape }] of outputs) ranks.set(tensor, shape.length);
    return outputs;
  };
  return {
    run,
    async release() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}
