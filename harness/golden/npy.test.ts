import t from 'tap';
import type { NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import { parseNpy, renderNpy } from './npy.js';

const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

t.test('every dtype comes back as it was written', async (t) => {
  const arrays: readonly NdArray[] = [
    { dtype: 'f4', shape: [2, 3], data: Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3e38) },
    { dtype: 'f8', shape: [2], data: Float64Array.of(Math.PI, -1e-300) },
    { dtype: 'i4', shape: [], data: Int32Array.of(-7) },
    { dtype: 'i8', shape: [1, 1, 2], data: BigInt64Array.of(-(2n ** 62n), 255n) },
    { dtype: 'u1', shape: [3], data: Uint8Array.of(0, 128, 255) },
    { dtype: 'b1', shape: [2, 1], data: Uint8Array.of(1, 0) },
    { dtype: 'f4', shape: [0, 3], data: new Float32Array(0) },
  ];
  for (const array of arrays) {
    const bytes = renderNpy(array);
    const read = parseNpy(bytes, 'x.npy');
    t.equal(read.dtype, array.dtype);
    t.same(read.shape, array.shape);
    t.same(bytesOf(read), bytesOf(array), array.dtype);
    t.equal((bytes.length - bytesOf(array).length) % 64, 0, 'elements are aligned to 64 bytes, as NumPy aligns them');
  }
});

t.test('the bytes are those that NumPy writes', async (t) => {
  // numpy.save of numpy.float32([[1, 2, 3]]), NumPy 2.4.
  const numpys = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'),
    Buffer.from(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }".padEnd(117)}\n`, 'latin1'),
    Buffer.from(Float32Array.of(1, 2, 3).buffer),
  ]);
  t.same(Buffer.from(renderNpy({ dtype: 'f4', shape: [1, 3], data: Float32Array.of(1, 2, 3) })), numpys);
});

t.test('formats 1.0, 2.0 and 3.0 are read, the header’s keys in any order', async (t) => {
  const other = '{"shape": (2, 3,), "fortran_order": False, "descr": "<f4"}';
  for (const version of [1, 2, 3]) {
    for (const text of [header, other]) t.same(parseNpy(file(text, { version }), 'x.npy').shape, [2, 3]);
  }
});

t.test('elements at an odd offset are read, also from the middle of a buffer', async (t) => {
  for (const pad of [0, 1, 2, 3, 4, 5]) {
    const bytes = file(header + ' '.repeat(pad), { values: 6 });
    const within = new Uint8Array(bytes.length + 7);
    within.set(bytes, 3);
    const read = parseNpy(within.subarray(3, 3 + bytes.length), 'x.npy');
    t.same([...read.data], [1, 2, 3, 4, 5, 6]);
  }
});

t.test('what is read is not a view of the file', async (t) => {
  const bytes = file(header);
  const read = parseNpy(bytes, 'x.npy');
  bytes.fill(0);
  t.same([...read.data], [1, 2, 3, 4, 5, 6]);
});

const bad: readonly (readonly [what: string, bytes: Uint8Array, error: RegExp])[] = [
  ['no npy', Buffer.from('PK\x03\x04 whatever'), /it does not begin with \\x93NUMPY; an \.npy file is wanted$/],
  ['an empty file', new Uint8Array(0), /it ends within its header, after 0 bytes; a whole file is wanted$/],
  ['half a header', file(header).subarray(0, 40), /it ends within its header, after 40 bytes; a whole file is wanted$/],
  ['format 4', file(header, { version: 4 }), /its format is 4\.0; 1\.0, 2\.0 or 3\.0 is wanted$/],
  ['half the elements', file(header, { values: 3 }), /it is truncated: it has \d+ bytes; .* needs \d+$/],
  ['trailing elements', file(header, { values: 7 }), /it has trailing bytes: it has \d+ bytes; .* needs \d+$/],
  ['big-endian', file(header.replace('<', '>')), /its dtype '>f4' is big-endian; little-endian is wanted$/],
  ['Fortran order', file(header.replace('False', 'True')), /it is in Fortran order; C order is wanted$/],
  ['float16', file(header.replace('f4', 'f2')), /its dtype is '<f2'; f4, f8, i4, i8, u1 or b1 is wanted$/],
  ['objects', file(header.replace('<f4', '|O')), /its dtype is '\|O'; f4, .* is wanted$/],
  ['no byte order', file(header.replace('<f4', 'f4')), /its dtype is 'f4'; f4, .* is wanted$/],
  [
    'a structure',
    file(header.replace("'<f4'", "[('a', '<f4')]")),
    /its dtype is \[\('a', '<f4'\)\]; f4, .* is wanted$/,
  ],
  [
    'a shape beyond memory',
    file(header.replace('2, 3', '4294967296, 4294967296')),
    /needs more than 2 GiB; at most 2 GiB is wanted$/,
  ],
  [
    'a shape of Infinity times 0',
    file(header.replace('2, 3', `${'9'.repeat(400)}, 0`)),
    /needs more than 2 GiB; at most 2 GiB is wanted$/,
  ],
  ['a negative extent', file(header.replace('2, 3', '-2, 3')), /its header is .*; a Python dict is wanted$/],
  [
    'a shape that is not a tuple',
    file(header.replace('(2, 3)', '(6)')),
    /its shape is \(6\); a tuple of whole numbers is wanted$/,
  ],
  ['a key too many', file(header.replace('}', "'x': True}")), /its header has the key 'x'; only descr, .* are wanted$/],
  [
    'a key twice',
    file(header.replace('}', "'shape': (6,)}")),
    /its header has 'shape' twice; each key once is wanted$/,
  ],
  ['a key too few', file("{'descr': '<f4', 'shape': (2, 3)}"), /its header lacks 'fortran_order'; .* are wanted$/],
  ['code for a header', file('__import__("os")'), /its header is "__import__.*"; a Python dict is wanted$/],
  [
    'a boolean of 2',
    file("{'descr': '|b1', 'fortran_order': False, 'shape': (24,), }"),
    /a boolean in it is \d+; 0 or 1 is wanted$/,
  ],
];

