import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelSection } from '../harness/contract/port.js';
import { UserError } from '../harness/support/errors.js';
import { suggest } from '../harness/support/suggest.js';
import type { ModelDefinition } from './model-definition.js';
import type { ReleasedModel } from './released-model.js';

/** Where a port has its models from: bugs/ hands one in that gives broken ones. */
export interface ModelSource {
  readonly findModel: typeof findModel;
}

/** The definition of the section's `type`. Throws a UserError that names what is there. */
export async function findModel(section: ModelSection): Promise<ModelDefinition<unknown>> {
  const definitions = await readModels();
  const types = [...definitions.keys()];
  if (typeof section.type !== 'string') {
    throw new UserError(`Cannot find the model: its section has no type; one of ${types.join(', ')} is wanted`);
  }
  const found = definitions.get(section.type);
  if (found !== undefined) return found;
  throw new UserError(
    `Cannot find the model ${section.type}: no folder under models/ defines it; the types are ${types.join(', ')}.${suggest(section.type, types)}`,
  );
}

/** Every model by its type: each folder here that holds a model.js. The listing is the registry. */
export async function readModels(): Promise<ReadonlyMap<string, ModelDefinition<unknown>>> {
  const files = await readFiles<{ definition: ModelDefinition<unknown> }>('model.js');
  return new Map(files.flatMap(({ definition }) => definition.types.map((type) => [type, definition] as const)));
}

/** All weights that are known to be released: those of each folder here that holds a released.js. */
export async function readReleased(): Promise<readonly ReleasedModel[]> {
  const files = await readFiles<{ releasedModels: readonly ReleasedModel[] }>('released.js');
  return files.flatMap(({ releasedModels }) => releasedModels);
}

/** The file of this name in each folder that has one, by the folders' names. */
async function readFiles<File>(name: string): Promise<File[]> {
  const files: File[] = [];
  for (const folder of readdirSync(import.meta.dirname).sort()) {
    const path = join(import.meta.dirname, folder, name);
    if (existsSync(path)) files.push((await import(pathToFileURL(path).href)) as File);
  }
  return files;
}
