import { float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest } from '../../harness/contract/port.js';
import { cannot } from '../../harness/support/errors.js';
import { nameDraws, placeDraws } from '../../onnx/draws.js';
import { castInputs } from '../../onnx/float-ends.js';
import { findInput, isChannelsLast, validateImageShape, validateInputs } from '../../onnx/image-input.js';
import { fromGolden } from '../../onnx/probe-order.js';
import type { OnnxFile } from './onnx-file.js';

type Given = Pick<InferRequest, 'inputs' | 'draws'>;

/** Gives the arrays by the graph's inputs. */
export interface Feeder {
  (given: Given): Map<string, NdArray>;
  placed(given: Given): PlacedInputs;
}

export function feeder(file: OnnxFile): Feeder {
  const { path, judged } = file;
  let known: (PlacedInputs & { readonly names: string }) | null = null;
  const place = ({ inputs, draws }: Given): PlacedInputs => {
    const names = JSON.stringify([[...inputs.keys()], [...draws.keys()]]);
    known ??= { names, ...placeInputs(inputs, draws, file) };
    if (known.names !== names) throw new Error(`the inputs and draws changed from ${known.names} to ${names}`);
    return known;
  };
  const feed = ({ inputs, draws }: Given) => {
    const placed = place({ inputs, draws });
    const image = inputs.get('image');
    const given = new Map<string, NdArray>([...inputs].map(([name, array]) => [placed.inputs.get(name)!.name, array]));
    if (image !== undefined) {
      const input = placed.inputs.get('image')!;
      const last = judged && image.shape.length === 4 && isChannelsLast(input, image.shape);
      validateImageShape(input, image.shape, path, judged ? bundleOfSize : pictureOfSize, last);
      if (last) given.set(input.name, turnLast(image));
    }
    return new Map([...given, ...draws]);
  };
  return Object.assign(feed, { placed: place });
}

interface PlacedInputs {
  /** Of what is given, the graph's inputs. */
  readonly inputs: ReadonlyMap<string, ReturnType<typeof findInput>>;
  /** Of what is drawn, the tensors that the file draws in its place; null: it is an input. */
  readonly drawn: ReadonlyMap<string, string | null>;
}

/** Gives the graph an input for all that is given and drawn, and finds those of what is given. */
function placeInputs(
  inputs: ReadonlyMap<string, NdArray>,
  drawn: ReadonlyMap<string, NdArray>,
  { model, map, path, judged, isNormal = () => false }: OnnxFile,
): PlacedInputs {
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
  const places = placeDraws(model.graph, draws, path, (name) => (isNormal(name) ? drawn.get(name)!.shape : null));
  // What is judged is given as the file takes it: ONNX Runtime leaves out casts, and their rounding with them.
  if (!judged) castInputs(model.graph);
  validateInputs(model.graph, [...taken, ...draws], path);
  return { inputs: found, drawn: new Map(places.map(({ draw, drawn: tensor }) => [draw, tensor])) };
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
export function describeGiven(inputs: ReadonlyMap<string, NdArray>): string {
  const each = [...inputs].map(([name, { shape }]) => `${name === 'image' ? 'an image' : name} [${shape.join(', ')}]`);
  return each.join(' and ');
}

/** An image [b, c, h, w] as [b, h, w, c]. */
function turnLast(image: NdArray): NdArray {
  if (!(image.data instanceof Float32Array)) return image;
  const [b = 0, c = 0, h = 0, w = 0] = image.shape;
  return fromGolden(float32NdArray(image.shape, image.data), [b, h, w, c], 'last');
}

const bundleOfSize = 'a bundle of its size: npx tipcheck golden <yml> --input HEIGHTxWIDTH --out <folder>';
const pictureOfSize =
  'pictures of its size, to which the transforms of val_dataset resize: {type: Resize, target_size: [WIDTH, HEIGHT]}';
