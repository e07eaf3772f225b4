import { dirname, join, relative, resolve } from 'node:path';
import { portThatCan, portWithoutGraphs } from '../../../harness/hosts/read-ports.js';
import { writeAtomicFile } from '../../../harness/support/atomic-file.js';
import { EnvironmentError, UserError } from '../../../harness/support/errors.js';
import { hashFile } from '../../../harness/support/hash-file.js';
import { readDeployFile } from '../../../pipeline/deploy/deploy-file.js';
import type { InferRecord } from '../../../pipeline/tools/records.js';
import { readRecord } from '../../steps/read-record.js';
import { runLogged } from '../../steps/run-logged.js';

/** Runs the exported graph. */
export const graphPort = portThatCan('graph').name;
/** Runs the weights that it was made of, and shares no line with the exporter. */
export const eagerPort = portWithoutGraphs().name;

/** Of `graphPort` and of `eagerPort`. */
export interface GraphRuns {
  readonly graph: InferRecord;
  readonly eager: InferRecord;
}

/** The judge's own run ended with exit code 2: what it was given to judge is at fault. */
export class UnusableInput extends UserError {}

/** Draws by which the noise is measured. */
const draws = 2;

/**
 * Runs both on the same pictures, once for each exported model and batch size. A model is what its files hold: a later
 * row may export another one into the same folder.
 * @param folder for what they leave
 */
export function openGraphRuns(folder: string) {
  const runs = new Map<string, Promise<GraphRuns>>();
  return async (deploy: string, images: readonly string[], batchSize: number): Promise<GraphRuns> => {
    const { model, params } = await readDeployFile(deploy);
    const files = await Promise.all([deploy, model, params].map(async (path) => [path, await hashFile(path)]));
    const key = JSON.stringify([files, images, batchSize]);
    const found = runs.get(key) ?? runBoth(join(folder, `judge-${runs.size + 1}`), deploy, images, batchSize);
    runs.set(key, found);
    return found;
  };
}

async function runBoth(
  folder: string,
  deploy: string,
  images: readonly string[],
  batchSize: number,
): Promise<GraphRuns> {
  const list = join(folder, 'pictures.list');
  await writeAtomicFile(list, images.map((path) => `${relative(dirname(resolve(list)), resolve(path))}\n`).join(''));
  const run = async (port: string, more: readonly string[]): Promise<InferRecord> => {
    const record = join(folder, `${port}.json`);
    const args = [
      ...['infer', '--config', deploy, '--image_path', list, '--port', port, '--device', 'cpu'],
      ...['--batch_size', String(batchSize), '--save_dir', join(folder, port)],
      ...['--json', record, '--keep_logits', String(images.length), ...more],
    ];
    const { exitCode, signal, lastWord } = await runLogged(args, join(folder, `${port}.log`));
    if (exitCode !== 0) {
      const why = `Cannot judge ${deploy}: ${port} did not run it (${signal === null ? `exit code ${exitCode}` : signal}): ${lastWord}`;
      throw exitCode === 2 ? new UnusableInput(why) : new EnvironmentError(why);
    }
    return readRecord<InferRecord>(record);
  };
  return { graph: await run(graphPort, []), eager: await run(eagerPort, ['--rounding', String(draws)]) };
}
