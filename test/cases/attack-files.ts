import { deflateSync } from 'node:zlib';
import { crc32 } from '../../harness/golden/crc32.js';

/** A grey PNG that says it has these sizes and holds a few bytes. */
export function renderHugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits; colour type 0 is grey
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(9))), chunk('IEND')]);
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
}

/** A 24-bit BMP of one colour. */
export function renderBmp(width: number, height: number): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = Buffer.alloc(54 + row * height, 100);
  bytes.fill(0, 0, 54);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

/** 20,000 aliases of a list of 100: two million nodes in 60 KB. */
export function renderAliases(): string {
  const list = Array(100).fill('x').join(',');
  return `a: &a [${list}]\nb: [${Array(20_000).fill('*a').join(',')}]\n`;
}

/** Ten times each level before it, merged: the keys stay few, the work does not. */
export function renderMerges(): string {
  const lines = ['a0: &a0 {k: 1, l: 2}'];
  for (let level = 1; level < 10; level++)
    lines.push(
      `a${level}: &a${level} {<<: [${Array(10)
        .fill(`*a${level - 1}`)
        .join(',')}], k${level}: 1}`,
    );
  return `${lines.join('\n')}\n`;
}
