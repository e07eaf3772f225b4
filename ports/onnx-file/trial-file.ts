import type { Float32NdArray, NdArray } from '../../harness/contract/nd-array.js';
import { dropUnread } from '../../onnx/cut-graph.js';
import { encodeModel, type GraphProto, type ModelProto, type ValueInfoProto } from '../../onnx/model-proto.js';
import { listFreeInputs } from '../../onnx/tensors.js';
import type { Runtime } from '../ort/session.js';

/** A file whose draws are placed. */
export interface TrialFile {
  readonly runtime: Runtime;
  readonly model: ModelProto & { graph: GraphProto };
  /** For the image. */
  readonly input: ValueInfoProto;
  /** Whether that is [b, h, w, c]. */
  readonly last: boolean;
  /** Of each draw the tensor that the file itself draws; null: it is an input of the file's. */
  readonly drawn: ReadonlyMap<string, string | null>;
  /** Why nothing can be tried in what runs it; null: it can. */
  readonly refuses: string | null;
  feed(image: Float32NdArray, draws: ReadonlyMap<string, NdArray>): ReadonlyMap<string, NdArray>;
  tensorOf(output: string): string | null;
  /** What was thrown at this image, as a UserError where the file is refused. */
  explain(thrown: unknown, image: readonly number[]): unknown;
  /** Throws a UserError of what is refused. */
  run(
    feeds: ReadonlyMap<string, NdArray>,
    image: readonly number[],
    tensors: readonly string[],
  ): Promise<ReadonlyMap<string, Float32NdArray>>;
}

/**
 * The shape that a draw has for this image: of what the file draws itself, what it would draw; of an input, the free
 * first axis follows the batch. Null where that cannot be said.
 */
export async function shapeOfDraw(
  name: string,
  draws: ReadonlyMap<string, NdArray>,
  image: Float32NdArray,
  times: number,
  { drawn, model, runtime, feed, input }: TrialFile,
): Promise<readonly number[] | null> {
  const tensor = drawn.get(name) ?? null;
  if (tensor !== null) {
    const graph = dropUnread({ ...model.graph, output: [{ name: tensor }] });
    const session = await runtime.openSession(encodeModel({ ...model, graph }), 'disabled', { logSeverityLevel: 4 });
    const read = new Set(listFreeInputs(graph).map((one) => one.name));
    const feeds = new Map([...feed(image, draws)].filter(([fed]) => read.has(fed)));
    try {
      // It reads the image alone, or what it reads is not known.
      if ([...read].some((one) => one !== input.name)) return null;
      return (await session.run(feeds)).get(tensor)?.shape ?? null;
    } finally {
      await session.release();
    }
  }
  const { shape } = draws.get(name)!;
  const declared = listFreeInputs(model.graph).find((one) => one.name === name)?.type?.tensorType?.shape?.dim;
  const isFixed = (axis: number) => (declared?.[axis]?.dimValue ?? 0n) > 0n;
  if (declared === undefined) return null;
  if (isFixed(0)) return shape;
  return [times * shape[0]!, ...shape.slice(1)];
}
