import { deflateRawSync } from 'node:zlib';
import t from 'tap';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import { crc32 } from './crc32.js';
import { renderNpy } from './npy.js';
import { parseNpz, renderNpz } from './npz.js';

const array = float32NdArray([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));

t.test('arrays come back by key, stored and deflated', async (t) => {
  const arrays = new Map<string, NdArray>([
    ['backbone.norm1', array],
    ['a/b', { dtype: 'i8', shape: [1], data: BigInt64Array.of(-1n) }],
    ['名前', { dtype: 'u1', shape: [0], data: new Uint8Array(0) }],
    [
      'large',
      float32NdArray(
        [70_000],
        Float32Array.from({ length: 70_000 }, (_, i) => Math.sin(i)),
      ),
    ],
    ['zeros', float32NdArray([1_000_000], new Float32Array(1_000_000))],
  ]);
  for (const compress of [true, false]) {
    const npz = parseNpz(renderNpz(arrays, { compress }), 'x.npz');
    t.same(npz.keys, [...arrays.keys()]);
    for (const [key, { dtype, shape, data }] of arrays) {
      t.same(npz.header(key).shape, shape);
      const read = npz.read(key);
      t.equal(read.dtype, dtype);
      t.ok(
        Buffer.from(read.data.buffer, read.data.byteOffset, read.data.byteLength).equals(Buffer.from(data.buffer)),
        key,
      );
    }
  }
});

t.test('the same arrays give the same bytes', async (t) => {
  const render = () => Buffer.from(renderNpz(new Map([['x', array]])));
  t.ok(render().equals(render()));
  // The date of every entry: 1980-01-01, the first that a zip can hold.
  t.equal(render().readUInt32LE(10), 0x0021_0000);
});

t.test('what NumPy writes is read: zip64 sizes in local headers', async (t) => {
  const local = (name: string, bytes: Uint8Array) => entry(name, bytes, { zip64Local: true });
  const npz = parseNpz(zip([local('x.npy', renderNpy(array))]), 'x.npz');
  t.same([...npz.read('x').data], [1, 2, 3, 4, 5, 6]);
});

t.test('entries that are not arrays are ignored', async (t) => {
  const npz = parseNpz(zip([entry('README.txt', Buffer.from('hello')), entry('x.npy', renderNpy(array))]), 'x.npz');
  t.same(npz.keys, ['x']);
});

t.test('crc32 is that of zip', async (t) => {
  t.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
  t.equal(crc32(new Uint8Array(0)), 0);
  t.equal(crc32(Buffer.from('The quick brown fox jumps over the lazy dog')), 0x414fa339);
});

const npy = renderNpy(array);
const zeros = renderNpy(float32NdArray([100_000], new Float32Array(100_000)));

