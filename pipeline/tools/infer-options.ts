import { basename, extname, join } from 'node:path';
import type { Device } from '../../harness/contract/device.js';
import { UserError } from '../../harness/support/errors.js';
import { realPlace } from '../../harness/support/place-inside.js';
import type { ListedImage } from '../predict/list-images.js';

export interface InferCommandOptions {
  readonly config: string;
  readonly image_path: string;
  readonly port: string;
  readonly device: Device;
  readonly batch_size: number;
  readonly save_dir: string;
  readonly cpu_threads?: number;
  readonly benchmark: boolean;
  readonly model_name: string;
  readonly print_detail: boolean;
  readonly bases: string;
  readonly enable_mkldnn?: boolean;
  readonly use_trt: boolean;
  readonly precision: 'fp32' | 'fp16' | 'int8';
  readonly enable_auto_tune: boolean;
  /** Of TensorRT; and an argmax is taken in any case. */
  readonly min_subgraph_size?: string;
  readonly auto_tuned_shape_file?: string;
  readonly with_argmax?: boolean;
  readonly json?: string;
  readonly keep_logits?: number;
  readonly rounding?: number;
}

/** What deploy/python/infer.py takes and tipcheck does not do: refused, never passed over. */
export function refuseUnsupported({ use_trt, precision, enable_auto_tune }: InferCommandOptions): void {
  const found = [
    use_trt ? '--use_trt True: there is no TensorRT here' : null,
    precision === 'fp32' ? null : `--precision ${precision}: inference is in float32`,
    enable_auto_tune ? '--enable_auto_tune True: there is no TensorRT here' : null,
  ].find((text) => text !== null);
  if (found !== undefined) throw new UserError(`Cannot infer with ${found}; a command without it is wanted`);
}

/**
 * Masks are named by their pictures' last part: two of one name would be one file, and none may be a picture that is
 * read.
 */
export async function validateNames(images: readonly ListedImage[], saveDir: string): Promise<void> {
  const read = new Set<string>();
  for (const { path } of images) read.add(await realPlace(path));
  for (const { name, path } of images)
    if (read.has(await realPlace(join(saveDir, `${stemOf(name)}.png`))))
      throw new UserError(
        `Cannot infer ${path}: its mask would be written over a picture that is read, in ${saveDir}; another folder is wanted. Fix: --save_dir <folder>`,
      );
  const stems = images.map(({ name }) => stemOf(name));
  const twice = images.find((_, at) => stems.indexOf(stems[at]!) !== at);
  if (twice === undefined) return;
  throw new UserError(
    `Cannot infer: two pictures are called ${stemOf(twice.name)}, and so would be their masks; other names are wanted`,
  );
}

export function stemOf(name: string): string {
  return basename(name, extname(name));
}
