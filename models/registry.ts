import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelSection } from '../harness/contract/port.js';
import { UserError } from '../harness/support/errors.js';
import { suggest } from '../harness/support/suggest.js';
import type { ModelDefinition } from './model-definition.js';

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
  const models = new Map<string, ModelDefinition<unknown>>();
  for (const entry of readdirSync(import.meta.dirname, { withFileTypes: true })) {
    const path = join(import.meta.dirname, entry.name, 'model.js');
    if (!entry.isDirectory() || !existsSync(path)) continue;
    const { definition }: { definition: ModelDefinition<unknown> } = await import(pathToFileURL(path).href);
    models.set(definition.type, definition);
  }
  return models;
}
