import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Device } from '../harness/contract/device.js';
import type { EngineReport } from '../harness/contract/engine-report.js';
import { defaultPorts } from '../harness/hosts/read-ports.js';
import { listBuiltInPorts, resolvePort } from '../harness/hosts/resolve-port.js';
import { startSubprocessHost } from '../harness/hosts/subprocess-host.js';
import { findTools, type Tool } from '../harness/setup/find-tools.js';
import { messageOf } from '../harness/support/errors.js';
import { resolveDevice } from '../harness/support/find-gpu.js';
import { findMpi } from '../pipeline/ranks/find-mpi.js';

export interface Diagnosis {
  /** Whether the ports that run without being asked for by name run. */
  readonly ready: boolean;
  readonly device: 'cpu' | 'gpu';
  readonly because: string;
  readonly node: { readonly version: string; readonly platform: string };
  readonly engines: readonly EngineDiagnosis[];
  readonly tools: readonly { readonly name: string; readonly found: string | null; readonly missing: string | null }[];
}

/** Either a report or a failure. */
export interface EngineDiagnosis {
  readonly port: string;
  readonly report: EngineReport | null;
  readonly failure: string | null;
}

/** TensorFlow starts in two seconds; a silent minute is a hang. */
const silenceMs = 60_000;

/** Starts every built-in port in a process of its own and reports what it says of itself, and what the set-up needs. */
export async function diagnose(asked: Device): Promise<Diagnosis> {
  const { device, because } = resolveDevice(asked);
  const engines: EngineDiagnosis[] = [];
  for (const port of listBuiltInPorts()) engines.push(await diagnosePort(port, asked));
  const { python, compiler } = await findTools();
  const runs = (port: string) => engines.some((engine) => engine.port === port && engine.report !== null);
  return {
    ready: defaultPorts.every(runs),
    device,
    because,
    node: { version: process.versions.node, platform: `${process.platform}-${process.arch}` },
    engines,
    tools: [
      describeTool('python', python),
      describeTool('compiler', compiler),
      describeTool('chromium', findChromium()),
      describeMpi(await findMpi()),
    ],
  };
}

async function diagnosePort(port: string, device: Device): Promise<EngineDiagnosis> {
  try {
    const host = await startSubprocessHost(port, { module: resolvePort(port).module, silenceMs, device });
    const { report } = host.started;
    await host.close();
    return { port, report, failure: null };
  } catch (error) {
    return { port, report: null, failure: messageOf(error) };
  }
}

function describeTool(name: string, tool: Tool) {
  if ('missing' in tool) return { name, found: null, missing: tool.missing };
  return { name, found: tool.version, missing: null };
}

/** Trainings and evaluations of one process do without. */
function describeMpi(mpi: Awaited<ReturnType<typeof findMpi>>) {
  return 'missing' in mpi
    ? { name: 'mpirun', found: null, missing: `optional, for several ranks (${mpi.missing})` }
    : { name: 'mpirun', found: mpi.version, missing: null };
}

/** Only the test of the report page uses it. */
function findChromium(): Tool {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return { command: found, version: found };
  }
  return { missing: 'optional, for the test of the report page (Debian: apt install chromium)' };
}
