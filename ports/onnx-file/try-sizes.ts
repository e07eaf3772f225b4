import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { ApartOutput, LimitedOutput, SizesRequest, SizeTrial } from '../../harness/contract/size-trial.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { findFreeSizes, largerSize } from '../../onnx/free-sizes.js';
import type { NodeProto } from '../../onnx/model-proto.js';
import { describeSizes } from '../../onnx/size-constants.js';
import { findBatchFault, findSizeFault } from './find-size-fault.js';
import { isSame, join, measureApart, mirror, repeatOver } from './trial-arrays.js';
import { shapeOfDraw, type TrialFile } from './trial-file.js';

/**
 * Tries what the image's input declares as free: a batch of the image and another against two single runs, and a larger
 * image, which must run and give outputs of its size.
 */
export async function trySizes(request: SizesRequest, file: TrialFile): Promise<SizeTrial[]> {
  const given = request.inputs.get('image');
  if (given === undefined || given.shape.length !== 4 || !(given.data instanceof Float32Array)) return [];
  const image = float32NdArray(given.shape, given.data);
  const free = findFreeSizes(file.input, file.last);
  const [b = 0, ...sizes] = image.shape;
  const tried: SizeTrial[] = [];
  if (free.batch)
    tried.push(await attempt('batch', [2 * b, ...sizes], request, () => tryBatch(image, request, file), file));
  if (free.height || free.width) {
    const larger = largerSize(image.shape, free);
    tried.push(await attempt('size', larger, request, () => trySize(image, larger, request, file), file));
  }
  return tried;
}

type Outcome = Partial<Omit<SizeTrial, 'what' | 'image'>>;

async function attempt(
  what: SizeTrial['what'],
  image: readonly number[],
  { inputs, outputs }: SizesRequest,
  run: () => Promise<Outcome>,
  { refuses, explain, tensorOf }: TrialFile,
): Promise<SizeTrial> {
  const nothing: SizeTrial = { what, image, untried: null, fault: null, outputs: [], node: null };
  const others = [...inputs.keys()].filter((name) => name !== 'image');
  if (refuses !== null) return { ...nothing, untried: refuses };
  if (others.length > 0) return { ...nothing, untried: `what ${others[0]} is there is not known` };
  if (outputs.length === 0) return { ...nothing, untried: 'no output of the bundle would tell' };
  if (outputs.every(({ name }) => tensorOf(name) === null))
    return { ...nothing, untried: `no output of the file is known to be ${outputs[0]!.name}` };
  try {
    return { ...nothing, ...(await run()) };
  } catch (error) {
    const explained = explain(error, image);
    if (explained instanceof UserError) return { ...nothing, fault: explained.message };
    // What the machine lacks for it says nothing of the file, and was not asked for.
    if (explained instanceof EnvironmentError && explained.cause !== undefined)
      return { ...nothing, untried: explained.message };
    throw explained;
  }
}

async function tryBatch(image: Float32NdArray, { draws, ...asked }: SizesRequest, file: TrialFile): Promise<Outcome> {
  const outputs = placed(asked.outputs, file);
  const other = mirror(image);
  if (isSame(image, other)) return { untried: 'the image of the bundle is its own mirror image' };
  const both = join(image, other);
  const [ones, twos, all] = [new Map(draws), new Map(draws), new Map(draws)];
  for (const [name, draw] of draws) {
    const shape = await shapeOfDraw(name, draws, both, 2, file);
    if (shape !== null && sameShape(shape, draw.shape)) continue;
    const [first = 0, ...rest] = draw.shape;
    if (shape === null || !sameShape(shape, [2 * first, ...rest]) || !(draw.data instanceof Float32Array))
      return { untried: `what ${name} is there is not known` };
    const one = float32NdArray(draw.shape, draw.data);
    twos.set(name, float32NdArray(draw.shape, one.data.slice().reverse()));
    all.set(name, join(one, twos.get(name) as Float32NdArray));
  }
  const feeds = [file.feed(image, ones), file.feed(other, twos), file.feed(both, all)] as const;
  const locate = () => describe(file, () => findBatchFault(file.runtime, file.model, feeds[2], [feeds[0], feeds[1]]));
  const tensors = tensorsOf(outputs);
  const singles = [await file.run(feeds[0], image.shape, tensors), await file.run(feeds[1], image.shape, tensors)];
  const batch = await refusable(() => file.run(feeds[2], both.shape, tensors));
  if (typeof batch === 'string') return refusal(batch, await locate(), file);
  const apart: ApartOutput[] = [];
  for (const { name, tensor } of outputs) {
    const [one, two] = singles.map((run) => run.get(tensor)!);
    const value = batch.get(tensor)!;
    const wanted = [2 * one!.shape[0]!, ...one!.shape.slice(1)];
    if (!sameShape(value.shape, wanted))
      return {
        fault: `it gives ${name} of [${value.shape.join(', ')}]; [${wanted.join(', ')}] is wanted`,
        node: await locate(),
      };
    apart.push({ name, ...measureApart(value.data, join(one!, two!).data) });
  }
  const isWithin = apart.every(({ relRms, maxOverRms }, at) => {
    const { limits } = outputs[at]!;
    return relRms <= limits.relRms && maxOverRms <= limits.maxOverRms;
  });
  return { outputs: apart, node: isWithin ? null : await locate() };
}

