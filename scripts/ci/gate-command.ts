import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namedPorts, portThatCan } from '../../harness/hosts/read-ports.js';
import { resolveGraph } from '../../harness/hosts/resolve-port.js';
import { UserError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import type { GateInputs } from './gate-inputs.js';

/** The command line of `tipcheck` that judges what a gate is asked for and writes its report into `folder`. */
export function judgeCommand(inputs: GateInputs, folder: string): string[] {
  const { port, bundles, suite, device, baseline, waivers } = inputs;
  const common = [
    ...['--device', device],
    ...(baseline === null ? [] : ['--baseline', baseline]),
    ...(waivers === null ? [] : ['--waivers', waivers]),
  ];
  if (suite === null) return ['judge', ...common, '--report', folder, '--', port, ...bundles];
  const [model = '', mode = ''] = suite.split('/');
  const file = join(packageRoot, 'configs', 'tipc', model, 'train_infer_js.txt');
  if (!/^[\w-]+\/[\w-]+$/.test(suite) || !existsSync(file))
    throw new UserError(`Cannot run the gate: there is no suite ${suite}; one that npx tipcheck list names is wanted`);
  return ['test', file, mode, ...common, ...(port === '' ? [] : ['--port', port]), '--reports', folder];
}

/** The command lines that make a port's engine ready: none for one that brings its own. */
export function prepareCommands({ port, device }: Pick<GateInputs, 'port' | 'device'>): string[][] {
  const engines = enginesOf(port);
  return engines.map((engine) => ['prepare', '--port', engine, '--device', device]);
}

function enginesOf(port: string): readonly string[] {
  if (port === '') return ['all'];
  if (resolveGraph(port, {}) !== null) return [portThatCan('graph').name];
  return namedPorts.filter(({ name, prepare }) => name === port && prepare !== null).map(({ name }) => name);
}