const bad: readonly (readonly [what: string, bytes: Uint8Array, error: RegExp])[] = [
  [
    'an absolute name',
    zip([entry('/etc/x.npy', npy)]),
    /entry \/etc\/x\.npy leaves the archive's folder; a relative path/,
  ],
  ['a name with ..', zip([entry('a/../../x.npy', npy)]), /entry a\/\.\.\/\.\.\/x\.npy leaves the archive's folder/],
  ['a name with a backslash', zip([entry('..\\x.npy', npy)]), /entry \.\.\\x\.npy leaves the archive's folder/],
  ['a name on a drive', zip([entry('C:x.npy', npy)]), /entry C:x\.npy leaves the archive's folder/],
  [
    'a name twice',
    zip([entry('x.npy', npy), entry('x.npy', npy)]),
    /entry x\.npy is there twice; each name once is wanted$/,
  ],
  ['encryption', zip([entry('x.npy', npy, { flags: 1 })]), /entry x\.npy is encrypted; a plain one is wanted$/],
  [
    'another method',
    zip([entry('x.npy', npy, { method: 12 })]),
    /entry x\.npy has compression method 12; stored \(0\) or deflated \(8\) is wanted$/,
  ],
  ['a wrong CRC', zip([entry('x.npy', npy, { crc: 1 })]), /x\.npz\[x\]: its CRC is wrong; an undamaged zip is wanted$/],
  [
    'less than is claimed',
    zip([entry('x.npy', npy, { size: 4000 })]),
    /the zip claims 4000 bytes; its header .* needs 152$/,
  ],
  [
    'more than is claimed',
    zip([entry('x.npy', Buffer.concat([npy, Buffer.alloc(99)]), { size: npy.length })]),
    /the zip claims 152 bytes and it unpacks to more; the claimed size is wanted$/,
  ],
  [
    'a header that needs more than is there',
    zip([entry('x.npy', zeros.subarray(0, 5000), { size: zeros.length })]),
    /the zip claims 400128 bytes and it unpacks to 5000; the claimed size is wanted$|claims 400128 bytes; its \d+ packed bytes cannot hold them$/,
  ],
  [
    'a bomb’s claim',
    zip([entry('x.npy', npy, { size: 2 ** 31 })]),
    /entry x\.npy claims 2147483648 bytes; its \d+ packed bytes cannot hold them$/,
  ],
  [
    'a stored entry of two sizes',
    zip([entry('x.npy', npy, { method: 0, size: 9 })]),
    /entry x\.npy claims 9 bytes; its 152 packed bytes cannot hold them$/,
  ],
  [
    'damaged deflate',
    zip([entry('x.npy', npy, { packed: Buffer.alloc(80, 0xff) })]),
    /x\.npz\[x\]: it cannot be unpacked \(.*\); an undamaged zip is wanted$/,
  ],
  [
    'two names of one entry',
    zip([entry('x.npy', npy, { localName: 'y.npy' })]),
    /entry x\.npy is called y\.npy by its local header; one name is wanted$/,
  ],
  ['zip64', zip([entry('x.npy', npy)], { count: 0xffff }), /it is a zip64 archive; /],
  [
    'half a file',
    zip([entry('x.npy', npy)]).subarray(0, 100),
    /it has no end of a zip: it is truncated or no zip; a whole zip is wanted$/,
  ],
  ['no zip', Buffer.from('hello'), /it has no end of a zip/],
  [
    'a missing beginning',
    zip([entry('x.npy', npy)]).subarray(9),
    /its central directory is not where it says; an undamaged zip is wanted$/,
  ],
  [
    'an entry too few',
    zip([entry('x.npy', npy), entry('y.npy', npy)], { count: 1 }),
    /its central directory has \d+ surplus bytes; 1 entries are wanted$/,
  ],
  ['an entry too many', zip([entry('x.npy', npy)], { count: 2 }), /its central directory breaks off at byte \d+/],
  ['entries that overlap', overlapping(), /entries x\.npy and y\.npy overlap|is called/],
];

for (const [what, bytes, error] of bad) {
  t.test(`${what} is refused by name`, async (t) => {
    try {
      parseNpz(bytes, 'x.npz').read('x');
      t.fail('it was read');
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      t.match(thrown.message, error);
      t.match(thrown.message, /^Cannot read x\.npz/);
    }
  });
}

t.test('a header is known at the cost of its first bytes', async (t) => {
  const values = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i));
  const bytes = renderNpz(new Map([['x', float32NdArray([100_000], values)]]));
  bytes.fill(0xff, 2000, 300_000);
  const npz = parseNpz(bytes, 'x.npz');
  t.same(npz.header('x').shape, [100_000]);
  t.throws(() => npz.read('x'), UserError);
});

t.test('no damaged byte of an archive is read as other numbers', async (t) => {
  const good = renderNpz(new Map([['x', array]]));
  for (let at = 0; at < good.length; at++) {
    for (const flip of [1, 0x80, 0xff]) {
      const damaged = Uint8Array.from(good);
      damaged[at] = damaged[at]! ^ flip;
      try {
        t.same([...parseNpz(damaged, 'x.npz').read('x').data], [1, 2, 3, 4, 5, 6]);
      } catch (thrown) {
        if (!(thrown instanceof UserError)) throw thrown;
      }
    }
  }
});

t.test('zeros that unpack to much are refused before they are, all arrays together, each once', async (t) => {
  const large = renderNpy({ dtype: 'u1', shape: [20_000_000], data: new Uint8Array(20_000_000) });
  const npz = parseNpz(copies(large, 14), 'x.npz');
  for (let key = 0; key < 13; key++) for (let read = 0; read < 2; read++) npz.read(`${key}`);
  t.throws(() => npz.read('13'), {
    name: 'UserError',
    message:
      /^Cannot read x\.npz\[13\]: its \d+ packed bytes unpack to 20000128, and those before it that are packed so to 260001664; at most 268435456 bytes are wanted \(a budget/,
  });
  t.strictSame(npz.header('13').shape, [20_000_000], 'its header is told all the same');
});

t.test('what is packed less far, as zeros in haste are, may unpack to a gigabyte, all arrays together', async (t) => {
  const packed = Buffer.alloc(1_400_000);
  const claims = Array.from({ length: 5 }, (_, key) => entry(`${key}.npy`, packed, { packed, size: 2 ** 28 }));
  const npz = parseNpz(zip(claims), 'x.npz');
  for (let key = 0; key < 4; key++) t.throws(() => npz.read(`${key}`), { message: /^(?!.*budget)/ }, 'is unpacked');
  t.throws(() => npz.read('4'), {
    name: 'UserError',
    message:
      'Cannot read x.npz[4]: its 1400000 packed bytes unpack to 268435456, and those before it that are packed so to 1073741824; at most 1073741824 bytes are wanted (a budget, so that no small file asks for much)',
  });
});

t.test('the labels of four steps of batch 16 at 512 × 1024 are read', async (t) => {
  const [height, width] = [1250, 2000];
  let seed = 20;
  const draw = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  // Things with edges: each row moves the edges of the row above by a pixel at most.
  const edges = Array.from({ length: 6 }, (_, at) => ({ at: 300 * (at + 1), label: BigInt(draw(19)) }));
  const data = new BigInt64Array(height * width);
  for (let row = 0; row < height; row++)
    for (const edge of edges) {
      edge.at += draw(3) - 1;
      data.fill(edge.label, row * width + edge.at, (row + 1) * width);
    }
  const labels = renderNpy({ dtype: 'i8', shape: [height, width], data });
  const archive = copies(labels, 14);
  const fold = (14 * labels.length) / archive.length;
  t.ok(fold > 150 && fold < 400, `they are packed ${fold}-fold`);
  const npz = parseNpz(archive, 'x.npz');
  for (const key of npz.keys) t.equal(npz.read(key).data.length, height * width);
});

/** The same array under the keys 0, 1, … */
function copies(npy: Uint8Array, count: number): Buffer {
  const packed = deflateRawSync(npy);
  const crc = crc32(npy);
  return zip(Array.from({ length: count }, (_, key) => entry(`${key}.npy`, npy, { packed, crc })));
}

interface EntryOptions {
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packed?: Uint8Array;
  readonly localName?: string;
  readonly zip64Local?: boolean;
}

interface Entry {
  readonly local: Buffer;
  record(offset: number): Buffer;
}

function entry(name: string, bytes: Uint8Array, options: EntryOptions = {}): Entry {
  const {
    flags = 0,
    method = 8,
    crc = crc32(bytes),
    size = bytes.length,
    localName = name,
    zip64Local = false,
  } = options;
  const packed = options.packed ?? (method === 0 ? bytes : deflateRawSync(bytes));
  const common = (at: number, header: Buffer) => {
    header.writeUInt16LE(flags, at);
    header.writeUInt16LE(method, at + 2);
    header.writeUInt32LE(crc, at + 8);
    header.writeUInt32LE(packed.length, at + 12);
    header.writeUInt32LE(size, at + 16);
  };
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 'latin1');
  common(6, local);
  local.writeUInt16LE(Buffer.byteLength(localName), 26);
  const extra = Buffer.alloc(zip64Local ? 20 : 0);
  if (zip64Local) {
    local.writeUInt32LE(0xffffffff, 18);
    local.writeUInt32LE(0xffffffff, 22);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(BigInt(size), 4);
    extra.writeBigUInt64LE(BigInt(packed.length), 12);
  }
  local.writeUInt16LE(extra.length, 28);
  return {
    local: Buffer.concat([local, Buffer.from(localName), extra, packed]),
    record: (offset) => {
      const record = Buffer.alloc(46);
      record.write('PK\x01\x02', 'latin1');
      common(8, record);
      record.writeUInt16LE(Buffer.byteLength(name), 28);
      record.writeUInt32LE(offset, 42);
      return Buffer.concat([record, Buffer.from(name)]);
    },
  };
}

function zip(entries: readonly Entry[], { count = entries.length, offsets = null as number[] | null } = {}): Buffer {
  const places: number[] = [];
  let at = 0;
  for (const { local } of entries) {
    places.push(at);
    at += local.length;
  }
  const directory = Buffer.concat(entries.map((one, i) => one.record((offsets ?? places)[i]!)));
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...entries.map(({ local }) => local), directory, end]);
}

/** y lies within the stored bytes of x, as in bombs that unpack one run of bytes many times. */
function overlapping(): Buffer {
  const inner = entry('y.npy', npy);
  const outer = entry('x.npy', inner.local, { method: 0 });
  return zip([outer, inner], { offsets: [0, outer.local.length - inner.local.length] });
}
