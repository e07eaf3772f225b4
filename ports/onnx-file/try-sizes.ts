import { elementCount, type Float32NdArray, float32NdArray, sameShape } from '../../harness/contract/nd-array.js';
import type { ApartOutput, SizesRequest, SizeTrial } from '../../harness/contract/size-trial.js';
import { EnvironmentError, messageOf, UserError } from '../../harness/support/errors.js';
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
  { refuses }: TrialFile,
): Promise<SizeTrial> {
  const nothing: SizeTrial = { what, image, untried: null, fault: null, outputs: [], node: null };
  const others = [...inputs.keys()].filter((name) => name !== 'image');
  if (refuses !== null) return { ...nothing, untried: refuses };
  if (others.length > 0) return { ...nothing, untried: `what ${others[0]} is there is not known` };
  if (outputs.length === 0) return { ...nothing, untried: 'no output of the bundle would tell' };
  try {
    return { ...nothing, ...(await run()) };
  } catch (error) {
    // What the machine lacks for it says nothing of the file, and was not asked for.
    if (error instanceof EnvironmentError) return { ...nothing, untried: messageOf(error) };
    throw error;
  }
}

async function tryBatch(image: Float32NdArray, { draws, outputs }: SizesRequest, file: TrialFile): Promise<Outcome> {
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
  const locate = async () => {
    const node = await findBatchFault(file.runtime, file.model, feeds[2], [feeds[0], feeds[1]]);
    return describe(file, node);
  };
  const tensors = tensorsOf(outputs, file);
  const singles = [await file.run(feeds[0], image.shape, tensors), await file.run(feeds[1], image.shape, tensors)];
  const batch = await refusable(() => file.run(feeds[2], both.shape, tensors));
  if (typeof batch === 'string') return refusal(batch, await locate(), file);
  const apart: ApartOutput[] = [];
  for (const { name } of outputs) {
    const tensor = file.tensorOf(name)!;
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
  { draws, outputs }: SizesRequest,
  file: TrialFile,
): Promise<Outcome> {
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
  const locate = async (tensor: string) => describe(file, await findSizeFault(file.runtime, file.model, feeds, tensor));
  const tensors = tensorsOf(outputs, file);
  const given = await refusable(() => file.run(feeds[1], larger, tensors));
  if (typeof given === 'string') return refusal(given, await locate(tensors[0]!), file);
  const usual = await file.run(feeds[0], image.shape, tensors);
  for (const { name } of outputs) {
    const tensor = file.tensorOf(name)!;
    const { shape, data } = given.get(tensor)!;
    const wanted = scaled(usual.get(tensor)!.shape, image.shape, larger);
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

function describe({ model }: TrialFile, node: NodeProto | null): string | null {
  return node === null ? null : describeSizes(model.graph, node);
}

function tensorsOf(outputs: SizesRequest['outputs'], { tensorOf }: TrialFile): string[] {
  return [...new Set(outputs.flatMap(({ name }) => tensorOf(name) ?? []))];
}
