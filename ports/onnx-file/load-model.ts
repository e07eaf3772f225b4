import type { Float32NdArray, NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest, LoadedModel } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import type { FollowedWeights } from '../../onnx/follow-weights.js';
import { findImageInput, isChannelsLast } from '../../onnx/image-input.js';
import { validateMapKeys } from '../../onnx/probe-map.js';
import { listOrders, toGolden } from '../../onnx/probe-order.js';
import { openResult } from '../../onnx/result.js';
import { listFreeInputs } from '../../onnx/tensors.js';
import { tokensToFeatureMap } from '../../onnx/tokens.js';
import { levelNamed } from '../ort/optimisation.js';
import type { Runtime } from '../ort/session.js';
import { openEngineSessions } from './engine/engine-sessions.js';
import { explainRefusal } from './explain-refusal.js';
import { describeGiven, type Feeder, feeder } from './feed-inputs.js';
import { findTensors, type PlacedProbe } from './find-tensors.js';
import type { OnnxFile } from './onnx-file.js';
import { type FileSessions, openSessions, type Replacement } from './open-sessions.js';
import { type ProbeTensors, probeTensors, reader } from './probe-tensors.js';
import { trySizes } from './try-sizes.js';

/** A user's file whose weights are in place. */
export function loadOnnxModel(runtime: Runtime, file: OnnxFile): LoadedModel {
  const { path, model, map, judged, followed = nothing, weights = [], engine } = file;
  // A bundle may hold other inputs than the image.
  if (!judged) findImageInput(model.graph, path);
  const result = openResult(model.graph, map, path, judged);
  const sessions = engine ? openEngineSessions(engine, runtime, path, model) : openSessions(runtime, path, model);
  const isLast = judged && listFreeInputs(model.graph).some((one) => [1, 3].some((c) => isChannelsLast(one, [1, c])));
  const places = probeTensors(file, result.tensor);
  const feed = feeder(file);
  return {
    ...(result.said === null ? {} : { result: result.said }),
    // What the map names, and what a file with channels last gives, may stand in another layout than the golden.
    lacks: (probes) => probes.filter((probe) => isLast || map.has(probe) || places.say(probe) === null),
    async find({ goldens, ...given }) {
      const known = [...goldens.map(({ name }) => name), ...given.inputs.keys(), ...given.draws.keys()];
      validateMapKeys(map, [...known, ...weights, 'logits'], path);
      const feeds = feed(given);
      const { say } = places;
      const refused = refuser(runtime, path, given.inputs);
      const found = await findTensors(runtime, { model, followed, feeds, goldens, say }).catch(refused);
      places.sought = found.placed;
      return found.probes;
    },
    async infer(request, onProbe) {
      const feeds = feed(request);
      const imageShape = request.inputs.get('image')?.shape ?? null;
      if (request.probes.includes('logits')) result.validate();
      const wanted = places.tensorsOf(request.probes);
      validateFound(request.probes, wanted, path);
      const replaced = places.tensorsOf([...request.replacements.keys()]);
      // If one of them were missing, the errors would not be the probes' own. So then none is reported.
      if (replaced.size < request.replacements.size) return;
      const replacements = replacementsOf(request, replaced, places.sought);
      const { inputs, isPart = false } = request;
      const asked = { feeds, given: describeGiven(inputs), isPart };
      const outputs = await sessions.run(asked, [...wanted.values()], replacements);
      for (const [probe, tensor] of wanted) {
        const value = outputs.get(tensor);
        if (value === undefined) continue;
        const shaped = probe === 'logits' && !judged ? result.shape(value, imageShape ?? []) : value;
        onProbe(probe, placeValue(shaped, places.sought.get(probe), imageShape));
      }
    },
    ...(sessions.reads === undefined ? {} : { reads: reader(sessions.reads, places) }),
    trySizes: sizesTrier(file, runtime, sessions, feed, (probe) => places.tensorsOf([probe]).get(probe) ?? null),
    optimise: optimiser(sessions, feed, places),
    dispose: () => sessions.release(),
  };
}

