import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import { packageRoot } from '../support/package-root.js';
import { parsePdparams } from './pdparams.js';
import { call, pickleStateDict, text, tuple } from './pth-for-tests.js';
import { renderPdparams } from './render-pdparams.js';
import { parseSafetensors, renderSafetensors } from './safetensors.js';
import { readWeightsFile, writeWeightsFile } from './weights-file.js';

const arrays = new Map<string, NdArray>([
  ['backbone.norm1.weight', float32NdArray([2, 3], Float32Array.of(1, -0, 3e38, 1e-45, 5, 6))],
  ['dépôt.bias', { dtype: 'f8', shape: [1], data: Float64Array.of(Math.PI) }],
  ['steps', { dtype: 'i8', shape: [], data: BigInt64Array.of(-5n) }],
  ['i4', { dtype: 'i4', shape: [2], data: Int32Array.of(-1, 2) }],
  ['u1', { dtype: 'u1', shape: [1, 1], data: Uint8Array.of(200) }],
  ['b1', { dtype: 'b1', shape: [2], data: Uint8Array.of(0, 1) }],
]);

for (const ending of ['.safetensors', '.npz', '.pdparams']) {
  t.test(`weights come back from ${ending} as they were written, in their order`, async (t) => {
    const path = join(t.testdir(), `w${ending}`);
    await writeWeightsFile(path, arrays);
    const read = await readWeightsFile(path);
    t.same([...read.keys()], [...arrays.keys()]);
    for (const [name, expected] of arrays) {
      const actual = read.get(name)!;
      t.same({ dtype: actual.dtype, shape: actual.shape }, { dtype: expected.dtype, shape: expected.shape }, name);
      t.same(bytesOf(actual), bytesOf(expected), name);
    }
  });

  t.test(`half a ${ending} is refused by name`, async (t) => {
    const path = join(t.testdir(), `w${ending}`);
    await writeWeightsFile(path, arrays);
    const whole = await readFile(path);
    for (const length of [0, 1, 9, 60, whole.length >> 1, whole.length - 1]) {
      await writeFile(path, whole.subarray(0, length));
      await t.rejects(readWeightsFile(path), { name: 'UserError', message: `Cannot read weights ${path}` });
    }
  });

  t.test(`no damaged byte of a ${ending} is more than an error`, async (t) => {
    const path = join(t.testdir(), `w${ending}`);
    await writeWeightsFile(path, arrays);
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0xff;
      try {
        if (ending === '.safetensors') parseSafetensors(damaged, 'w');
        else if (ending === '.pdparams') parsePdparams(damaged, 'w');
      } catch (thrown) {
        if (!(thrown instanceof UserError)) t.fail(`byte ${at}: ${thrown}`);
      }
    }
  });
}

t.test('another ending, and no file, are refused', async (t) => {
  await t.rejects(readWeightsFile('w.bin'), {
    message:
      'Cannot read weights w.bin: it has the ending .bin; one of .safetensors, .npz, .pdparams, .pth, .pt is wanted',
  });
  await t.rejects(writeWeightsFile('w', arrays), { message: /^Cannot write weights w: it has no ending; / });
  await t.rejects(readWeightsFile('none.npz'), {
    message: 'Cannot read weights none.npz: there is no such file; a file of weights is wanted',
  });
});

