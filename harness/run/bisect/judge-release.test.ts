import t from 'tap';
import { float32NdArray } from '../../contract/nd-array.js';
import type { RecordedProbeSink } from '../../hosts/messages.js';
import type { HostInferRequest, PortHost } from '../../hosts/subprocess-host.js';
import { watch } from './judge-release.js';

/** Gives each probe that is asked for, and counts its runs. */
const host = () => {
  let runs = 0;
  return {
    async infer({ probes }: HostInferRequest, sink: RecordedProbeSink) {
      runs += 1;
      for (const { name } of probes) sink({ name, shape: [1], value: Float32Array.of(runs), nonFinite: 0 });
      return { durationMs: 0, buildMs: 0, peakRssMb: 0 };
    },
  } as unknown as PortHost;
};
const run = (name: string, replaced: readonly string[], isPart: boolean): HostInferRequest => ({
  ...{ inputs: new Map(), draws: new Map(), probes: [{ name, sample: null }] },
  replacements: new Map(replaced.map((one) => [one, float32NdArray([1], Float32Array.of(0))])),
  ...(isPart && { isPart }),
});

t.test('runs are told from one another, in parts as well', async (t) => {
  for (const isPart of [false, true]) {
    const bits = {
      plain: new Map<string, string>(),
      own: new Map<string, string>(),
      shipped: new Map<string, string>(),
    };
    const watched = watch(host(), bits);
    const runs = isPart
      ? [
          run('a', [], true),
          run('logits', [], true),
          run('logits', [], false),
          run('a', [], true),
          run('logits', ['a'], true),
        ]
      : [run('logits', [], false), run('logits', [], false), run('logits', ['a'], false)];
    for (const request of runs) await watched.infer(request, () => undefined);
    t.strictSame([...bits.shipped.keys()], ['logits']);
    for (const kind of ['plain', 'own'] as const)
      t.strictSame([...bits[kind].keys()], isPart ? ['a', 'logits'] : ['logits'], kind);
    t.equal(new Set([bits.plain, bits.own, bits.shipped].map((one) => one.get('logits'))).size, 3, 'each its own');
  }
});
