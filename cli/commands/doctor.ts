import type { Device } from '../../harness/contract/device.js';
import { defaultPorts } from '../../harness/hosts/read-ports.js';
import { outLines } from '../../harness/support/console.js';
import { diagnose } from '../../scripts/diagnose.js';
import { renderDiagnosis } from '../../scripts/render-diagnosis.js';
import { deviceOption } from '../options/device.js';
import type { Program } from '../program.js';

interface DoctorOptions {
  readonly json?: boolean;
  readonly device: Device;
}

export function register(program: Program): void {
  program
    .command('doctor')
    .helpGroup('Set up:')
    .summary('say what each engine found, and why not')
    .description(
      `Starts every engine and prints what it found: version, device, provider, TF32; or why it does not run. Also what the set-up needs. Exit codes: 0 the ports ${defaultPorts.join(' and ')} run, 3 one of them does not.`,
    )
    .addOption(deviceOption)
    .option('--json', 'print JSON')
    .endsWith(async ({ json, device }: DoctorOptions) => {
      const diagnosis = await diagnose(device);
      outLines(json === true ? JSON.stringify(diagnosis, null, 2) : renderDiagnosis(diagnosis));
      return diagnosis.ready ? 0 : 3;
    });
}