// Pickles made by NumPy 2.4 of {'w': float32 [[0, 1, 2], [3, 4, 5]], 'i': int64 3}, and of things that must be refused.
const pickles = {
  protocol2:
    'gAJ9cQAoWAEAAAB3cQFjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sAhXEEY19jb2RlY3MKZW5jb2RlCnEFWAEAAABicQZYBgAAAGxhdGluMXEHhnEIUnEJh3EKUnELKEsBSwJLA4ZxDGNudW1weQpkdHlwZQpxDVgCAAAAZjRxDomIh3EPUnEQKEsDWAEAAAA8cRFOTk5K/////0r/////SwB0cRJiiWgFWBsAAAAAAAAAAADCgD8AAABAAABAQAAAwoBAAADCoEBxE2gHhnEUUnEVdHEWYlgBAAAAaXEXaAJoA0sAhXEYaAmHcRlScRooSwEpaA1YAgAAAGk4cRuJiIdxHFJxHShLA2gRTk5OSv////9K/////0sAdHEeYoloBVgIAAAAAwAAAAAAAABxH2gHhnEgUnEhdHEiYnUu',
  protocol5:
    'gAWV2gAAAAAAAAB9lCiMAXeUjBNudW1weS5fY29yZS5udW1lcmljlIwLX2Zyb21idWZmZXKUk5QolhgAAAAAAAAAAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAlIwFbnVtcHmUjAVkdHlwZZSTlIwCZjSUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYksCSwOGlIwBQ5R0lFKUjAFplGgEKJYIAAAAAAAAAAMAAAAAAAAAlGgIjAJpOJSJiIeUUpQoSwNoDE5OTkr/////Sv////9LAHSUYiloD3SUUpR1Lg==',
  system: 'gASVJgAAAAAAAAB9lIwBd5SMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpRzLg==',
  bigEndian:
    'gASVogAAAAAAAAB9lIwBd5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwKGlGgFjAVkdHlwZZSTlIwCZjSUiYiHlFKUKEsDjAE+lE5OTkr/////Sv////9LAHSUYolDED+AAAA/gAAAP4AAAD+AAACUdJRicy4=',
  scalar:
    'gASVbQAAAAAAAAB9lIwBd5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJDBAAAAECUhpRSlHMu',
  half: 'gASVmgAAAAAAAAB9lIwBd5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsCSwKGlGgFjAVkdHlwZZSTlIwCZjKUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYolDCAA8ADwAPAA8lHSUYnMu',
  // uint16 [0x3f80, 0xc000, 0x7f80], which Paddle stores for bfloat16.
  bfloat16:
    'gASVlgAAAAAAAAB9lIwBd5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsDhZRoBYwFZHR5cGWUk5SMAnUylImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGKJQwaAPwDAgH+UdJRicy4=',
  // float32 [[0, 1, 2], [3, 4, 5]] in Fortran order, protocol 5.
  fortran5:
    'gAWVlQAAAAAAAAB9lIwBd5SME251bXB5Ll9jb3JlLm51bWVyaWOUjAtfZnJvbWJ1ZmZlcpSTlCiWGAAAAAAAAAAAAAAAAABAQAAAgD8AAIBAAAAAQAAAoECUjAVudW1weZSMBWR0eXBllJOUjAJmNJSJiIeUUpQoSwOMATyUTk5OSv////9K/////0sAdJRiSwJLA4aUjAFGlHSUUpRzLg==',
  transposed:
    'gASVwgAAAAAAAAB9lIwBd5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsDSwKGlGgFjAVkdHlwZZSTlIwCaTiUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYohDMAAAAAAAAAAAAQAAAAAAAAACAAAAAAAAAAMAAAAAAAAABAAAAAAAAAAFAAAAAAAAAJR0lGJzLg==',
} as const;

t.test('pickles of protocols 2 and 5 are read', async (t) => {
  for (const name of ['protocol2', 'protocol5'] as const) {
    const read = parsePdparams(Buffer.from(pickles[name], 'base64'), 'w.pdparams');
    t.match(read.get('w'), { dtype: 'f4', shape: [2, 3] }, name);
    t.same([...read.get('w')!.data], [0, 1, 2, 3, 4, 5]);
    t.same(read.get('i'), { dtype: 'i8', shape: [], data: BigInt64Array.of(3n) });
  }
});

