import type { Device } from '../../harness/contract/device.js';
import type { EngineReport } from '../../harness/contract/engine-report.js';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { GivenResult, LoadedModel, Port } from '../../harness/contract/port.js';
import { uniform } from '../../harness/golden/seeded.js';
import { runsGraphs } from '../../harness/hosts/read-ports.js';
import { EnvironmentError } from '../../harness/support/errors.js';
import { findSegmenter } from '../../models/find-segmenter.js';
import { findModel } from '../../models/registry.js';
import type { DeployFile } from '../deploy/deploy-file.js';
import { type DrawnBases, drawBases } from '../infer/open-network.js';
import { readModelWeights } from '../weights/export-weights.js';
import { loadGraph } from './load-weights.js';
import { openPort } from './open-port.js';

/** An exported model that takes batches. */
export interface DeployedModel {
  readonly report: EngineReport;
  /** Which file is run. */
  readonly said: string;
  /** What `infer` gives where that is not logits. */
  readonly result?: GivenResult;
  /**
   * [b, c, h, w] to logits [b, classes, h, w], or to class numbers [b, 1, h, w]; the array may be used again by the
   * next call.
   */
  infer(image: Float32NdArray): Promise<Float32NdArray>;
  close(): Promise<void>;
}

export interface DeployedOptions {
  /**
   * One that runs graphs (`runsGraphs`) runs the graph itself; any other port takes the weights that the graph was made
   * of.
   */
  readonly port: string;
  readonly device: Device;
  /** This process's own. */
  readonly environment: NodeJS.ProcessEnv;
  readonly threads?: number;
  readonly bases: DrawnBases;
  /** A seed by which each weight is moved by up to an ulp; absent: none is. Not of a graph, which holds its weights. */
  readonly rounding?: number;
}

export async function openDeployed(file: DeployFile, options: DeployedOptions): Promise<DeployedModel> {
  const definition = await findSegmenter(file.section, 'infer with');
  const config = definition.parse(file.section);
  let calls = 0;
  const isNormal = (name: string) => definition.drawsNormal?.(config, name) ?? false;
  const draw = (image: Float32NdArray) =>
    drawBases(definition.draws(config, image.shape), options.bases, calls++, isNormal);
  return runsGraphs(options.port) ? openGraph(file, options, draw) : openWeights(file, options, draw);
}

type Draw = (image: Float32NdArray) => Map<string, NdArray>;

/** By the rules for a user's file: somebody may have put another graph there. */
async function openGraph(
  file: DeployFile,
  { device, environment, threads }: DeployedOptions,
  draw: Draw,
): Promise<DeployedModel> {
  const { port, loaded, said } = await loadGraph(file.model, file.section, { device, environment, threads });
  return openLoaded(port, loaded, draw, said);
}

function openLoaded(port: Port, loaded: LoadedModel, draw: Draw, said: string): DeployedModel {
  return {
    report: port.report,
    said,
    ...(loaded.result === undefined ? {} : { result: loaded.result }),
    async infer(image) {
      let found: Float32NdArray | undefined;
      const inputs = new Map([['image', image]]);
      const request = { inputs, draws: draw(image), probes: ['logits'], replacements: new Map() };
      await loaded.infer(request, (probe, value) => {
        if (probe === 'logits') found = float32NdArray(value.shape, value.data.slice()); // a port may use its array again
      });
      return validateLogits(found, image);
    },
    async close() {
      await loaded.dispose();
      await port.close();
    },
  };
}

async function openWeights(
  file: DeployFile,
  { port: name, device, environment, threads, rounding }: DeployedOptions,
  draw: Draw,
): Promise<DeployedModel> {
  const definition = await findModel(file.section);
  const read = await readModelWeights(file.params, definition.parameters(definition.parse(file.section)));
  const weights =
    rounding === undefined ? read : new Map([...read].map(([key, one]) => [key, moveByUlps(one, rounding, key)]));
  const port = await openPort(name, device, environment, threads);
  const loaded = await port.load(file.section, weights);
  return openLoaded(port, loaded, draw, `${weights.size} tensors of ${file.params}, which the graph was made of`);
}

/** Each number moved by up to an ulp, either way, by seeded draws: what rounding does to an input. */
export function moveByUlps({ shape, data }: Float32NdArray, seed: number, name: string): Float32NdArray {
  const drawn = uniform(seed, `rounding/${name}`, data.length);
  return float32NdArray(
    shape,
    data.map((value, at) => value * (1 + 2 ** -23 * (2 * drawn[at]! - 1))),
  );
}

function validateLogits(found: Float32NdArray | undefined, { shape: [b, , h, w] }: Float32NdArray): Float32NdArray {
  const shape = found?.shape ?? [];
  if (found !== undefined && shape.length === 4 && shape[0] === b && shape[2] === h && shape[3] === w) return found;
  throw new EnvironmentError(
    `Cannot infer: the logits are ${found === undefined ? 'missing' : `[${shape.join(', ')}]`}; [${b}, classes, ${h}, ${w}] is wanted`,
  );
}
