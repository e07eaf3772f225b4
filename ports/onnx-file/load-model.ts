import type { Float32NdArray, NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest, LoadedModel, ProbeSink } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { placeDraws } from '../../onnx/draws.js';
import { castInputs } from '../../onnx/float-ends.js';
import { findImageInput, validateImageShape, validateInputs } from '../../onnx/image-input.js';
import { encodeModel, type GraphProto, type ModelProto } from '../../onnx/model-proto.js';
import { observeModel, type ReplacedTensor, replacementName } from '../../onnx/observe.js';
import { findProbeTensor, type ProbeMap } from '../../onnx/probe-map.js';
import { openResult } from '../../onnx/result.js';
import { featureMapToTokens, tokensToFeatureMap } from '../../onnx/tokens.js';
import type { Runtime, Session } from '../ort/session.js';
import { explainRefusal } from './explain-refusal.js';

export interface OnnxFile {
  readonly path: string;
  readonly model: ModelProto & { graph: GraphProto };
  readonly map: ProbeMap;
  /** Whether it is judged: then labels and probabilities do not count as logits. Else it runs, whatever it gives. */
  readonly judged: boolean;
}

/** A user's file whose weights are in place. Sessions are opened for each set of probes and replacements. */
export function loadOnnxModel(runtime: Runtime, { path, model, map, judged }: OnnxFile): LoadedModel {
  const sessions = new Map<string, Session>();
  /** Axes of each tensor that has been seen: tokens must be told from feature maps before one is replaced. */
  const ranks = new Map<string, number>();
  const image = findImageInput(model.graph, path);
  const result = openResult(model.graph, map, path, judged);
  const engine = `${runtime.report.engine} ${runtime.report.version}`;
  let placed: string | null = null;

  const run = async (request: InferRequest, replacements: ReadonlyMap<string, Float32NdArray>) => {
    const tensors = tensorsOf(request.probes);
    const replaced = [...replacements.keys()].map((tensor) => ({ tensor, rank: ranks.get(tensor)! }));
    const key = JSON.stringify([[...tensors.values()], replaced]);
    const session = sessions.get(key) ?? (await openSession([...new Set(tensors.values())], replaced));
    sessions.set(key, session);
    const feeds = new Map<string, NdArray>([[image.name, request.image], ...request.draws]);
    for (const [tensor, value] of replacements) {
      feeds.set(replacementName(tensor), ranks.get(tensor) === 3 ? featureMapToTokens(value) : value);
    }
    const outputs = await session
      .run(feeds)
      .catch((error: unknown) => refuse(error, `for an image [${request.image.shape.join(', ')}]`));
    for (const [tensor, { shape }] of outputs) ranks.set(tensor, shape.length);
    return { tensors, outputs };
  };
  const tensorsOf = (probes: readonly string[]): Map<string, string> => {
    const found = probes.map((probe): [string, string | null] => [
      probe,
      probe === 'logits' ? result.tensor() : findProbeTensor(model.graph, map, probe),
    ]);
    return new Map(found.filter((pair): pair is [string, string] => pair[1] !== null));
  };
  const openSession = (outputs: readonly string[], replaced: readonly ReplacedTensor[]): Promise<Session> =>
    runtime
      .openSession(encodeModel(observeModel(model, { outputs, replaced })), 'all', { logSeverityLevel: 4 })
      .catch((error: unknown) => refuse(error, 'before it runs'));
  const refuse = (error: unknown, doing: string): never => {
    throw explainRefusal(error, path, engine, doing);
  };
  const place = (draws: readonly string[]) => {
    if (placed === null) {
      placeDraws(model.graph, draws, path);
      castInputs(model.graph);
      validateInputs(model.graph, [image.name, ...draws], path);
      placed = draws.join();
    } else if (placed !== draws.join()) throw new Error(`the draws changed from ${placed} to ${draws.join()}`);
  };

  return {
    ...(result.said === null ? {} : { result: result.said }),
    async infer(request, onProbe) {
      place([...request.draws.keys()]);
      validateImageShape(image, request.image.shape, path, judged ? bundleOfSize : pictureOfSize);
      if (request.probes.includes('logits')) result.validate();
      const replacements = new Map<string, Float32NdArray>();
      for (const [probe, tensor] of tensorsOf([...request.replacements.keys()])) {
        replacements.set(tensor, request.replacements.get(probe)!);
      }
      validateFound(request.probes, tensorsOf(request.probes), path);
      // If one of them were missing, the errors would not be the probes' own. So then none is reported.
      const replaceable = tensorsOf([...request.replacements.keys()]).size === request.replacements.size;
      if (!replaceable) return;
      if ([...replacements.keys()].some((tensor) => !ranks.has(tensor))) await run(request, new Map());
      const { tensors, outputs } = await run(request, replacements);
      for (const [probe, tensor] of tensors) {
        const value = outputs.get(tensor)!;
        const given = probe === 'logits' && !judged ? result.shape(value, request.image.shape) : value;
        report(request, probe, given, onProbe);
      }
    },
    async dispose() {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

const bundleOfSize = 'a bundle of its size: npx tipcheck golden <yml> --input HEIGHTxWIDTH --out <folder>';
const pictureOfSize =
  'pictures of its size, to which the transforms of val_dataset resize: {type: Resize, target_size: [WIDTH, HEIGHT]}';

function report({ image }: InferRequest, probe: string, value: Float32NdArray, onProbe: ProbeSink): void {
  onProbe(probe, value.shape.length === 3 ? (tokensToFeatureMap(value, image.shape) ?? value) : value);
}

function validateFound(asked: readonly string[], found: ReadonlyMap<string, string>, path: string): void {
  if (found.size > 0) return;
  throw new UserError(
    `Cannot judge ${path}: it has no tensor for ${asked.slice(0, 3).join(', ')}; at least one probe is wanted. Fix: name tensors as the probes, or give --map`,
  );
}