t.test('pickled arrays of any byte order, order of axes and width are read', async (t) => {
  for (const [name, dtype, shape, data] of [
    ['bigEndian', 'f4', [2, 2], [1, 1, 1, 1]],
    ['half', 'f4', [2, 2], [1, 1, 1, 1]],
    ['bfloat16', 'f4', [3], [1, -2, Number.POSITIVE_INFINITY]],
    ['fortran5', 'f4', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['transposed', 'i8', [3, 2], [0n, 3n, 1n, 4n, 2n, 5n]],
  ] as const) {
    const read = parsePdparams(pickleOf(name), 'w.pdparams').get('w')!;
    t.same({ ...read, data: [...read.data] }, { dtype, shape, data }, name);
  }
});

t.test('float16 and bfloat16 of .safetensors are read as float32, short integers as longer ones', async (t) => {
  const cases = [
    ['F16', [0x3c00, 0xc000], 'f4', [1, -2]],
    ['BF16', [0x3f80, 0xc000], 'f4', [1, -2]],
    ['I16', [1, 0xfffe], 'i4', [1, -2]],
    ['U16', [1, 0xfffe], 'i4', [1, 65534]],
  ] as const;
  for (const [name, halves, dtype, data] of cases) {
    const text = Buffer.from(`{"a":{"dtype":"${name}","shape":[2],"data_offsets":[0,4]}}`);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const bytes = Buffer.concat([length, text, Buffer.from(Uint16Array.from(halves).buffer)]);
    const read = parseSafetensors(bytes, 'w').get('a')!;
    t.same({ ...read, data: [...read.data] }, { dtype, shape: [2], data }, name);
  }
});

t.test('what is not a dict of arrays is refused by its name', async (t) => {
  const refusals: readonly (readonly [Buffer, RegExp])[] = [
    [
      pickleOf('system'),
      /its pickle names posix\.system; plain data and NumPy arrays are wanted, nothing that runs code$/,
    ],
    [pickleOf('scalar'), /its pickle names numpy\._core\.multiarray\.scalar; /],
    [
      Buffer.from(pickleOf('half').toString('latin1').replace('f2', 'c8'), 'latin1'),
      /an array has dtype c8; f2, f4, f8, i1, i2, i4, i8, u1, u4, b1, u2 is wanted$/,
    ],
    [
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:ab\n'),
      /it is a Git LFS pointer, not the file; the file itself is wanted\. Fix: git lfs pull$/,
    ],
    [Buffer.from('PK\x03\x04'), /it is a zip \(of PyTorch, perhaps\); a paddle\.save file is wanted$/],
    [Buffer.from('<html>'), /it is a web page; /],
    [Buffer.from('hello'), /it is not a pickle; /],
    [Buffer.from([0x80, 4, 0x4e, 0x2e]), /it holds None; a dict of arrays is wanted$/],
    [Buffer.from([0x80, 4, 0x7d, 0x2e]), /it holds no array; a dict of arrays is wanted$/],
    [Buffer.from([0x80, 4, 0x7d, 0x8c, 1, 0x61, 0x4b, 1, 0x73, 0x2e]), /a is a number; an array is wanted$/],
    [Buffer.from([0x80, 1, 0x2e]), /its pickle protocol is 1; 2 to 5 is wanted$/],
    [Buffer.from([0x80, 4, 0x7d, 0x2e, 0]), /1 bytes follow its pickle; /],
    [Buffer.from([0x80, 4, 0x68, 3, 0x2e]), /its pickle recalls 3, which it did not memorise; /],
    [Buffer.from([0x80, 4, 0x51, 0x2e]), /its pickle has opcode 0x51 at byte 2; /],
  ];
  for (const [bytes, message] of refusals)
    t.throws(() => parsePdparams(bytes, 'w.pdparams'), { name: 'UserError', message });
});

t.test('a pickle of many objects, or of one array many times over, is refused before it takes memory', async (t) => {
  const start = Buffer.from([0x80, 4]);
  const [dict, mark, memoize, recalled] = [0x7d, 0x28, 0x94, Buffer.from([0x68, 0])];
  for (const bomb of [
    Buffer.concat([start, Buffer.alloc(1_000_001, dict)]),
    Buffer.concat([start, Buffer.alloc(1_000_001, mark)]),
    Buffer.concat([start, Buffer.from([dict]), Buffer.alloc(1_000_000, memoize)]),
    Buffer.concat([start, Buffer.from([dict, 0x71, 0]), Buffer.alloc(2_000_000, recalled)]),
  ])
    t.throws(() => parsePdparams(bomb, 'w.pdparams'), {
      name: 'UserError',
      message:
        /^Cannot read w\.pdparams: its pickle has more than 1000000 objects; at most 1000000 objects are wanted \(a budget/,
    });
  // {1: array, 2: array, …}: the bytes of each are those that were memorised for the first.
  const text = 'x'.repeat(100_000);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  const memorised = Buffer.concat([Buffer.from([0x58]), size, Buffer.from(text), Buffer.from([0x71, 0])]);
  const encode = Buffer.from('c_codecs\nencode\nh\x00X\x06\0\0\0latin1\x86R', 'latin1');
  const copies = Buffer.concat([start, memorised, ...Array.from({ length: 60 }, () => encode), Buffer.from('.')]);
  t.throws(() => parsePdparams(copies, 'w.pdparams'), {
    name: 'UserError',
    message:
      /^Cannot read w\.pdparams: its pickle has \d+ bytes, and arrays of more than \d+; at most \d+ bytes are wanted/,
  });
});

t.test('the shape of a pickled array stays what was checked, and has as many axes as NumPy has', async (t) => {
  const frombuffer = (shape: Buffer, bytes = Buffer.from('C\x04\0\0\x80?', 'latin1')) =>
    call('numpy.core.numeric._frombuffer', tuple(bytes, call('numpy.dtype', tuple(text('f4'))), shape, text('F')));
  const ones = (count: number) => tuple(Buffer.from('K\x01'.repeat(count), 'latin1'));
  const list = Buffer.from(']q\0K\x01a', 'latin1');
  // Recalls the list and appends 5, then takes it away, and the name that pickleStateDict wrote.
  const grow = Buffer.from('h\0K\x05a00', 'latin1');
  const grown = parsePdparams(pickleStateDict({ w: frombuffer(list), x: grow }), 'w.pdparams');
  t.strictSame(grown.get('w'), float32NdArray([1], Float32Array.of(1)));
  t.equal(parsePdparams(pickleStateDict({ w: frombuffer(ones(64)) }), 'w.pdparams').get('w')!.shape.length, 64);
  t.throws(() => parsePdparams(pickleStateDict({ w: frombuffer(ones(65)) }), 'w.pdparams'), {
    name: 'UserError',
    message: 'Cannot read w.pdparams: an array has 65 axes; at most 64 are wanted',
  });
});

t.test('a name that is not text is refused, and not written out as one', async (t) => {
  const start = Buffer.from([0x80, 4]);
  // Thirty lists, each holding the one before it twice: as text they would be 2^30 characters.
  const append = Buffer.from('a');
  const lists = Array.from({ length: 30 }, (_, at) => {
    const below = at === 0 ? Buffer.from('N') : Buffer.from([0x68, at - 1]);
    return Buffer.concat([Buffer.from(']'), Buffer.from([0x71, at]), below, append, below, append, Buffer.from('0')]);
  });
  const deepest = Buffer.from([0x68, 29]);
  const doubling = Buffer.concat([start, ...lists, deepest]);
  const nested = Buffer.concat([start, Buffer.from('N'), Buffer.alloc(200_000, 0x85)]);
  const text = Buffer.from([0x8c, 1, 0x61]);
  const end = Buffer.from('.');
  const dtype = (value: Buffer) =>
    Buffer.concat([start, Buffer.from('cnumpy\ndtype\n'), value.subarray(2), Buffer.from([0x85, 0x52]), end]);
  for (const bytes of [
    Buffer.concat([doubling, text, Buffer.from([0x93]), end]),
    Buffer.concat([start, text, doubling.subarray(2), Buffer.from([0x93]), end]),
    Buffer.concat([nested, text, Buffer.from([0x93]), end]),
    dtype(doubling),
    dtype(nested),
  ])
    t.throws(() => parsePdparams(bytes, 'w.pdparams'), {
      name: 'UserError',
      message:
        /^Cannot read w\.pdparams: its pickle (?:names a class by a list|has a dtype that is a list) or a tuple; a text is wanted$/,
    });
});

t.test('Paddle’s own table of names is written, and dropped when read', async (t) => {
  const bytes = Buffer.from(renderPdparams(arrays));
  t.ok(bytes.includes('StructuredToParameterName@@'));
  t.notOk(parsePdparams(bytes, 'w').has('StructuredToParameterName@@'));
});

t.test('a safetensors file that contradicts itself is refused', async (t) => {
  const header = (text: string, data = 8) => {
    const bytes = Buffer.alloc(8 + text.length + data);
    bytes.writeBigUInt64LE(BigInt(text.length));
    bytes.write(text, 8);
    return bytes;
  };
  const refusals: readonly (readonly [Buffer, RegExp])[] = [
    [
      header('{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}'),
      /a has dtype "F8_E4M3"; one of F32, .* is wanted$/,
    ],
    [header('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'), /a has 8 bytes; shape \[3\] of F32 needs 12$/],
    [
      header('{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}'),
      /a has shape \[-2\]; whole numbers are wanted$/,
    ],
    [
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'),
      /a starts at 4; 0, where the tensor before it ends, is wanted$/,
    ],
    [header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'), /its tensors have 8 bytes; its header needs 4$/],
    [header('[]'), /its header is not an object; /],
    [header('{"a":1'), /in its header, it is not JSON \(line 1: it ends where a comma or } is wanted\)/],
    [header('{"a":null}'), /a has dtype undefined; /],
  ];
  for (const [bytes, message] of refusals) t.throws(() => parseSafetensors(bytes, 'w'), { name: 'UserError', message });
  const metadata = header('{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
  t.same([...parseSafetensors(metadata, 'w').keys()], ['a']);
  t.equal(renderSafetensors(arrays).indexOf(0x7b), 8);
});

const shared = join(packageRoot, '..', 'shared', 'data');

t.test('real pdparams files of others are read', async (t) => {
  if (!existsSync(shared)) {
    t.comment('not run: ../shared/data is not there');
    return;
  }
  for (const [path, count] of [
    ['pdparams/betterlmy.pdparams', 4],
    ['pdparams/espnet_cityscapes.pdparams', 206],
    ['camvid/segnext_mscan_t_camvid.pdparams', 519],
  ] as const) {
    t.equal((await readWeightsFile(join(shared, path))).size, count, path);
  }
  await t.rejects(readWeightsFile(join(shared, 'pdparams/git-lfs-pointer.pdparams')), { message: /Git LFS pointer/ });
});

function pickleOf(name: keyof typeof pickles): Buffer {
  return Buffer.from(pickles[name], 'base64');
}

function bytesOf({ data }: NdArray): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
