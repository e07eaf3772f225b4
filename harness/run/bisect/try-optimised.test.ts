import t from 'tap';
import { tinyBundle } from '../../../test/tiny-bundle.js';
import type { RecordedProbeSink } from '../../hosts/messages.js';
import type { HostInferRequest, PortHost } from '../../hosts/subprocess-host.js';
import type { PlannedCase } from '../plan.js';
import { tryOptimised } from './try-optimised.js';

const bundle = tinyBundle();
const logits = bundle.probes.filter(({ name }) => name === 'logits');

/** @param give what the engine gives */
const hostOf = (give: (sink: RecordedProbeSink) => void) =>
  ({
    optimise: async () => [],
    async infer(_: HostInferRequest, sink: RecordedProbeSink) {
      give(sink);
      return { durationMs: 0, buildMs: 0, peakRssMb: 0 };
    },
    alive: true,
  }) as unknown as PortHost;
const attempt = (give: (sink: RecordedProbeSink) => void) =>
  tryOptimised(hostOf(give), { bundle } as unknown as PlannedCase, logits, 'all', [], false);

t.test('outputs that are the goldens agree', async (t) => {
  const [{ name, shape, value }] = [logits[0]!];
  t.match(await attempt((sink) => sink({ name, shape, value, nonFinite: 0 })), {
    agrees: true,
    said: 'logits 0× noise, largest 0×',
  });
});

t.test('an output that the engine loses does not agree', async (t) => {
  t.match(await attempt(() => undefined), { agrees: false, said: 'no logits' });
});
