import { join } from 'node:path';
import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import type { Bundle } from '../../harness/golden/bundle.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { type Contender, imageOf, type Size, startPortContender, tileImage } from './contenders.js';
import { exportedModel, networkArguments, type Peers, startPeers } from './peers.js';
import { type RaceRow, raceContenders, type Start } from './race.js';

export interface ForwardRequest {
  /** Of phase infer: whose network runs. */
  readonly bundle: Bundle;
  readonly size: Size;
  readonly rounds: number;
  readonly peers: Peers;
  readonly say: (line: string) => void;
}

/** One forward of the bundle's network in each contender, round after round. */
export async function benchForward(request: ForwardRequest): Promise<RaceRow[]> {
  return raceContenders(listStarts(request), request);
}

function listStarts({ bundle, size, peers, say }: ForwardRequest): readonly Start[] {
  const image = tileImage(imageOf(bundle), size);
  const ours: Start[] = ['ort', 'tfjs'].map((name) => [
    name,
    async () => [await startPortContender(name, resolvePort(name), bundle, image)],
  ]);
  const args = networkArguments(bundle.model, size);
  if (peers === 'none') return ours;
  if (peers === 'paddle') return [...ours, ['paddle', () => startPeers(['paddle'], args, say)]];
  const exported = exportedModel(bundle.id, size);
  return [
    ...ours,
    ['peers', () => startPeers(['paddle', 'openvino'], [...args, '--export', exported], say)],
    [paddle2onnxName, () => startExported(exported, bundle, image)],
  ];
}

async function startExported(path: string, bundle: Bundle, image: Float32NdArray): Promise<readonly Contender[]> {
  const module = join(import.meta.dirname, 'plain-onnx-port.js');
  const port = { name: paddle2onnxName, about: null, module, settings: { path } } as const;
  return [await startPortContender(paddle2onnxName, port, { ...bundle, weights: [], parameters: new Map() }, image)];
}

export const paddle2onnxName = 'paddle2onnx in onnxruntime-node';
