import { createHash } from 'node:crypto';
import type { Bundle } from './bundle.js';
import { readBundleFile, readBundleFiles } from './bundle-files.js';
import { parseDraws, parseInputs } from './bundle-inputs.js';
import { parseModel } from './bundle-model.js';
import { parseOutputs } from './bundle-outputs.js';
import { parseForwardProbes } from './bundle-probes.js';
import { parseTraining } from './bundle-training.js';
import { parseWeightSources } from './bundle-weights.js';
import { parseCaseFile } from './case-file.js';

/**
 * Reads a golden bundle (CONTRACT, sections 1 and 4) and validates all of it: the schema, every hash, every array that
 * case.json refers to, its dtype and shape, that goldens, inputs and weights are finite, that each parameter has a
 * value.
 * @throws UserError, one sentence that names file and field
 */
export async function readBundle(folder: string): Promise<Bundle> {
  const content = await readBundleFile(folder, 'case.json', 'it', 'a folder with a case.json is wanted');
  const source = `bundle ${folder}, case.json`;
  const file = parseCaseFile(content.toString('utf8'), source);
  const files = await readBundleFiles(folder, file.sha256);
  const parameters = new Map(Object.entries(file.parameters));
  return {
    format: file.format,
    id: file.id,
    folder,
    caseSha256: createHash('sha256').update(content).digest('hex'),
    phase: file.phase,
    model: parseModel(folder, files, file),
    reference: file.reference ?? 'paddle',
    parameters,
    weights: parseWeightSources(folder, files, file, parameters),
    inputs: parseInputs(files, file),
    outputs: parseOutputs(folder, file),
    draws: parseDraws(files, file.draws, 'draws'),
    probes: parseForwardProbes(folder, files, file),
    train:
      file.train === undefined
        ? null
        : parseTraining(folder, files, file.train, { parameters, reference: file.reference ?? 'paddle' }),
    madeBy: file.made_by ?? {},
  };
}