for (const [what, bytes, error] of bad) {
  t.test(`${what} is refused by name`, async (t) => {
    try {
      parseNpy(bytes, 'weights/x.npy');
      t.fail('it was read');
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      t.match(thrown.message, error);
      t.match(thrown.message, /^Cannot read weights\/x\.npy: /);
    }
  });
}

t.test('an array that contradicts its shape is not written', async (t) => {
  t.throws(() => renderNpy({ dtype: 'f4', shape: [2], data: new Float32Array(3) }), RangeError);
});

t.test('no damaged byte of a header is read as another array', async (t) => {
  const good = renderNpy({ dtype: 'f4', shape: [2, 3], data: new Float32Array(6) });
  let read = 0;
  for (let at = 0; at < 128; at++) {
    for (const byte of [0x00, 0x20, 0x31, 0x39, 0x7d, 0xff]) {
      const damaged = Uint8Array.from(good);
      damaged[at] = byte;
      try {
        const { dtype, shape } = parseNpy(damaged, 'x.npy');
        // A blank may change; `i4` and `f4` need the same bytes, and so do (2, 3) and (3, 2): hashes are for those.
        if (shape.reduce((a, b) => a * b, 1) !== 6 || dtype !== 'f4')
          t.fail(`byte ${at} = ${byte} reads as ${dtype} [${shape}]`);
        read++;
      } catch (thrown) {
        if (!(thrown instanceof UserError)) throw thrown;
      }
    }
  }
  t.ok(read > 0, `${read} harmless changes were read`);
});

// Elements as NumPy 2.4 writes them, in C order and in Fortran order.
const numpys: readonly (readonly [descr: string, c: string, fortran: string])[] = [
  ['<f2', 'AAAAPgDAgEL/ewCE', 'AACAQgA+/3sAwACE'],
  ['>f2', 'AAA+AMAAQoB7/4QA', 'AABCgD4Ae//AAIQA'],
  ['=f4', 'AAAAAAAAwD8AAADAAABQQADgf0cAAIC4', 'AAAAAAAAUEAAAMA/AOB/RwAAAMAAAIC4'],
  ['>f4', 'AAAAAD/AAADAAAAAQFAAAEd/4AC4gAAA', 'AAAAAEBQAAA/wAAAR3/gAMAAAAC4gAAA'],
  [
    '>f8',
    'AAAAAAAAAAA/+AAAAAAAAMAAAAAAAAAAQAoAAAAAAABA7/wAAAAAAL8QAAAAAAAA',
    'AAAAAAAAAABACgAAAAAAAD/4AAAAAAAAQO/8AAAAAADAAAAAAAAAAL8QAAAAAAAA',
  ],
  ['|i1', '/v8AAXYD', '/gH/dgAD'],
  ['<i2', '/v///wAAAQB2AAMA', '/v8BAP//dgAAAAMA'],
  ['>i2', '//7//wAAAAEAdgAD', '//4AAf//AHYAAAAD'],
  ['<u2', 'AAABAAIAAwB4AAUA', 'AAADAAEAeAACAAUA'],
  ['>u2', 'AAAAAQACAAMAeAAF', 'AAAAAwABAHgAAgAF'],
  ['>i4', '/////v////8AAAAAAAAAAQAAAHYAAAAD', '/////gAAAAH/////AAAAdgAAAAAAAAAD'],
  ['<u4', 'AAAAAAEAAAACAAAAAwAAAHgAAAAFAAAA', 'AAAAAAMAAAABAAAAeAAAAAIAAAAFAAAA'],
  ['>u4', 'AAAAAAAAAAEAAAACAAAAAwAAAHgAAAAF', 'AAAAAAAAAAMAAAABAAAAeAAAAAIAAAAF'],
  [
    '>i8',
    '//////////7//////////wAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAdgAAAAAAAAAD',
    '//////////4AAAAAAAAAAf//////////AAAAAAAAAHYAAAAAAAAAAAAAAAAAAAAD',
  ],
];

