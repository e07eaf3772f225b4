import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { ModelSection } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { whyUnread } from '../../harness/support/explain-system.js';
import { readPlainText } from '../../harness/support/plain-file.js';
import { parseYaml11, plainValue } from '../yml/yaml11.js';

/** A `deploy.yaml`: which graph and weights there are, and what is done to a picture before. */
export interface DeployFile {
  readonly path: string;
  /** Path of the graph, an .onnx file. */
  readonly model: string;
  /** Path of the weights that the graph was made of. */
  readonly params: string;
  /** The `transforms:` list, as in a yml. */
  readonly transforms: readonly unknown[];
  /** The `model:` section of the yml. */
  readonly section: ModelSection;
}

export interface DeployContents {
  readonly model: string;
  readonly params: string;
  readonly transforms: readonly unknown[];
  readonly inputShape: readonly number[];
  readonly section: ModelSection;
}

/**
 * Source: tools/export.py of PaddleSeg 2.8.0. Differs: the graph is an .onnx file that gives logits, of which `tipcheck
 * infer` takes the argmax; `Tipcheck` holds the yml's model section, by which other ports read the weights.
 */
export function renderDeployFile({ model, params, transforms, inputShape, section }: DeployContents): string {
  return stringify({
    Deploy: {
      input_shape: inputShape,
      model,
      output_dtype: 'float32',
      output_op: 'none',
      params,
      transforms,
    },
    Tipcheck: { model: section },
  });
}

/** Throws a UserError where the file is not there or was not written by `tipcheck export`. */
export async function readDeployFile(path: string): Promise<DeployFile> {
  const text = await readText(path);
  const values = plainValue(parseYaml11(text, path));
  const deploy = mappingAt(values, 'Deploy', path);
  const section = mappingAt(mappingAt(values, 'Tipcheck', path), 'model', path);
  const { model, params, transforms } = deploy;
  if (typeof model !== 'string' || typeof params !== 'string' || !Array.isArray(transforms))
    throw new UserError(
      `Cannot read ${path}: Deploy lacks model, params or transforms; a deploy.yaml that tipcheck export wrote is wanted`,
    );
  return { path, model: join(dirname(path), model), params: join(dirname(path), params), transforms, section };
}

async function readText(path: string): Promise<string> {
  try {
    return await readPlainText(path);
  } catch (error) {
    const why = whyUnread(error, path);
    throw new UserError(
      `Cannot read ${path}: ${why}; a deploy.yaml is wanted. Fix: npx tipcheck export --config <yml> --model_path <weights> --save_dir <folder>`,
    );
  }
}

function mappingAt(value: unknown, key: string, path: string): Readonly<Record<string, unknown>> {
  const inner = isMapping(value) ? value[key] : undefined;
  if (isMapping(inner)) return inner;
  throw new UserError(
    `Cannot read ${path}: it has no mapping ${key}; a deploy.yaml that tipcheck export wrote is wanted`,
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
