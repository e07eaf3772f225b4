import { delimiter, join } from 'node:path';
import { execaNode } from 'execa';
import { EnvironmentError } from '../../harness/support/errors.js';
import { parseJson } from '../../harness/support/parse-json.js';

export interface AddonReport {
  readonly tensorflow: string;
  readonly gpu: boolean;
}

/** TensorFlow loads in about two seconds; this is for machines that do much else. */
const timeoutMs = 180_000;

/**
 * Loads the addon in a process of its own and lets it multiply two matrices. Throws an EnvironmentError where that
 * fails.
 * @param libraries folders that the loader looks into
 */
export async function checkAddon(
  addonPath: string,
  packageFolder: string,
  libraries: readonly string[] = [],
): Promise<AddonReport> {
  const script = join(import.meta.dirname, 'try-tfjs.js');
  const env = {
    TF_CPP_MIN_LOG_LEVEL: '2',
    ...(libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(delimiter) } : {}),
  };
  const result = await execaNode(script, [addonPath, packageFolder], { reject: false, timeout: timeoutMs, env });
  if (result.exitCode !== 0) {
    const reason = result.stderr.split('\n').find((line) => line.includes('Error')) ?? describeEnd(result);
    throw new EnvironmentError(`Cannot load the addon of tfjs-node-gpu that was made: ${reason}`);
  }
  const said = result.stdout.trim().split('\n').at(-1) ?? '';
  const report = parseJson(said) as AddonReport & { readonly product: readonly number[] };
  if (String(report.product) !== '7,10,15,22') {
    throw new EnvironmentError(
      `Cannot use the addon of tfjs-node-gpu: 2×2 product is ${report.product}; 7,10,15,22 is right`,
    );
  }
  return { tensorflow: report.tensorflow, gpu: report.gpu };
}

function describeEnd(result: {
  signal?: string | undefined;
  exitCode?: number | undefined;
  timedOut: boolean;
}): string {
  if (result.timedOut) return `no answer for ${timeoutMs / 1000} s`;
  return result.signal === undefined ? `exit code ${result.exitCode}` : `signal ${result.signal}`;
}