t.test(
  'what NumPy writes of users and their programs is read, of any byte order, order of axes and width',
  async (t) => {
    for (const [descr, c, fortran] of numpys) {
      const floats = [0, 1.5, -2, 3.25, 65504, -0.00006103515625];
      const signed = [-2, -1, 0, 1, 118, 3];
      const expected = /f/.test(descr) ? floats : /i/.test(descr) ? signed : signed.map((value) => value + 2);
      for (const [order, elements] of [
        ['False', c],
        ['True', fortran],
      ] as const) {
        const text = header.replace('<f4', descr).replace('False', order);
        const bytes = file(text, { elements: Buffer.from(elements, 'base64') });
        t.same([...parseNpy(bytes, 'x.npy', 'any').data].map(Number), expected, `${descr}, fortran_order ${order}`);
        t.throws(() => parseNpy(bytes, 'x.npy'), { name: 'UserError' }, 'not in a bundle');
      }
    }
  },
);

t.test('three axes in Fortran order are put in C order', async (t) => {
  const text = header.replace('<f4', '>i2').replace('False', 'True').replace('(2, 3)', '(2, 3, 4)');
  const elements = Buffer.from('AAAADAAEABAACAAUAAEADQAFABEACQAVAAIADgAGABIACgAWAAMADwAHABMACwAX', 'base64');
  t.same(
    [...parseNpy(file(text, { elements }), 'x.npy', 'any').data],
    Array.from({ length: 24 }, (_, i) => i),
  );
});

t.test('the ends of float16 are kept: subnormal, infinite and not a number', async (t) => {
  const elements = Buffer.from('AQAAfAD8AH7/Aw==', 'base64');
  const bytes = file(header.replace('<f4', '<f2').replace('(2, 3)', '(5,)'), { elements });
  t.same([...parseNpy(bytes, 'x.npy', 'any').data], [2 ** -24, Infinity, -Infinity, Number.NaN, 1023 * 2 ** -24]);
});

t.test('whatever was read is written little-endian in C order', async (t) => {
  const elements = Buffer.from('AABCgD4Ae//AAIQA', 'base64');
  const bytes = file(header.replace('<f4', '>f2').replace('False', 'True'), { elements });
  const written = renderNpy(parseNpy(bytes, 'x.npy', 'any'));
  t.match(Buffer.from(written).toString('latin1'), /'descr': '<f4', 'fortran_order': False/);
  t.same([...parseNpy(written, 'x.npy').data], [0, 1.5, -2, 3.25, 65504, -0.00006103515625]);
});

t.test(
  'objects, complex numbers, text and integers of 64 bits without a sign are refused in files of users, too',
  async (t) => {
    for (const descr of ['|O', '<c8', '<U4', '<u8', '<f16', '<bf16', '|f4'])
      t.throws(() => parseNpy(file(header.replace('<f4', descr)), 'x.npy', 'any'), {
        message: /its dtype is '.*'; f2, f4, f8, i1, i2, i4, i8, u1, u2, u4 or b1 is wanted$/,
      });
  },
);

function file(
  text: string,
  { version = 1, values = 6, elements }: { version?: number; values?: number; elements?: Uint8Array } = {},
): Uint8Array {
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.write('\x93NUMPY', 'latin1');
  prefix[6] = version;
  if (version === 1) prefix.writeUInt16LE(text.length + 1, 8);
  else prefix.writeUInt32LE(text.length + 1, 8);
  const counted = Float32Array.from({ length: values }, (_, i) => i + 1);
  return Buffer.concat([prefix, Buffer.from(`${text}\n`, 'latin1'), elements ?? new Uint8Array(counted.buffer)]);
}

function bytesOf({ data }: NdArray): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
