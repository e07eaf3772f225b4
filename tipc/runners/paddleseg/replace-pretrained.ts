import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { writeAtomicFile } from '../../../harness/support/atomic-file.js';
import { modelSection, readPaddleSegConfig } from '../../../pipeline/yml/paddleseg-yml.js';
import { pretrainedDeviation } from '../../steps/changes.js';
import type { ResolvedConfig } from '../../steps/resolve-config.js';

/**
 * A yml that names other pretrained weights, or none: PaddleSeg's tools have no option for them, and load them wherever
 * they build the model.
 * @param pretrained `none`, or a path; null: as the yml says
 * @param folder where the yml is written
 */
export async function replacePretrained(
  config: ResolvedConfig,
  pretrained: string | null,
  folder: string,
): Promise<ResolvedConfig> {
  if (pretrained === null) return config;
  const section = modelSection(await readPaddleSegConfig(config.path));
  const value = pretrained === 'none' ? null : resolve(pretrained);
  // The whole model's weights go before those of its backbone.
  const model =
    typeof section.pretrained === 'string' || !isMapping(section.backbone)
      ? { pretrained: value }
      : { backbone: { pretrained: value } };
  const path = join(folder, `${basename(config.path, extname(config.path))}_pretrained.yml`);
  const text = stringify({ _base_: relative(dirname(resolve(path)), resolve(config.path)), model });
  await writeAtomicFile(path, `# ${config.path}: --pretrained ${pretrained}\n${text}`);
  const { train, infer } = config.deviations;
  return { ...config, path, deviations: { train: [...train, pretrainedDeviation(pretrained)], infer } };
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