/** Sees to it that the bundle's draws are placed, since passes act on the graph with them. */
function optimiser(
  { optimise }: FileSessions,
  feed: Feeder,
  { tensorsOf }: ProbeTensors,
): NonNullable<LoadedModel['optimise']> {
  return async ({ probes, level, off, list, ...given }) => {
    feed(given);
    return optimise?.({ level: levelNamed(level), off }, list ? [...tensorsOf(probes).values()] : null) ?? [];
  };
}

/** Of the graph without probes, as users run it. */
function sizesTrier(
  { model, path, engine }: OnnxFile,
  runtime: Runtime,
  sessions: FileSessions,
  feed: Feeder,
  tensorOf: (probe: string) => string | null,
): NonNullable<LoadedModel['trySizes']> {
  const { engine: name, version } = runtime.report;
  const outputs = new Set((model.graph.output ?? []).map((output) => output.name));
  return async (request) => {
    const image = request.inputs.get('image');
    const input = image && feed.placed(request).inputs.get('image');
    if (image === undefined || input === undefined) return [];
    return trySizes(request, {
      ...{ runtime, model, input, last: isChannelsLast(input, image.shape) },
      // Users get outputs alone, and an inner tensor may keep its batch in any axis.
      tensorOf: (probe) => [tensorOf(probe)].find((tensor) => tensor !== null && outputs.has(tensor)) ?? null,
      drawn: feed.placed(request).drawn,
      refuses: engine === undefined ? null : `${path} runs in an engine that is given fixed sizes`,
      feed: (image, draws) => feed({ inputs: new Map([['image', image]]), draws }),
      explain: (thrown, shape) =>
        explainRefusal(thrown, path, `${name} ${version}`, `for an image [${shape.join(', ')}]`),
      run: (feeds, shape, tensors) =>
        sessions.run({ feeds, given: `an image [${shape.join(', ')}]` }, tensors, new Map()),
    });
  };
}

const nothing: FollowedWeights = { outputs: new Map(), folded: new Set() };

/** By tensors. @param replaced of each probe its tensor */
function replacementsOf(
  { replacements }: InferRequest,
  replaced: ReadonlyMap<string, string>,
  sought: ReadonlyMap<string, PlacedProbe>,
): ReadonlyMap<string, Replacement> {
  return new Map(
    [...replaced].map(([probe, tensor]) => {
      return [tensor, { golden: replacements.get(probe)!, order: sought.get(probe)?.order ?? null }] as const;
    }),
  );
}

/** Throws what the engine said of the file, in a sentence. */
function refuser({ report: { engine, version } }: Runtime, path: string, inputs: ReadonlyMap<string, NdArray>) {
  return (error: unknown): never => {
    throw explainRefusal(error, path, `${engine} ${version}`, `for ${describeGiven(inputs)}`);
  };
}

/** The value as its golden stands, or as it is where it does not fit. */
function placeGolden(value: Float32NdArray, { shape, raw, order }: PlacedProbe): Float32NdArray {
  const stands = order ?? listOrders(value.shape, shape, raw)[0];
  return stands === undefined ? value : toGolden(value.data, shape, stands);
}

/** A probe that was looked for stands as its golden; any other as it is, tokens as a map. */
function placeValue(
  value: Float32NdArray,
  placed: PlacedProbe | undefined,
  imageShape: readonly number[] | null,
): Float32NdArray {
  if (placed !== undefined) return placeGolden(value, placed);
  const isMap = imageShape !== null && value.shape.length === 3;
  return isMap ? (tokensToFeatureMap(value, imageShape) ?? value) : value;
}

function validateFound(asked: readonly string[], found: ReadonlyMap<string, string>, path: string): void {
  if (found.size > 0) return;
  throw new UserError(
    `Cannot judge ${path}: it has no tensor for ${asked.slice(0, 3).join(', ')}; at least one probe is wanted. Fix: name tensors as the probes, or give --map`,
  );
}
