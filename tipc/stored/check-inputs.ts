import { resolve } from 'node:path';
import type { RecordedConfig, RunInputs, TipcRun } from '../../harness/result/record/tipc-run.js';
import { type Findings, joinFindings, noFindings } from '../../harness/run/findings.js';
import { UserError } from '../../harness/support/errors.js';
import { readTextOrNull } from '../../harness/support/read-text.js';
import { listConfigFiles, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { hashValue } from '../inputs/canonical-json.js';
import { hashOrNull } from '../inputs/file-hashes.js';
import { parseManifest } from '../inputs/manifest.js';
import { findStandIn, findWithin } from '../inputs/stand-in.js';
import { checkData } from './check-data.js';
import { checkHeldFiles, type HeldFiles } from './check-held-files.js';
import { locateFile, type RunPlace } from './run-place.js';

/** Every file that the run read is what it was, and so are what its ymls say and where its data are from. */
export async function checkInputs(place: RunPlace, tipc: TipcRun, command: readonly string[]): Promise<Findings> {
  const { inputs } = tipc;
  if (inputs === null)
    return {
      ...noFindings,
      unchecked: [
        'what it stands on (ymls, lists, pictures, labels), for the run is of a version that did not record it',
      ],
    };
  const { path, sha256 } = inputs.manifest;
  const manifest = await checkHeldFiles(place, new Map([[path, new Set([sha256])]]), {
    plural: 'manifests',
    recorder: 'the run recorded',
    ...{ mustBeThere: true, mayBeAside: false },
  });
  const text = manifest.faults.length > 0 ? null : await readTextOrNull(locateFile(place, path));
  const files = text === null ? null : parseManifest(text);
  const found: Findings[] = [manifest];
  if (text !== null && files === null)
    found.push({ ...noFindings, faults: [`${path} is not a list of files with hashes`] });
  if (files !== null) {
    // The text file is looked at for itself.
    const others = files.filter(([file]) => file !== tipc.file);
    const held: HeldFiles = new Map(others.map(([file, hash]) => [file, new Set([hash])]));
    const kind = {
      plural: 'files that it read',
      recorder: 'the run read one with',
      mustBeThere: false,
      mayBeAside: false,
    };
    const read = await checkHeldFiles(place, held, kind);
    const isWhole = read.away === 0 && place.isKnown && place.isOurVersion;
    found.push(read);
    if (read.faults.length === 0) found.push(await checkData(place, { ...tipc, inputs }, command, { files, isWhole }));
    found.push({ ...noFindings, faults: await findOtherOrigins(place, inputs, files) });
  }
  for (const config of inputs.configs) found.push(await checkConfig(place, config));
  return joinFindings(found);
}

/** Of the very files a yml gives the same values in one version. */
async function checkConfig(place: RunPlace, { used }: RecordedConfig): Promise<Findings> {
  const path = locateFile(place, used.path);
  if ((await hashOrNull(path)) === null) return noFindings;
  const bases = await listConfigFiles(path).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  // That one is away is said of the files that were read: a base, of a folder that was downloaded.
  if (!place.isOurVersion || bases === null) return noFindings;
  try {
    const found = hashValue((await readPaddleSegConfig(path)).values);
    if (found === used.sha256) return noFindings;
    return {
      ...noFindings,
      faults: [`${used.path} says something else now: the hash of its values is ${found}; the run used ${used.sha256}`],
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...noFindings, faults: [`${used.path} cannot be read as it was: ${error.message}`] };
  }
}

/** Data that stand in for others are not made the user's own by hand. */
async function findOtherOrigins(
  { start }: RunPlace,
  { data }: RunInputs,
  files: readonly (readonly [path: string, sha256: string])[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, type, root, standsInFor } of data) {
    const folder = resolve(start, root);
    const found = await findStandIn({ root: folder, type, pictures: findWithin(root, files, start) });
    if (found !== standsInFor && found !== null)
      faults.push(
        `${name}: its data stand in for ${found}; result.json says ${standsInFor === null ? 'that they do not' : standsInFor}`,
      );
  }
  return faults;
}
