import { readFile } from 'node:fs/promises';
import { uniform } from '../../harness/golden/seeded.js';
import type { Device, EngineReport } from '../../harness/hosts/port-contract.js';
import { codeOf, EnvironmentError, messageOf, UserError } from '../../harness/support/errors.js';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/support/nd-array.js';
import { findModel } from '../../models/registry.js';
import type { DeployFile } from '../../pipeline/deploy/deploy-file.js';
import { type DrawnBases, drawBases } from '../../pipeline/infer/open-network.js';
import { openRuntime } from '../../ports/ort/session.js';
import { readModelWeights } from '../export-weights.js';
import { openPort } from '../open-port.js';

/** An exported model that takes batches. */
export interface DeployedModel {
  readonly report: EngineReport;
  /** Which file is run. */
  readonly said: string;
  /** [b, 3, h, w] to logits [b, classes, h, w]; the array may be used again by the next call. */
  infer(image: Float32NdArray): Promise<Float32NdArray>;
  close(): Promise<void>;
}

export interface DeployedOptions {
  /** `ort` runs the graph itself; any other port takes the weights that the graph was made of. */
  readonly port: string;
  readonly device: Device;
  readonly threads?: number;
  readonly bases: DrawnBases;
  /** A seed by which each weight is moved by up to an ulp; absent: none is. Not of a graph, which holds its weights. */
  readonly rounding?: number;
}

export async function openDeployed(file: DeployFile, options: DeployedOptions): Promise<DeployedModel> {
  const definition = await findModel(file.section);
  const config = definition.parse(file.section);
  let calls = 0;
  const draw = (image: Float32NdArray) => drawBases(definition.draws(config, image.shape), options.bases, calls++);
  return options.port === 'ort' ? openGraph(file, options, draw) : openWeights(file, options, draw);
}

type Draw = (image: Float32NdArray) => Map<string, NdArray>;

async function openGraph(file: DeployFile, { device, threads }: DeployedOptions, draw: Draw): Promise<DeployedModel> {
  const bytes = await readGraph(file.model);
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  const runtime = await openRuntime({ device, ...(threads === undefined ? {} : { threads }) });
  const session = await runtime.openSession(bytes, 'all');
  return {
    report: runtime.report,
    said: `the graph ${file.model}`,
    async infer(image) {
      const found = (await session.run(new Map<string, NdArray>([['image', image], ...draw(image)]), ['logits'])).get(
        'logits',
      );
      return validateLogits(found, image);
    },
    close: () => session.release(),
  };
}

async function openWeights(
  file: DeployFile,
  { port: name, device, threads, rounding }: DeployedOptions,
  draw: Draw,
): Promise<DeployedModel> {
  const definition = await findModel(file.section);
  const read = await readModelWeights(file.params, definition.parameters(definition.parse(file.section)));
  const weights =
    rounding === undefined ? read : new Map([...read].map(([key, one]) => [key, moveByUlps(one, rounding, key)]));
  const port = await openPort(name, device, threads);
  const loaded = await port.load(file.section, weights);
  return {
    report: port.report,
    said: `${weights.size} tensors of ${file.params}, which the graph was made of`,
    async infer(image) {
      let found: Float32NdArray | undefined;
      const request = { image, draws: draw(image), probes: ['logits'], replacements: new Map() };
      await loaded.infer(request, (probe, value) => {
        if (probe === 'logits') found = value;
      });
      return validateLogits(found, image);
    },
    async close() {
      await loaded.dispose();
      await port.close();
    },
  };
}

/** Each number moved by up to an ulp, either way, by seeded draws: what rounding does to an input. */
export function moveByUlps({ shape, data }: Float32NdArray, seed: number, name: string): Float32NdArray {
  const drawn = uniform(seed, `rounding/${name}`, data.length);
  return float32NdArray(
    shape,
    data.map((value, at) => value * (1 + 2 ** -23 * (2 * drawn[at]! - 1))),
  );
}

async function readGraph(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new UserError(`Cannot read the graph ${path}: ${why}; an .onnx file is wanted`);
  }
}

function validateLogits(found: Float32NdArray | undefined, { shape: [b, , h, w] }: Float32NdArray): Float32NdArray {
  const shape = found?.shape ?? [];
  if (found !== undefined && shape.length === 4 && shape[0] === b && shape[2] === h && shape[3] === w) return found;
  throw new EnvironmentError(
    `Cannot infer: the logits are ${found === undefined ? 'missing' : `[${shape.join(', ')}]`}; [${b}, classes, ${h}, ${w}] is wanted`,
  );
}
