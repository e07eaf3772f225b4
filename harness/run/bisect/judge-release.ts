import { createHash } from 'node:crypto';
import type { Bundle } from '../../golden/bundle.js';
import type { RecordedProbe } from '../../hosts/messages.js';
import type { PortTarget } from '../../hosts/resolve-port.js';
import type { PortHost } from '../../hosts/subprocess-host.js';
import type { CaseResult } from '../../result/record/case-result.js';
import { cannotHere, EnvironmentError } from '../../support/errors.js';
import { planRun } from '../plan.js';
import { runPlan } from '../run.js';
import { startHost, startOptions } from '../start-host.js';

/** What came of a bundle in one release of an engine. */
export interface JudgedRelease {
  readonly release: string;
  readonly result: CaseResult;
  readonly bits: Bits;
}

/** Hashes of what the release gave, by probe. */
export interface Bits {
  readonly plain: ReadonlyMap<string, string>;
  /** With goldens in place of what comes before: what differs here differs in the layer itself. */
  readonly own: ReadonlyMap<string, string>;
  /** Outputs of the graph that users run. */
  readonly shipped: ReadonlyMap<string, string>;
}

/**
 * Judges a bundle as `judge` does.
 * @param port runs in the release
 * @throws what the port could not run for
 */
export async function judgeRelease(release: string, port: PortTarget, bundle: Bundle): Promise<JudgedRelease> {
  const bits = { plain: new Map<string, string>(), own: new Map<string, string>(), shipped: new Map<string, string>() };
  const start = startOptions({ device: 'cpu' });
  const early = {
    take: async () => {
      const host = await startHost(start, port);
      if (host.started.report.version === release) return watch(host, bits);
      await host.close();
      throw otherRelease(host, release);
    },
    close: async () => undefined,
  };
  const [result] = await runPlan(planRun({ ports: [port], bundles: [bundle], ...start, early }));
  if (result!.verdict === 'error') throw new EnvironmentError(result!.reason ?? `${port.name} could not run`);
  return { release, result: result!, bits };
}

/** Another engine than the one asked for would make all releases alike. */
function otherRelease({ name, started }: PortHost, release: string): EnvironmentError {
  const { engine, version } = started.report;
  return cannotHere('run', `${name} in ${release}`, `${engine} ${version} was loaded`, `${release} is wanted`);
}

/** A host that hashes what passes. */
export function watch(host: PortHost, bits: Record<keyof Bits, Map<string, string>>): PortHost {
  let runs = 0;
  const infer: PortHost['infer'] = (request, onProbe) => {
    const isPlain = runs === 0;
    runs += 1;
    const runOf = (name: string): keyof Bits => {
      if (request.replacements.size > 0) return 'own';
      // Of a run in parts there are many, and one that replaces probes may read none. The graph that users run is one.
      if (request.isPart) return bits.plain.has(name) ? 'own' : 'plain';
      return isPlain ? 'plain' : 'shipped';
    };
    return host.infer(request, (recorded) => {
      bits[runOf(recorded.name)].set(recorded.name, hashOf(recorded));
      onProbe(recorded);
    });
  };
  return Object.create(host, { infer: { value: infer } }) as PortHost;
}

function hashOf({ shape, value }: RecordedProbe): string {
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return createHash('sha256').update(shape.join()).update(bytes).digest('hex');
}
