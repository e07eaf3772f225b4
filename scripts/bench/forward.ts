import { join } from 'node:path';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { imageOf, startPortContender, tileImage } from './contenders.js';
import { exportedModel, startPeers } from './peers.js';
import { type RaceRow, raceContenders, type Start } from './race.js';

export interface ForwardRequest {
  readonly height: number;
  readonly width: number;
  readonly rounds: number;
  /** Whether Paddle, paddle2onnx and OpenVINO run too. */
  readonly peers: boolean;
  readonly say: (line: string) => void;
}

/** One forward of MSCAN_T in each contender, round after round. */
export async function benchForward(request: ForwardRequest): Promise<RaceRow[]> {
  return raceContenders(await listStarts(request), request);
}

async function listStarts({ height, width, peers, say }: ForwardRequest): Promise<readonly Start[]> {
  const bundle = await readBundle(resolveBundleFolder('segnext-t-large'));
  const image = tileImage(imageOf(bundle), height, width);
  const ours: Start[] = ['ort', 'tfjs'].map((name) => [
    name,
    async () => [await startPortContender(name, resolvePort(name), bundle, image)],
  ]);
  if (!peers) return ours;
  const module = join(import.meta.dirname, 'plain-onnx-port.js');
  const exported = exportedModel(height, width);
  return [
    ...ours,
    ['peers', () => startPeers(['paddle', 'openvino'], ['--size', `${height}x${width}`, '--export', exported], say)],
    [
      paddle2onnxName,
      async () => {
        const port = { name: paddle2onnxName, about: null, module, settings: { path: exported } } as const;
        return [
          await startPortContender(paddle2onnxName, port, { ...bundle, weights: [], parameters: new Map() }, image),
        ];
      },
    ],
  ];
}

export const paddle2onnxName = 'paddle2onnx in onnxruntime-node';
