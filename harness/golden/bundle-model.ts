import type { ModelSection } from '../contract/port.js';
import { cannot } from '../support/errors.js';
import type { Bundle } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { CaseFile } from './case-file.js';

/**
 * Whether the model is one that a framework holds, and no folder under models/. In format 1 its types are unknown ones.
 */
export function isForeignModel({ format, model: { type } }: Pick<Bundle, 'format' | 'model'>): boolean {
  if (format === 'golden-bundle/1') return false;
  return type === 'onnx' || (typeof type === 'string' && type.startsWith('torch:'));
}

/**
 * What the reference is. Format 2 has two forms that no model of the package validates: `torch:MODULE.CLASS`, and
 * `onnx` with a file that `sha256` lists. Throws a UserError.
 */
export function parseModel(folder: string, files: BundleFiles, { format, model }: CaseFile): ModelSection {
  if (format === 'golden-bundle/1') return model;
  const { type, file } = model as { readonly type: string; readonly file?: unknown };
  const fail = (is: string, wanted: string) => cannot('read', caseOf(folder), is, wanted);
  if (type.startsWith('torch:') && !/^torch:\w+(\.\w+)+$/u.test(type))
    throw fail(`model.type is ${JSON.stringify(type)}`, 'torch:MODULE.CLASS is wanted');
  if (type !== 'onnx') return model;
  if (typeof file !== 'string') throw fail('model.type is onnx without a file', 'model.file is wanted');
  files.bytes(file, 'model.file');
  return model;
}
