import { runsGraphs } from '../../../harness/hosts/read-ports.js';
import { readPlain } from '../../../harness/support/plain-file.js';
import { readDeployFile } from '../../../pipeline/deploy/deploy-file.js';
import { labelMap } from '../../../pipeline/evaluate/label-map.js';
import { decodePng } from '../../../pipeline/image/decode-png.js';
import { listImages } from '../../../pipeline/predict/list-images.js';
import type { InferRecord } from '../../../pipeline/tools/records.js';
import { readArtefacts } from '../../steps/artefacts.js';
import { checkUnknownWeights } from '../../steps/check-training.js';
import { compareLogits, readLogits } from '../../steps/compare-logits.js';
import { openMaskLook } from '../../steps/describe-masks.js';
import { check, checkDevice, type Judgement } from '../../steps/judgement.js';
import { judgedImages } from '../../steps/list-judged-images.js';
import { readRecord } from '../../steps/read-record.js';
import type { Translation } from '../../steps/translation.js';
import type { openGraphRuns } from './graph-runs.js';

/**
 * Inference must leave a mask of every picture, each what the logits say, and logits that another engine gives, too.
 */
export async function judgeInference(
  { port, request, device, record: path }: Translation,
  startedAtMs: number,
  runGraph: ReturnType<typeof openGraphRuns>,
): Promise<Judgement> {
  const record = await readRecord<InferRecord>(path);
  const wanted = await listImages(request.value('--image_path')!);
  const { artefacts, check: files } = await readArtefacts(
    record.images.map(({ mask }) => mask),
    startedAtMs,
  );
  const named = new Set(record.images.map(({ name }) => name));
  const missing = wanted.filter(({ name }) => !named.has(name));
  const judged = wanted.slice(0, judgedImages).map((image) => image.path);
  const batchSize = Number(request.value('--batch_size') ?? 1);
  const { graph, eager } = await runGraph(request.value('--config')!, judged, batchSize);
  const other = runsGraphs(port) ? eager : graph;
  const compared = await compareLogits('logits', {
    actual: record.logits,
    expected: other.logits,
    rounded: eager.rounded,
  });
  const look = openMaskLook();
  const masks = await checkMasks(record, look);
  const { params } = await readDeployFile(request.value('--config')!);
  return {
    engine: record.engine,
    artefacts,
    checks: [
      files,
      check(
        'pictures',
        missing.length === 0 && record.images.length === wanted.length && wanted.length > 0,
        missing.length === 0
          ? `${record.images.length} of ${wanted.length} have a mask`
          : `${missing[0]!.name} has no mask, and ${missing.length - 1} more`,
      ),
      checkDevice(record.engine, device),
      masks,
      await checkUnknownWeights(params),
      ...compared.checks,
    ],
    observed: look.describe(),
    figures: { ...record.figures, ...compared.figures },
  };
}

/** Every mask has its picture's size and classes that exist; where the logits were kept, it is their argmax. */
async function checkMasks({ images, logits }: InferRecord, look: ReturnType<typeof openMaskLook>) {
  let compared = 0;
  for (const [at, { mask, shape }] of images.entries()) {
    const [channels = 0, height = 0, width = 0] = shape;
    const png = decodePng(await readPlain(mask), `the mask ${mask}`);
    if (png.width !== width || png.height !== height)
      return check('masks', false, `${mask} is ${png.width}×${png.height}; ${width}×${height} is wanted`);
    look.add(png);
    const stray = png.data.find((label) => label >= channels);
    if (stray !== undefined) return check('masks', false, `${mask} holds the class ${stray}; there are ${channels}`);
    const kept = logits[at];
    if (kept === undefined) continue;
    const expected = labelMap({ channels, height, width, data: (await readLogits(kept)).data });
    const differs = expected.findIndex((label, pixel) => png.data[pixel] !== label);
    if (differs >= 0)
      return check(
        'masks',
        false,
        `${mask} has the class ${png.data[differs]} at pixel ${differs}; the largest logit is of ${expected[differs]}`,
      );
    compared++;
  }
  return check('masks', compared > 0, `${images.length} were read again; ${compared} are the argmax of their logits`);
}
