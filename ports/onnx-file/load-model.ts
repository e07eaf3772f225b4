import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { FoundBy, InferRequest, LoadedModel } from '../../harness/contract/port.js';
import { cannot, UserError } from '../../harness/support/errors.js';
import { nameDraws, placeDraws } from '../../onnx/draws.js';
import { castInputs } from '../../onnx/float-ends.js';
import type { FollowedWeights } from '../../onnx/follow-weights.js';
import {
  findImageInput,
  findInput,
  isChannelsLast,
  validateImageShape,
  validateInputs,
} from '../../onnx/image-input.js';
import type { GraphProto, ModelProto } from '../../onnx/model-proto.js';
import { findProbeTensor, type ProbeMap, validateMapKeys } from '../../onnx/probe-map.js';
import { fromGolden, listOrders, toGolden } from '../../onnx/probe-order.js';
import { openResult } from '../../onnx/result.js';
import { listFreeInputs } from '../../onnx/tensors.js';
import { tokensToFeatureMap } from '../../onnx/tokens.js';
import { levelNamed } from '../ort/optimisation.js';
import type { Runtime } from '../ort/session.js';
import type { Engine } from './engine/engine.js';
import { openEngineSessions } from './engine/engine-sessions.js';
import { explainRefusal } from './explain-refusal.js';
import { findTensors, type PlacedProbe } from './find-tensors.js';
import { type FileSessions, openSessions, type Replacement } from './open-sessions.js';

export interface OnnxFile {
  readonly path: string;
  readonly model: ModelProto & { graph: GraphProto };
  readonly map: ProbeMap;
  /** Whether it is judged: then labels and probabilities do not count as logits. Else it runs, whatever it gives. */
  readonly judged: boolean;
  /** What its weights say of where its layers are; absent: nothing. */
  readonly followed?: FollowedWeights;
  /** Names of the bundle's, which the map may have. */
  readonly weights?: readonly string[];
  /** Whether the reference draws normal numbers for a draw; absent: uniform ones. */
  readonly isNormal?: (draw: string) => boolean;
  /** What runs it; absent: the runtime. */
  readonly engine?: Engine;
}

/** A user's file whose weights are in place. */
export function loadOnnxModel(runtime: Runtime, file: OnnxFile): LoadedModel {
  const { path, model, map, judged, followed = nothing, weights = [], engine } = file;
  // A bundle may hold other inputs than the image.
  if (!judged) findImageInput(model.graph, path);
  const result = openResult(model.graph, map, path, judged);
  const sessions = engine ? openEngineSessions(engine, runtime, path, model) : openSessions(runtime, path, model);
  const isLast = judged && listFreeInputs(model.graph).some((one) => [1, 3].some((c) => isChannelsLast(one, [1, c])));
  /** Of probes that were looked for. */
  let sought: ReadonlyMap<string, PlacedProbe> = new Map();

  /** By the map, the output, or the name. */
  const tensorOf = (probe: string): string | null =>
    probe === 'logits' ? result.tensor() : findProbeTensor(model.graph, map, probe);
  const tensorsOf = (probes: readonly string[]): Map<string, string> =>
    new Map(
      probes.flatMap((probe) => {
        const tensor = sought.has(probe) ? sought.get(probe)!.tensor : tensorOf(probe);
        return tensor === null ? [] : [[probe, tensor]];
      }),
    );
  const feed = feeder(file);
  return {
    ...(result.said === null ? {} : { result: result.said }),
    // What the map names, and what a file with channels last gives, may stand in another layout than the golden.
    lacks: (probes) => probes.filter((probe) => isLast || map.has(probe) || tensorOf(probe) === null),
    async find({ goldens, ...given }) {
      const known = [...goldens.map(({ name }) => name), ...given.inputs.keys(), ...given.draws.keys()];
      validateMapKeys(map, [...known, ...weights, 'logits'], path);
      const feeds = feed(given);
      const say = (probe: string) => saidOf(probe, tensorOf(probe), map);
      const refused = refuser(runtime, path, given.inputs);
      const found = await findTensors(runtime, { model, followed, feeds, goldens, say }).catch(refused);
      sought = found.placed;
      return found.probes;
    },
    async infer(request, onProbe) {
      const feeds = feed(request);
      const imageShape = request.inputs.get('image')?.shape ?? null;
      if (request.probes.includes('logits')) result.validate();
      const wanted = tensorsOf(request.probes);
      validateFound(request.probes, wanted, path);
      const replaced = tensorsOf([...request.replacements.keys()]);
      // If one of them were missing, the errors would not be the probes' own. So then none is reported.
      if (replaced.size < request.replacements.size) return;
      const replacements = replacementsOf(request, replaced, sought);
      const asked = { feeds, given: describeGiven(request.inputs) };
      const outputs = await sessions.run(asked, [...wanted.values()], replacements);
      for (const [probe, tensor] of wanted) {
        const value = outputs.get(tensor);
        if (value === undefined) continue;
        const shaped = probe === 'logits' && !judged ? result.shape(value, imageShape ?? []) : value;
        onProbe(probe, placeValue(shaped, sought.get(probe), imageShape));
      }
    },
    optimise: optimiser(sessions, feed, tensorsOf),
    dispose: () => sessions.release(),
  };
}