async function trySize(
  image: Float32NdArray,
  larger: readonly number[],
  { draws, ...asked }: SizesRequest,
  file: TrialFile,
): Promise<Outcome> {
  const outputs = placed(asked.outputs, file);
  const repeated = repeatOver(image, larger);
  const drawn = new Map(draws);
  for (const [name, draw] of draws) {
    const shape = await shapeOfDraw(name, draws, repeated, 1, file);
    if (shape === null || !(draw.data instanceof Float32Array))
      return { untried: `what ${name} is there is not known` };
    const { data } = draw;
    const values = Float32Array.from({ length: elementCount(shape) }, (_, at) => data[at % data.length]!);
    drawn.set(name, float32NdArray(shape, values));
  }
  const feeds = [file.feed(image, draws), file.feed(repeated, drawn)] as const;
  const locate = (tensor: string) => describe(file, () => findSizeFault(file.runtime, file.model, feeds, tensor));
  const tensors = tensorsOf(outputs);
  const given = await refusable(() => file.run(feeds[1], larger, tensors));
  if (typeof given === 'string') return refusal(given, await locate(tensors[0]!), file);
  const usual = await file.run(feeds[0], image.shape, tensors);
  for (const { name, tensor } of outputs) {
    const { shape, data } = given.get(tensor)!;
    const before = usual.get(tensor)!.shape;
    const wanted = scaled(before, image.shape, larger);
    if (wanted === null && isMap(name, before) && sameShape(shape, before))
      return {
        fault: `${name} stays [${shape.join(', ')}] for an image of [${larger.join(', ')}]; a size that follows the image is wanted`,
        node: await locate(tensor),
      };
    if (wanted !== null && !sameShape(shape, wanted))
      return {
        fault: `it gives ${name} of [${shape.join(', ')}]; [${wanted.join(', ')}] is wanted`,
        node: await locate(tensor),
      };
    if (!data.every(Number.isFinite)) return { fault: `it gives NaN or Inf in ${name}` };
  }
  return {};
}

/** What an output that has the image's size has at another; null where it has another size, which may stay. */
function scaled(output: readonly number[], image: readonly number[], larger: readonly number[]): number[] | null {
  const at =
    output.length === 4 ? [2, 1].find((axis) => output[axis] === image[2] && output[axis + 1] === image[3]) : undefined;
  return at === undefined
    ? null
    : output.map((size, axis) => (axis === at ? larger[2]! : axis === at + 1 ? larger[3]! : size));
}

/** Whether it has a score for each place, in a size of its own. A classifier's are no map. */
function isMap(name: string, shape: readonly number[]): boolean {
  const isWide = (axis: number) => shape[axis]! > 1 && shape[axis + 1]! > 1;
  return name.includes('logits') && shape.length === 4 && (isWide(2) || isWide(1));
}

async function refusable<T>(run: () => Promise<T>): Promise<T | string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

function refusal(message: string, node: string | null, { runtime }: TrialFile): Outcome {
  const { engine, version } = runtime.report;
  return { fault: node === null ? message : `${engine} ${version} refuses it`, node };
}

/** Null where no node is found: that takes nothing from what was seen. */
async function describe({ model }: TrialFile, find: () => Promise<NodeProto | null>): Promise<string | null> {
  try {
    const node = await find();
    return node === null ? null : describeSizes(model.graph, node);
  } catch (error) {
    // The engine may refuse more than the node that is looked for, and memory may run out over it.
    if (error instanceof EnvironmentError) return null;
    throw error;
  }
}

type PlacedOutput = LimitedOutput & { readonly tensor: string };

/** Without those that no output of the file is known to be: the case says itself that they are missing. */
function placed(outputs: readonly LimitedOutput[], { tensorOf }: TrialFile): PlacedOutput[] {
  return outputs.flatMap((output) => {
    const tensor = tensorOf(output.name);
    return tensor === null ? [] : [{ ...output, tensor }];
  });
}

function tensorsOf(outputs: readonly PlacedOutput[]): string[] {
  return [...new Set(outputs.map(({ tensor }) => tensor))];
}
