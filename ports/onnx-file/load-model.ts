import type { InferRequest, LoadedModel, ProbeSink } from '../../harness/hosts/port-contract.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import type { Float32NdArray, NdArray } from '../../harness/support/nd-array.js';
import { encodeModel, type GraphProto, type ModelProto } from '../ort/onnx/model-proto.js';
import type { Runtime, Session } from '../ort/session.js';
import { placeDraws } from './draws.js';
import { findImageInput, validateInputs } from './image-input.js';
import { observeModel, type ReplacedTensor, replacementName } from './observe.js';
import { findProbeTensor, type ProbeMap } from './probe-map.js';
import { featureMapToTokens, tokensToFeatureMap } from './tokens.js';

/** A user's file whose weights stand; sessions are opened for each set of probes and replacements. */
export function loadOnnxModel(
  runtime: Runtime,
  model: ModelProto & { graph: GraphProto },
  map: ProbeMap,
  path: string,
): LoadedModel {
  const sessions = new Map<string, Session>();
  /** Axes of each tensor that has been seen: tokens must be told from feature maps before one is replaced. */
  const ranks = new Map<string, number>();
  const image = findImageInput(model.graph, path);
  let placed: string | null = null;

  const run = async (request: InferRequest, replacements: ReadonlyMap<string, Float32NdArray>) => {
    const tensors = tensorsOf(request.probes);
    const replaced = [...replacements.keys()].map((tensor) => ({ tensor, rank: ranks.get(tensor)! }));
    const key = JSON.stringify([[...tensors.values()], replaced]);
    const session = sessions.get(key) ?? (await openSession([...new Set(tensors.values())], replaced));
    sessions.set(key, session);
    const feeds = new Map<string, NdArray>([[image, request.image], ...request.draws]);
    for (const [tensor, value] of replacements) {
      feeds.set(replacementName(tensor), ranks.get(tensor) === 3 ? featureMapToTokens(value) : value);
    }
    const outputs = await session.run(feeds);
    for (const [tensor, { shape }] of outputs) ranks.set(tensor, shape.length);
    return { tensors, outputs };
  };
  const tensorsOf = (probes: readonly string[]): Map<string, string> => {
    const found = probes.map((probe): [string, string | null] => [probe, findProbeTensor(model.graph, map, probe)]);
    return new Map(found.filter((pair): pair is [string, string] => pair[1] !== null));
  };
  const openSession = (outputs: readonly string[], replaced: readonly ReplacedTensor[]): Promise<Session> =>
    runtime.openSession(encodeModel(observeModel(model, { outputs, replaced })), 'all');

  return {
    async infer(request, onProbe) {
      const draws = [...request.draws.keys()];
      if (placed === null) {
        placeDraws(model.graph, draws, path);
        validateInputs(model.graph, [image, ...draws], path);
        placed = draws.join();
      } else if (placed !== draws.join()) throw new Error(`the draws changed from ${placed} to ${draws.join()}`);
      const replacements = new Map<string, Float32NdArray>();
      for (const [probe, tensor] of tensorsOf([...request.replacements.keys()])) {
        replacements.set(tensor, request.replacements.get(probe)!);
      }
      validateFound(request.probes, tensorsOf(request.probes), path);
      // With one of them missing, what is reported would not be errors of a probe's own: then nothing is.
      const replaceable = tensorsOf([...request.replacements.keys()]).size === request.replacements.size;
      if (!replaceable) return;
      if ([...replacements.keys()].some((tensor) => !ranks.has(tensor))) await run(request, new Map());
      const { tensors, outputs } = await run(request, replacements);
      report(request, tensors, outputs, onProbe);
    },
    async dispose() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

function report(
  request: InferRequest,
  tensors: ReadonlyMap<string, string>,
  outputs: ReadonlyMap<string, Float32NdArray>,
  onProbe: ProbeSink,
): void {
  for (const [probe, tensor] of tensors) {
    const value = outputs.get(tensor)!;
    onProbe(probe, value.shape.length === 3 ? (tokensToFeatureMap(value, request.image.shape) ?? value) : value);
  }
}

function validateFound(asked: readonly string[], found: ReadonlyMap<string, string>, path: string): void {
  if (found.size > 0) return;
  throw new EnvironmentError(
    `Cannot judge ${path}: it has no tensor for ${asked.slice(0, 3).join(', ')}; at least one probe is wanted. Fix: name tensors as the probes, or give --map`,
  );
}
