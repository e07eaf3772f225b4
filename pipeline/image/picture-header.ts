import { budgets } from '../../harness/support/budgets.js';
import { bmpHeaderBytes, parseBmpHeader } from './decode-bmp.js';
import { loadSharp } from './load-sharp.js';
import { describeContent, formatBytes, type PictureFormat, pictureFormat, pictureFormats } from './picture-format.js';
import { type TiffColours, tiffColours } from './tiff-colours.js';
import { type ReadAt, readTiffLayout } from './tiff-layout.js';
import { UnreadKind } from './unread-kind.js';

/** What is known of a picture before its pixels are decoded. */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** As the picture is read: turned. */
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  /** Of a TIFF. */
  readonly tiff: TiffColours | null;
}

/** After the signature and the head of the chunk IHDR. Source: the PNG specification, section 11.2.2. */
const pngSizeAt = 16;

/** A file, or its bytes. */
export interface PictureSource {
  readonly read: ReadAt;
  /** What sharp is given. */
  readonly input: string | Buffer;
}

/**
 * The header of a picture, by its content alone.
 * @throws UnreadKind for a kind that is not read; Error for a damaged file
 */
export async function readPictureHeader({ read, input }: PictureSource): Promise<PictureHeader> {
  const head = await read(0, formatBytes);
  const format = pictureFormat(head);
  if (format === null) throw new UnreadKind(`${describeContent(head)}; ${pictureFormats} is wanted`);
  if (format === 'BMP') return { ...parseBmpHeader(await read(0, bmpHeaderBytes)), format, tiff: null };
  if (format === 'TIFF') {
    const layout = await readTiffLayout(read);
    const tiff = tiffColours(layout);
    return { format, width: layout.width, height: layout.height, grey: tiff.grey, tiff };
  }
  // libvips says of a PNG that claims too much that its header is damaged: what it claims is for the caller to judge.
  if (format === 'PNG') {
    const claimed = Buffer.from(await read(pngSizeAt, 8));
    const [width, height] = claimed.length < 8 ? [0, 0] : [claimed.readUInt32BE(0), claimed.readUInt32BE(4)];
    if (width * height > budgets.pixels) return { width, height, format, grey: false, tiff: null };
  }
  const sharp = await loadSharp();
  const { width, height, autoOrient, space } = await sharp(input).metadata();
  if (space === 'cmyk') throw new UnreadKind(`it is a ${format} in CMYK; RGB or grey is wanted`);
  const turned = format === 'WebP' ? { width, height } : autoOrient;
  return { ...turned, format, grey: space === 'b-w' || space === 'grey16', tiff: null };
}
