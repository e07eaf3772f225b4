import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest, LoadedModel, ProbeSink } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { placeDraws } from '../../onnx/draws.js';
import { castInputs } from '../../onnx/float-ends.js';
import { findImageInput, validateImageShape, validateInputs } from '../../onnx/image-input.js';
import type { GraphProto, ModelProto } from '../../onnx/model-proto.js';
import { findProbeTensor, type ProbeMap } from '../../onnx/probe-map.js';
import { openResult } from '../../onnx/result.js';
import { tokensToFeatureMap } from '../../onnx/tokens.js';
import type { Runtime } from '../ort/session.js';
import { openSessions } from './open-sessions.js';

export interface OnnxFile {
  readonly path: string;
  readonly model: ModelProto & { graph: GraphProto };
  readonly map: ProbeMap;
  /** Whether it is judged: then labels and probabilities do not count as logits. Else it runs, whatever it gives. */
  readonly judged: boolean;
}

/** A user's file whose weights are in place. */
export function loadOnnxModel(runtime: Runtime, file: OnnxFile): LoadedModel {
  const { path, model, map, judged } = file;
  const image = findImageInput(model.graph, path);
  const result = openResult(model.graph, map, path, judged);
  const sessions = openSessions(runtime, path, model, image.name);
  let placed: string | null = null;

  const tensorsOf = (probes: readonly string[]): Map<string, string> => {
    const found = probes.map((probe): [string, string | null] => [
      probe,
      probe === 'logits' ? result.tensor() : findProbeTensor(model.graph, map, probe),
    ]);
    return new Map(found.filter((pair): pair is [string, string] => pair[1] !== null));
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
      const wanted = tensorsOf(request.probes);
      validateFound(request.probes, wanted, path);
      const replaced = [...tensorsOf([...request.replacements.keys()])];
      // If one of them were missing, the errors would not be the probes' own. So then none is reported.
      if (replaced.length < request.replacements.size) return;
      const replacements = new Map(replaced.map(([probe, tensor]) => [tensor, request.replacements.get(probe)!]));
      const outputs = await sessions.run(request, [...wanted.values()], replacements);
      for (const [probe, tensor] of wanted) {
        const value = outputs.get(tensor)!;
        const given = probe === 'logits' && !judged ? result.shape(value, request.image.shape) : value;
        report(request, probe, given, onProbe);
      }
    },
    dispose: () => sessions.release(),
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
