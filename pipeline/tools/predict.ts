import { join } from 'node:path';
import type { Device } from '../../harness/contract/device.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { buildTransforms } from '../augment/registry.js';
import { pictureChannels } from '../config/picture-channels.js';
import { createRandomState } from '../data/mt19937.js';
import { transformPixels } from '../data/prepare-sample.js';
import { asColour } from '../image/as-colour.js';
import { classColours } from '../image/class-colours.js';
import { readImage } from '../image/read-image.js';
import { writePicture } from '../image/write-picture.js';
import { inferImage } from '../infer/infer-image.js';
import { labelBlend } from '../infer/label-blend.js';
import { validateAveraging } from '../infer/label-scores.js';
import { openNetwork, parseBases } from '../infer/open-network.js';
import { parseTestConfig } from '../infer/test-config.js';
import { validateFinite } from '../infer/validate-finite.js';
import { describePassedOver } from '../predict/describe-passed-over.js';
import { readImageList } from '../predict/list-images.js';
import { placePredictions, resultFolders } from '../predict/place-predictions.js';
import { blendColours, renderPseudoColour } from '../predict/render-prediction.js';
import { applyOpts } from '../yml/apply-opts.js';
import { modelSection, readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { plainSection, sectionAt } from '../yml/section.js';
import { takeShippedData } from '../yml/take-shipped.js';
import { describeIdle } from './describe-idle.js';
import { loadWeights } from './load-weights.js';
import { log } from './log.js';
import { describePort } from './open-port.js';

export interface PredictOptions {
  readonly config: string;
  readonly model_path: string;
  readonly image_path: string;
  readonly save_dir: string;
  readonly port: string;
  readonly device: Device;
  readonly aug_pred?: boolean;
  readonly scales?: readonly number[];
  readonly flip_horizontal?: boolean;
  readonly flip_vertical?: boolean;
  readonly is_slide?: boolean;
  readonly crop_size?: readonly number[];
  readonly stride?: readonly number[];
  readonly custom_color?: readonly number[];
  readonly bases: string;
  readonly opts?: readonly string[];
}

/** `tipcheck predict`. */
export async function runPredict(options: PredictOptions, environment: NodeJS.ProcessEnv): Promise<void> {
  const config = applyOpts(takeShippedData(await readPaddleSegConfig(options.config)), options.opts ?? []);
  const model = modelSection(config);
  const section = sectionAt(config, 'val_dataset');
  const transforms = await buildTransforms(section);
  const read = await pictureChannels(model, section);
  const testConfig = parseTestConfig(
    plainSection(
      {
        aug_eval: options.aug_pred ?? false,
        scales: options.scales ?? 1,
        flip_horizontal: options.flip_horizontal ?? false,
        flip_vertical: options.flip_vertical ?? false,
        is_slide: options.is_slide ?? false,
        crop_size: options.crop_size ?? null,
        stride: options.stride ?? null,
      },
      'the command line',
    ),
  );
  const colours = classColours(validateColours(options.custom_color ?? []));
  const list = await readImageList(options.image_path, resultFolders(options.save_dir));
  const images = await placePredictions(list.images, options.save_dir);
  const bases = parseBases(options.bases, Date.now() % 2 ** 32);
  const { port, loaded, said } = await loadWeights(options, model, environment);
  const [added, pseudo] = ['added_prediction', 'pseudo_color_prediction'].map((name) =>
    join(options.save_dir, name),
  ) as [string, string];
  try {
    validateAveraging(loaded.result, testConfig, options.model_path);
    const lines = [
      ...describePassedOver(list, options.image_path),
      describePort(port),
      said,
      ...describeIdle(idleOptions(options)),
      'Start to predict...',
    ];
    for (const line of lines) log(line);
    const network = await openNetwork(loaded, model, bases);
    for (const [at, { path, mask, blend }] of images.entries()) {
      const image = await readImage(path, read);
      const { image: data, shape, sizes } = transformPixels(transforms, image, null, createRandomState([0]));
      const [channels, height, width] = shape;
      const logits = await inferImage(network.of(at), { channels, height, width, data }, sizes, testConfig);
      validateFinite(logits, path);
      const labels = labelBlend(logits);
      await writeAtomicFile(mask, renderPseudoColour(labels, logits.height, logits.width, colours));
      await writePicture(blend, blendColours(asColour(image), labels, colours), image);
    }
  } finally {
    await loaded.dispose();
    await port.close();
  }
  log(`Predicted images are saved in ${added} and ${pseudo} .`);
}

function validateColours(colours: readonly number[]): readonly number[] {
  if (colours.length % 3 === 0 && colours.length <= 768 && colours.every((value) => value <= 255)) return colours;
  throw new UserError(
    `Cannot use --custom_color: it has ${colours.length} numbers; three for each class, 0 to 255, are wanted`,
  );
}

/** Of scales and flips without --aug_pred, and of windows without --is_slide, tools/predict.py makes nothing either. */
function idleOptions({
  aug_pred,
  scales,
  flip_horizontal,
  flip_vertical,
  is_slide,
  crop_size,
  stride,
}: PredictOptions): Readonly<Record<string, unknown>> {
  return {
    ...(aug_pred === true ? {} : { scales, flip_horizontal, flip_vertical }),
    ...(is_slide === true ? {} : { crop_size, stride }),
  };
}