/** Sees to it that the bundle's draws are placed, since passes act on the graph with them. */
function optimiser(
  { optimise }: FileSessions,
  feed: ReturnType<typeof feeder>,
  tensorsOf: (probes: readonly string[]) => ReadonlyMap<string, string>,
): NonNullable<LoadedModel['optimise']> {
  return async ({ probes, level, off, list, ...given }) => {
    feed(given);
    return optimise?.({ level: levelNamed(level), off }, list ? [...tensorsOf(probes).values()] : null) ?? [];
  };
}

/** An image [b, c, h, w] as [b, h, w, c]. */
function turnLast(image: NdArray): NdArray {
  if (!(image.data instanceof Float32Array)) return image;
  const [b = 0, c = 0, h = 0, w = 0] = image.shape;
  return fromGolden(float32NdArray(image.shape, image.data), [b, h, w, c], 'last');
}

const nothing: FollowedWeights = { outputs: new Map(), folded: new Set() };

const bundleOfSize = 'a bundle of its size: npx tipcheck golden <yml> --input HEIGHTxWIDTH --out <folder>';
const pictureOfSize =
  'pictures of its size, to which the transforms of val_dataset resize: {type: Resize, target_size: [WIDTH, HEIGHT]}';

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

/** Which way says a probe's tensor; null where none does. */
function saidOf(probe: string, tensor: string | null, map: ProbeMap): { tensor: string; by: FoundBy } | null {
  if (tensor === null) return null;
  if (probe === 'logits') return { tensor, by: 'output' };
  return { tensor, by: map.has(probe) ? 'map' : 'name' };
}

/** Gives the arrays by the graph's inputs. */
function feeder(file: OnnxFile): (given: Pick<InferRequest, 'inputs' | 'draws'>) => Map<string, NdArray> {
  const { path, judged } = file;
  let placed: PlacedInputs | null = null;
  return ({ inputs, draws }) => {
    const names = JSON.stringify([[...inputs.keys()], [...draws.keys()]]);
    placed ??= { names, inputs: placeInputs(inputs, draws, file) };
    if (placed.names !== names) throw new Error(`the inputs and draws changed from ${placed.names} to ${names}`);
    const image = inputs.get('image');
    const given = new Map([...inputs].map(([name, array]) => [placed!.inputs.get(name)!.name, array]));
    if (image !== undefined) {
      const input = placed.inputs.get('image')!;
      const last = judged && image.shape.length === 4 && isChannelsLast(input, image.shape);
      validateImageShape(input, image.shape, path, judged ? bundleOfSize : pictureOfSize, last);
      if (last) given.set(input.name, turnLast(image));
    }
    return new Map([...given, ...draws]);
  };
}

interface PlacedInputs {
  /** Of inputs and draws. */
  readonly names: string;
  readonly inputs: ReturnType<typeof placeInputs>;
}

/** Gives the graph an input for all that is given and drawn, and finds those of what is given. */
function placeInputs(
  inputs: ReadonlyMap<string, NdArray>,
  drawn: ReadonlyMap<string, NdArray>,
  { model, map, path, judged, isNormal = () => false }: OnnxFile,
) {
  const found = new Map(
    [...inputs].map(([name, array]) => [name, findInput(model.graph, name, array, path, map.get(name))]),
  );
  const taken = [...found.values()].map(({ name }) => name);
  nameDraws(model.graph, drawn, map, taken, path);
  const draws = [...drawn.keys()];
  refuseSharedInputs(
    [...[...found].map(([given, { name }]) => [given, name] as const), ...draws.map((draw) => [draw, draw] as const)],
    path,
  );
  placeDraws(model.graph, draws, path, (name) => (isNormal(name) ? drawn.get(name)!.shape : null));
  // What is judged is given as the file takes it: ONNX Runtime leaves out casts, and their rounding with them.
  if (!judged) castInputs(model.graph);
  validateInputs(model.graph, [...taken, ...draws], path);
  return found;
}

/** @param fed what is given or drawn, and the graph's input for it */
function refuseSharedInputs(fed: readonly (readonly [name: string, input: string])[], path: string): void {
  const by = new Map<string, string>();
  for (const [name, input] of fed) {
    const other = by.get(input);
    if (other !== undefined)
      throw cannot(
        'feed',
        `${name} to ${path}`,
        `its input ${input} is there for ${other} already`,
        'an input for each is wanted',
      );
    by.set(input, name);
  }
}

/** `an image [1, 3, 32, 64]`, or each input with its shape. */
function describeGiven(inputs: ReadonlyMap<string, NdArray>): string {
  const each = [...inputs].map(([name, { shape }]) => `${name === 'image' ? 'an image' : name} [${shape.join(', ')}]`);
  return each.join(' and ');
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
