import { basename, extname, join } from 'node:path';
import { readPlain } from '../../../harness/support/plain-file.js';
import { decodePng } from '../../../pipeline/image/decode-png.js';
import { type ListedImage, listImagesOfPaddleSeg } from '../../../pipeline/predict/list-images.js';
import { datasetClasses } from '../../../pipeline/yml/dataset-classes.js';
import { modelSection, readPaddleSegConfig } from '../../../pipeline/yml/paddleseg-yml.js';
import { readArtefacts } from '../../steps/artefacts.js';
import { openMaskLook } from '../../steps/describe-masks.js';
import { check, type Judgement } from '../../steps/judgement.js';
import { sizeSeen } from '../../steps/size-seen.js';
import type { Translation } from '../../steps/translation.js';
import { readToolDeploy, type ToolDeploy } from './read-tool-deploy.js';

/** A mask of every picture, made by this step, of the size that the network saw, with classes that exist. */
export async function judgeToolInference(
  { request, folder, config }: Translation,
  startedAtMs: number,
): Promise<Omit<Judgement, 'engine'>> {
  const images = await listImagesOfPaddleSeg(request.value('--image_path')!);
  const masks = images.map((image) => ({ image, path: join(folder, maskName(image)) }));
  const { artefacts, check: files } = await readArtefacts([...new Set(masks.map(({ path }) => path))], startedAtMs);
  if (files.verdict !== 'pass') return { artefacts, checks: [files], figures: { images: artefacts.length } };
  const deploy = await readToolDeploy(request.value('--config')!);
  const look = openMaskLook();
  const looked = await checkMasks(masks, deploy, config === null ? null : await countClasses(config.path), look);
  return {
    artefacts,
    checks: [
      files,
      // Pictures of one name in several folders have one mask.
      check('pictures', artefacts.length === images.length, `${artefacts.length} masks, of ${images.length} pictures`),
      looked,
    ],
    observed: look.describe(),
    figures: { images: artefacts.length },
  };
}

/** Source: Predictor._save_imgs in deploy/python/infer.py, 2.8.0. */
function maskName({ path }: ListedImage): string {
  return `${basename(path, extname(path))}.png`;
}

async function checkMasks(
  masks: readonly { readonly image: ListedImage; readonly path: string }[],
  { transforms }: ToolDeploy,
  classes: number | null,
  look: ReturnType<typeof openMaskLook>,
) {
  for (const { image, path } of masks) {
    const png = decodePng(await readPlain(path), `the mask ${path}`);
    look.add(png);
    const wanted = await sizeSeen(image.path, transforms);
    if (wanted !== null && (png.width !== wanted.width || png.height !== wanted.height))
      return check('masks', false, `${path} is ${png.width}×${png.height}; ${wanted.width}×${wanted.height} is wanted`);
    const stray = classes === null ? undefined : png.data.find((label) => label >= classes);
    if (stray !== undefined) return check('masks', false, `${path} holds the class ${stray}; there are ${classes}`);
  }
  return check('masks', masks.length > 0, `${masks.length} were read again; their sizes and classes can be`);
}

async function countClasses(yml: string): Promise<number | null> {
  const config = await readPaddleSegConfig(yml);
  const { num_classes: own } = modelSection(config);
  const { type } = (config.values.train_dataset ?? {}) as { readonly type?: unknown };
  return typeof own === 'number' ? own : (datasetClasses.get(String(type)) ?? null);
}
