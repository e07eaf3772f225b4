import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { resolveBundleFolder } from '../../harness/golden/list-shipped.js';
import { readBundle } from '../../harness/golden/read-bundle.js';
import { resolvePort } from '../../harness/hosts/resolve-port.js';
import { messageOf } from '../../harness/support/errors.js';
import { type Contender, imageOf, median, startPortContender, tileImage } from './contenders.js';
import { exportedModel, startPeers } from './peers.js';

export interface ForwardRow {
  readonly name: string;
  /** Why it has no figures, or null. */
  readonly reason: string | null;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly peakRssMb: number;
  /** By baseline: the median of this contender's time over the baseline's in the same round. */
  readonly ratios: Readonly<Record<string, number>>;
}

export interface ForwardRequest {
  readonly height: number;
  readonly width: number;
  readonly rounds: number;
  /** Whether Paddle, paddle2onnx and OpenVINO run too. */
  readonly peers: boolean;
  readonly say: (line: string) => void;
}

/** Before a pass the others' worker threads must have stopped spinning. */
const restMs = 300;

/** One forward of MSCAN_T in each contender, round after round, so that all see the same machine. */
export async function benchForward(request: ForwardRequest): Promise<ForwardRow[]> {
  const failures: ForwardRow[] = [];
  const contenders: Contender[] = [];
  try {
    for (const [name, start] of await listStarts(request)) {
      try {
        contenders.push(...(await start()));
        request.say(`${name}: started`);
      } catch (error) {
        failures.push({ ...nothing, name, reason: `not run: ${messageOf(error).split('\n')[0]}` });
      }
    }
    return [...(await race(contenders, request)), ...failures];
  } finally {
    for (const contender of contenders) await contender.close();
  }
}

type Start = readonly [name: string, start: () => Promise<readonly Contender[]>];

async function listStarts({ height, width, peers, say }: ForwardRequest): Promise<readonly Start[]> {
  const bundle = await readBundle(resolveBundleFolder('segnext-t-large'));
  const image = tileImage(imageOf(bundle), height, width);
  const ours: Start[] = ['ort', 'tfjs'].map((name) => [
    name,
    async () => [await startPortContender(name, resolvePort(name), bundle, image)],
  ]);
  if (!peers) return ours;
  const module = join(import.meta.dirname, 'plain-onnx-port.js');
  return [
    ...ours,
    ['peers', () => startPeers({ height, width, say })],
    [
      paddle2onnxName,
      async () => {
        const settings = { path: exportedModel(height, width) };
        const port = { name: paddle2onnxName, kind: 'module', module, settings } as const;
        return [
          await startPortContender(paddle2onnxName, port, { ...bundle, weights: [], parameters: new Map() }, image),
        ];
      },
    ],
  ];
}

export const paddle2onnxName = 'paddle2onnx in onnxruntime-node';

async function race(contenders: readonly Contender[], { rounds, say }: ForwardRequest): Promise<ForwardRow[]> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const peaks = new Map<string, number>();
  for (let round = -1; round < rounds; round++) {
    for (const contender of contenders) {
      await rest(restMs);
      const { ms, peakRssMb } = await contender.run();
      peaks.set(contender.name, peakRssMb);
      if (round >= 0) times.get(contender.name)!.push(ms);
    }
    if (round >= 0) say(`round ${round + 1} of ${rounds}`);
  }
  return contenders.map(({ name }) => {
    const own = times.get(name)!;
    const ratios = [...times].map(
      ([baseline, theirs]) => [baseline, median(own.map((ms, i) => ms / theirs[i]!))] as const,
    );
    return {
      name,
      reason: null,
      medianMs: median(own),
      minMs: Math.min(...own),
      maxMs: Math.max(...own),
      peakRssMb: peaks.get(name)!,
      ratios: Object.fromEntries(ratios),
    };
  });
}

const nothing = { medianMs: Number.NaN, minMs: Number.NaN, maxMs: Number.NaN, peakRssMb: Number.NaN, ratios: {} };
