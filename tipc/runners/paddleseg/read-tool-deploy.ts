import { dirname, join } from 'node:path';
import { UserError } from '../../../harness/support/errors.js';
import { whyUnread } from '../../../harness/support/explain-system.js';
import { readPlainText } from '../../../harness/support/plain-file.js';
import { parseYaml11, plainValue } from '../../../pipeline/yml/yaml11.js';

/** A deploy.yaml of tools/export.py. */
export interface ToolDeploy {
  /** Paths of the graph and of its weights. */
  readonly model: string;
  readonly params: string;
  readonly transforms: readonly Readonly<Record<string, unknown>>[];
}

/** @throws UserError where the file is not there, or names no graph, weights or transforms */
export async function readToolDeploy(path: string): Promise<ToolDeploy> {
  const text = await readPlainText(path).catch((error: unknown) => {
    const found = whyUnread(error, path);
    throw new UserError(`Cannot read ${path}: ${found}; the deploy.yaml of an exported model is wanted`);
  });
  const { Deploy: deploy } = plainValue(parseYaml11(text, path)) as { readonly Deploy?: Partial<ToolDeploy> };
  const { model, params, transforms } = deploy ?? {};
  if (typeof model !== 'string' || typeof params !== 'string' || !Array.isArray(transforms))
    throw new UserError(
      `Cannot read ${path}: Deploy lacks model, params or transforms; the deploy.yaml of an exported model is wanted`,
    );
  return { model: join(dirname(path), model), params: join(dirname(path), params), transforms };
}
