import { join } from 'node:path';
import type { Artefact, RecordedConfig, RunInputs } from '../../harness/result/record/tipc-run.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { listConfigFiles, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { type ResolvedConfig, resolvePath } from '../steps/resolve-config.js';
import { hashValue } from './canonical-json.js';
import { FileHashes } from './file-hashes.js';
import type { InputsRequest } from './inputs-request.js';
import { listWeights } from './list-weights.js';
import { manifestFile, renderManifest } from './manifest.js';
import { listData, recordData } from './record-data.js';

/**
 * Hashes all that a run reads and does not make: the text file, the ymls with their bases, lists and what they name,
 * and weights; and writes them to a manifest in the run's folder. Every file is read whole.
 * @param hashes gets them
 */
export async function recordInputs(
  request: InputsRequest,
  folder: string,
  hashes = new FileHashes(),
): Promise<RunInputs> {
  const { path, configs } = request;
  const recorded: RecordedConfig[] = [];
  await hashes.read([path]);
  for (const [name, config] of configs) {
    await hashes.read([...(await listConfigFiles(config.path)), ...(config.deployed === undefined ? [] : [name])]);
    recorded.push(await recordConfig(name, config));
  }
  const data = await listData(request);
  for (const { list, pairs } of data) {
    await hashes.read(list === null ? [] : [list]);
    await hashes.read((pairs ?? []).flatMap(({ image, label }) => (label === null ? [image] : [image, label])));
  }
  const weights = await listWeights(request);
  await hashes.read(weights);
  return {
    configs: recorded,
    data: await Promise.all(data.map((one) => recordData(one, hashes))),
    weights: weights.flatMap((path): Artefact[] => {
      const found = hashes.of(path);
      return found === null ? [] : [{ path, ...found }];
    }),
    manifest: await writeManifest(folder, hashes),
  };
}

/**
 * What the command names says the same whether a smaller yml runs in its place or not. Of a deploy.yaml the model is
 * what counts.
 */
async function recordConfig(name: string, { path, deployed }: ResolvedConfig): Promise<RecordedConfig> {
  const used = { path, sha256: await hashConfig(path) };
  const own = deployed === undefined ? resolvePath(name).path : path;
  return { name, sha256: own === path ? used.sha256 : await hashConfig(own), used };
}

async function hashConfig(path: string): Promise<string> {
  return hashValue((await readPaddleSegConfig(path)).values);
}

async function writeManifest(folder: string, hashes: FileHashes): Promise<Artefact> {
  const path = join(folder, manifestFile);
  await writeAtomicFile(path, renderManifest(hashes.all()));
  const written = new FileHashes();
  await written.read([path]);
  return { path, ...written.of(path)! };
}
