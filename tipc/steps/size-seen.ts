import { readImageSize } from '../../pipeline/image/read-image.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size at which a network sees a picture; null where transforms decide that are not looked at here. */
export async function sizeSeen(picture: string, transforms: readonly unknown[]): Promise<Size | null> {
  const [first, ...rest] = (transforms as readonly Readonly<Record<string, unknown>>[]).filter(
    ({ type }) => type !== 'Normalize',
  );
  if (first === undefined) return readImageSize(picture);
  const { type, target_size: size, keep_ratio: keeps } = first;
  if (rest.length > 0 || type !== 'Resize' || keeps === true || !Array.isArray(size)) return null;
  return { width: Number(size[0]), height: Number(size[1]) };
}
