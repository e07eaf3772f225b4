import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { UserError } from '../support/errors.js';
import { parsePth } from './pth.js';
import { call, denseTensor, floats, named, pickleStateDict, text, tuple, zipPth } from './pth-for-tests.js';
import { tensorReader } from './read-tensor.js';
import { TorchStorage, TorchTensor } from './torch-value.js';
import { readWeightsFile, writeWeightsFile } from './weights-file.js';

/**
 * Gzipped: torch.save of PyTorch 2.8.0 of {'meta': …, 'state_dict': an OrderedDict with _metadata, 'optimizer': …}; in
 * the first as it writes today, in the second with _use_new_zipfile_serialization=False.
 */
const saved = {
  zipped:
    'H4sIAAAAAAACA6VW22/bVBh3kjZNQ5deuLQrMC5jkEKX5u6069rO68LAZWudDUy5BCdxLtSN89kn7RiKVAm1wBs8IXhAPPEvAC9o4gGBxMskmBCaxAMPExISD0gIiRfOOU5TH1dpRnIUJ7F9fpfv8/m+41XR08dxPh93aIxwY5xi5MuVLXWmoCAlVNvQ0kKAW2fGjrsBXFDGHNymihRwNcAdlPvxqVrT82XwiB55AJ+dXzmXyVzIQB+dauhKAfplD/6bVwzw7sFAXfbjMxMpSM0WKnkEvnxe1zQ1jyp61fRfNgqqoRaW8R0/DE5J4A/KLgzYhnvySMc2Q9k6qmimP2uouXpFK2SRWjV1I7sV9cNQMEhNmHimUlLhmAXxpzVdQRnroh8ClDAMw5avWh1GRC+C0TWRE92iZw/GRI/o2oN73y8TA/chuF+CB6htZChVs6abagHGy1itfKwcKA+XKX6C4D2iew+Oiy5CM2nhH0TwkAQPUzFD34YTTuAjaxjm2YVHRdcuPGaBHkdwUoIn5EEMqimGgnOuGnCqTQpaM/zw5D47DTICT2ENN4IgDW4XpojG05bGMwimJTj9Hj0JvQszEoTpUysrWhEiFlEzgxfxpVYCo5Q7CjGLO97kThDupMXNI0hJMEvpcsVIEuYYOoE+kUiyRXmGUsZg3qI826RcIJSLFuUSgnMSCLIbTyym4DxDuKzXc5raolumdHG4gOlcCNKEDjM9S74uWnTPIXheApEu4bxeryJYYRhX9GqpxfcC5UvAJYvvMuabmrJ4VhGsSSDRSIuaUoIMG6muay2aK5QmCVetKF9sRvkSsSVbdC8jWJfglXoDXqUPP0uqjZQlvEbvvy6TmoVsA96gS31LNUxcOKCILtM0cxSj11Bls3IdL5hcA/I0QlpvUGiAKnINKFKoeq2WVbZKUGKWDA9l7M6DoELX8y68SdxtWO40BJsSVLFSPbQqDvi+/+vLX8Zw5ORYbdthxrmpVocJFXVjU0HZpu+0cMrRaNqMCJH74s/b7xCP5GgvN8nxB3LNVpBVtEqpuqlWUVqI3Z0iO5JxYmBxG34n6899pIFRbrFlIPcWUnXS09LCmW5094dWQUhTiYfds78d92IV75EeAtwC09VnwmlhrgcDFuvOIv5awh987ODjsyXiaPyDOx9O4BsTHRxNs44iaSHI3b3+DaJ9g+jNTf/6AxHwddCbZ/WiaSHVdQYwGdWWXWsfkVLv66C9xGrH0sJ8L49/HWfein3w0rUu9OO96n/yMRlfLRIP32U+/7uL/Cd6yf9Ak5Xo127d0bvQT/ai76LKX5/8Ru5c/wFOYJX5tLDQU/b36+8gB/q3P709hP8PHelk2NYKWx23q/4X8xPVm5+WrnaO/wQXPWjANAGmalRwB76ukJe8bKWQFkL/00Q4FU2mknGejyWS4XiC5/lwOJxK8tHZKJ+MJGZTkUQ8Ho9EicuZP/71BrGPIHXpImZbPu071sgh5873YCfavgGNM8hcH9duj3OS2DeRSYbkpp3k0M7l5LFvBKMMj9TPHd6AnHB71w4w8Fv9nGPvcGLtHZjFlr0ObMSJtXdQFvuzExs9pGvrfiz2yoADG3Ni7V2Lxf7oxMadWHvHYbGyz4FNOLH2nuGI14lNOrH2Kmex0qADyzux9lodZrC3bdg2a9ReQidYYT/XobhXRa93er8VeE7b2iL7a3qs33/8+23NS7v8RnOC9ZbX77UwATrfmvsfoPBoCs0OAAA=',
  legacy:
    'H4sIAAAAAAACA32U2XbbVBSGNTh2K0gpM2Uss8MQHEd2bCgkbdNQUDpEZhBDEbJ8bKkoPv6loxRYy2v5JqHwBrC44JJX4K6vwyOwFhfsIykGF4GWNZzp+3/vffaZaT8Y0Z8/7/xx9uav18+szrQrv+v0nEKpO6cVRZnEXHCfR+4Bi5OQj6HSBGeZRqJQiIi5bDwIvTG0245BneKbCXOT8FuWQJ+iUneWqDMJeCywZGmOTq1wLFC1Kk5FMvh4hJpVSdNjTdm7z4QHdQotX84m3A+gW7pTo9bF3fO93qUeckDMvQGWMq7vxageoZZmRhLhCeYOQl/ghE/+I+YLsp8Y1+IBi9lgm0YMnFyxYdQdlRbcwj2+4LEfrLqpCKPEcGPWT8No4Ao2TnjsHjQN3FuvZyYSmumNGJbzJcZOxD3RyzsNnHJO0Zyu2Wm3Gmaz012nF+7LTU5SnLaqVwXu37MUS7P0Izxg6ZZ6hAe/D6SdhwQetvFIHs3YGycTnrABHg1IO1gOStmPBTnzjGTqlnaExy1Vop/ImU8KPGXj6cxBzG/hmf+DnS1gz+4RSj/Ec5Z6iOdz0AsCL9p4yTkpd4YXe5QpFuPl/wjcfIaBeonienfNbDXbJlZIUSPFV7KQHOJVqfharvi6wKqNN25njcZ3WLPRzDIfeNEQ6zm2yMJl6ponwVz4b63uRqPTQatQahdKG1Kpkyt1Bd608VYG7w/X2ji3AL+Q5XitPRd4ey5gds1mY6PZWG/inUJgsxDYkgLnc4ELAhdtbDsaLRt2cGkBv83TfsTm8J273HfaG028S3CV4JclnLjvycf7OdwS2LVxJSsYn6dUY1cX+LtUaXP6tX9mod1sN6T16wV9j+grKznVFujZ+CCLyTDyRvhwMSacR3PoR3dDW6aJj4t4OEU8PpGWP83hnwl8buNGOsUX2YZyZd0PPKp9Nxv/0qFOBd4U/azojk8g31KTJOlna/hEhPt03MQYTMHy00ZWPoZTjCxliiBbyr6euN7BCGHZNiSvrbbZwU3yqpPXr7IqOkQkve7nXime3MaEdOVJdUOeVCXZV8viqpXFRS8zUCkrjqWyfVwt2x61smo+wVblfpPXbFO5oxbfteJ9PKYquvLvS5t/3dmUj3n73N+kn36U12+b1YWVMzl/i350z+j+ZesvR5c3eGkGAAA=',
  // torch.save of {'state_dict': {'w': tensor}, 'message_hub': {'loss': mmengine.logging.HistoryBuffer([1.0], [1])}}.
  mmengine:
    'H4sIAAAAAAACA6VVzY/bRBSfbHaT1LtkP/hYupSlQAEvtNl8J9uvtKGEsoY061JkcbEcezZ2cex99njbIEUqQptl/wYkVM4gwa1/AAeOCMSRGyfEgSs3mLFT18kqqaAjxeMZv/d7v3nv9yYtIT6LUCqFjo0ltIIUR9WNfbypKUTJ7H1iNupp9PHIuDfTB8RLFAN1MVEg1ocZf+VirEFctbzuXi8jq7aDM13PJIbiOEqPc1XFVBwOZgMDTiO9PczBnDRDXXerkDj64hCSIqR4IS7F6N5FONFsNrf/ocN/CIgA11YpsIZVl8MWe+FgXjoRHuCH+zVYkBL0zVSIYeXgqQGkRVgcwJIIy67EMZZEIVjWDJXASh+e9kPdgWdUYtOTZ2SPGKbLyQ5ue4apyQRbru3I+3kOnuV5KekD2I7SwfBc4MI1TFshN4NNDlZ9wCw8L8XprO55cFKIEVjbEZAQO4AX2OPUkarapolVYtiWy91wNOxg7RqlxMGLGyKsE3hJhNOuNO/n2HUpsqx7bXi5D6/4qTZt14VX1W4XWx3DwhnT7tC5k9ENxq4nt73dXexw14NlPVjBmY3P4LU+vM77iegqd2WT+hMd3ti+Ul9E0gLdlSmUPIQBflIxaX5USp04HuO8MSyppQVf4U0BHcBb+ryfizac1WkdzomQOYRNEbK8EGNZyOmpI32ket/XIM9MCyIUCZTaUpoRUm3PIiGlsr6h+/AVncJVRdgawp3XAykZVbjApHRRhEtUSvpxEV1us7hM/7FhZKixsFdEuEqg3pZWhjKhIQ3VlanKdVtz4e0+XOP9snYNC95RZZlphOpMlrkO7QRCaI4b+pnQ5N0BXBfhvWCt3IVtPfxKV8IA3hfhA19Tquc42CLQ9C2iOzcG0BJhZ9huigWibxIubw7gQxFueV7b9TItIZlqri189yWNwX6tia2+ik6HrZ7ZtZ2uQuR97LhUkI36qbGOHx05FuXBX799HhtmcHKUNVR5FGXYN7JiGh2LCpc06oWpgSaMcpERqN2BP1i5Z6YSWEa1kEC7R7DNWq1Rv/B/4j4cpkGIiRmHg0u/n2SXTWIqhzS6PHKrbmYb9fNPQAChezUW/fbtr79lMpidGn0xkoGwwE90/gLHov/8VefW4/O/jvKPBOAf3sWOQRXwqcLuPtnQGvXMfySTK1Xy1dzWVimXq5aK5WIhmy9ny/lKLlsqVQpb1VK1XMxnq3nGsnIof8NTHrzPMsbIhjyjjbJ0jPn4/+C4d7QBVkc8/4yjSa01DhIV8doIyM4smtI54zhRIS6P4PwSwQkbYNw9qqT0iPtHc2hMu+O+UR0sjvj+GvGdcP5oedZHnMUEeoxwWkIicfahzOLnQs/k2PzT8JL/OxHM1M//9OOQQ3CDzSUCn6RvH9j+C6wLbDwpCQAA',
} as const;

const expected = {
  w: { dtype: 'f4', shape: [2, 3], data: [0, 1, 2, 3, 4, 5] },
  transposed: { dtype: 'f4', shape: [3, 2], data: [0, 3, 1, 4, 2, 5] },
  row: { dtype: 'f4', shape: [3], data: [3, 4, 5] },
  parameter: { dtype: 'f4', shape: [2], data: [1.5, -2] },
  half: { dtype: 'f4', shape: [2], data: [1, -2] },
  bf16: { dtype: 'f4', shape: [2], data: [1, -2] },
  f8: { dtype: 'f8', shape: [1], data: [0.1] },
  count: { dtype: 'i8', shape: [], data: [7n] },
  flag: { dtype: 'b1', shape: [2], data: [1, 0] },
};

for (const name of ['zipped', 'legacy'] as const) {
  t.test(`a checkpoint that PyTorch wrote is read, ${name}: views, halves and a Parameter`, async (t) => {
    const read = parsePth(bytesOf(name), 'w.pth');
    t.strictSame(
      Object.fromEntries([...read].map(([key, { dtype, shape, data }]) => [key, { dtype, shape, data: [...data] }])),
      expected,
    );
  });

  t.test(`half a file, and one with a damaged byte, is no more than an error, ${name}`, async (t) => {
    const whole = bytesOf(name);
    for (const length of [0, 1, 9, 60, whole.length >> 1, whole.length - 1])
      t.throws(() => parsePth(whole.subarray(0, length), 'w.pth'), { name: 'UserError' }, `${length} bytes`);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0xff;
      try {
        parsePth(damaged, 'w.pth');
      } catch (thrown) {
        if (!(thrown instanceof UserError)) t.fail(`byte ${at}: ${thrown}`);
      }
    }
  });
}

t.test('what mmengine stores beside weights is passed over, and is no weight', async (t) => {
  t.strictSame([...parsePth(bytesOf('mmengine'), 'w.pth').keys()], ['w']);
  const beside = { w: denseTensor('0', [1]), hub: call('builtins.getattr', tuple(text('a'), text('b'))) };
  t.throws(() => parsePth(zipPth(pickleStateDict(beside), { 0: floats(1) }), 'w.pth'), {
    name: 'UserError',
    message: 'Cannot read w.pth: hub is an object of builtins.getattr; a tensor is wanted',
  });
});

t.test('a .pth and a .pt are read as weights, and neither is written', async (t) => {
  const folder = t.testdir({ 'w.pth': bytesOf('zipped'), 'w.pt': bytesOf('legacy') });
  for (const name of ['w.pth', 'w.pt'])
    t.strictSame([...(await readWeightsFile(join(folder, name))).keys()], Object.keys(expected));
  await t.rejects(writeWeightsFile(join(folder, 'new.pth'), new Map()), {
    name: 'UserError',
    message: /new\.pth: it has the ending \.pth; one of \.safetensors, \.npz, \.pdparams is wanted$/,
  });
});

const one = { w: denseTensor('0', [2, 3]) };
const numbers = { 0: floats(0, 1, 2, 3, 4, 5) };
/** Their product is Infinity, and NaN where an axis of none follows. */
const endless: readonly number[] = Array(20).fill(Number.MAX_SAFE_INTEGER);

t.test('what a hostile or damaged file asks for is refused by its name', async (t) => {
  t.equal(parsePth(zipPth(pickleStateDict(one), numbers), 'w.pth').get('w')!.data[5], 5, 'the file itself is read');
  const view = (more: Parameters<typeof denseTensor>[2]) =>
    zipPth(pickleStateDict({ w: denseTensor('0', [2, 3], more) }), numbers);
  const value = (pickled: Buffer) => zipPth(pickleStateDict({ ...one, bad: pickled }), numbers);
  const beside = (more: Record<string, Uint8Array>) => zipPth(pickleStateDict(one), numbers, more);
  const torch =
    'plain data and tensors are wanted, nothing that runs code\\. Fix: its state_dict alone, saved again by torch\\.save$';
  for (const [bytes, message] of [
    [value(call('posix.system', tuple(text('true')))), `its pickle names posix\\.system; ${torch}`],
    [value(call('builtins.eval', tuple(text('1')))), `its pickle names builtins\\.eval; ${torch}`],
    [value(call('torch.load', tuple(text('x')))), `its pickle names torch\\.load; ${torch}`],
    [value(named('torch.FloatStorage')), 'bad is an object; a tensor is wanted$'],
    [value(call('torch.FloatStorage', tuple())), 'its pickle calls torch\\.FloatStorage; '],
    [value(Buffer.from('N')), 'bad is None; a tensor is wanted$'],
    [value(Buffer.concat([tuple(text('storage')), Buffer.from('Q')])), 'a storage of it is of no known class; '],
    [view({ type: 'ComplexFloatStorage' }), 'its pickle names torch\\.ComplexFloatStorage; '],
    [view({ offset: 1 }), 'a tensor of shape \\[2, 3\\] reads element 6 of its storage; the storage has 6$'],
    [view({ offset: -1 }), "a tensor's offset, shape or strides are no whole numbers; "],
    [view({ strides: [4, 1] }), 'reads element 6 of its storage; the storage has 6$'],
    [view({ strides: [-3, 1] }), "a tensor's offset, shape or strides are no whole numbers; "],
    [view({ strides: [1] }), "a tensor's offset, shape or strides are no whole numbers; "],
    [view({ shape: [2 ** 40, 2 ** 40], strides: [2 ** 40, 1] }), 'reads element [\\d.e+]+ of its storage; '],
    [
      view({ shape: [...endless, 0], strides: [...endless, 0].fill(0) }),
      'a tensor has the shape \\[9007\\d+, .*, 0\\]; at most 9007\\d+ elements are wanted \\(a budget',
    ],
    [
      view({ metadata: dict({ neg: Buffer.from([0x88]) }) }),
      'a tensor has metadata, such as a bit of negation; one without is wanted\\. Fix: resolve_neg',
    ],
    [view({ shape: Array(65).fill(1), strides: Array(65).fill(1) }), "a tensor's offset, shape or strides are no "],
    [view({ elements: 7 }), 'the storage of w has 24 bytes; 28 are wanted$'],
    [view({ type: 'DoubleStorage' }), 'the storage of w has 24 bytes; 48 are wanted$'],
    [view({ storage: '1' }), 'it lacks the storage of w; a whole file is wanted$'],
    [view({ storage: '../data.pkl' }), 'it lacks the storage of w; a whole file is wanted$'],
    [beside({ byteorder: Buffer.from('big') }), 'its numbers are not little-endian; such are wanted$'],
    [beside({ 'constants.pkl': Buffer.from('') }), 'it is a program of TorchScript; '],
    [beside({ 'data.pkl': Buffer.concat([pickleStateDict(one), Buffer.from('N')]) }), '1 bytes follow its pickle; '],
    [zipPth(pickleStateDict({}), {}), 'it holds a dict without tensors, and none in its state_dict or model; '],
    [zipPth(Buffer.from([0x80, 2, 0x4e, 0x2e]), {}), 'it holds None; a state_dict is wanted$'],
    [Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1'), 'it is a zip that torch\\.save did not write; '],
    [pickleStateDict({}), 'it is a pickle that torch\\.save did not write; a file of torch\\.save is wanted$'],
    [Buffer.from('<html>'), 'it is a web page; a file of torch\\.save is wanted$'],
    [Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:ab\n'), 'it is a Git LFS pointer, '],
  ] as const)
    t.throws(() => parsePth(bytes, 'w.pth'), {
      name: 'UserError',
      message: new RegExp(`^Cannot read w\\.pth: .*${message}`),
    });
});

t.test('empty metadata of a tensor says nothing', async (t) => {
  for (const metadata of [dict({}), Buffer.from('N')]) {
    const w = denseTensor('0', [2, 3], { metadata });
    t.equal(parsePth(zipPth(pickleStateDict({ w }), numbers), 'w.pth').get('w')!.data[5], 5);
  }
});

t.test('a tensor that stands beside the state_dict is not taken for one of its own', async (t) => {
  for (const holder of ['state_dict', 'model']) {
    const checkpoint = {
      best_acc1: denseTensor('0', [], { elements: 6 }),
      [holder]: dict(one),
      epoch: Buffer.from('K\x01'),
    };
    t.strictSame([...parsePth(zipPth(pickleStateDict(checkpoint), numbers), 'w.pth').keys()], ['w'], holder);
  }
});

t.test('a shape that its pickle changes afterwards stays what was checked, and a tuple is not changed', async (t) => {
  const sizes = Buffer.from('(K\x02K\x03', 'latin1');
  const remember = Buffer.from('q\0', 'latin1');
  // Recalls it and appends 5, then takes it away, and the name that pickleStateDict wrote.
  const grow = Buffer.from('h\0K\x05a00', 'latin1');
  const file = (pickledShape: Buffer) =>
    zipPth(pickleStateDict({ w: denseTensor('0', [2, 3], { pickledShape }), x: grow }), numbers);
  const list = Buffer.concat([Buffer.from(']'), remember, sizes, Buffer.from('e')]);
  t.strictSame(parsePth(file(list), 'w.pth').get('w')!.shape, [2, 3]);
  const refused = { name: 'UserError', message: /^Cannot read w\.pth: its pickle appends to no list; / };
  for (const pickled of [
    Buffer.concat([sizes, Buffer.from('t'), remember]),
    Buffer.concat([sizes.subarray(1), Buffer.from([0x86]), remember]),
    Buffer.concat([Buffer.from(')'), remember, Buffer.from('0'), sizes, Buffer.from('t')]),
  ])
    t.throws(() => parsePth(file(pickled), 'w.pth'), refused);
});

t.test('a wrong CRC and a packed entry are refused', async (t) => {
  const whole = Buffer.from(zipPth(pickleStateDict(one), numbers));
  const damaged = Buffer.from(whole);
  damaged[whole.indexOf(floats(0, 1, 2, 3, 4, 5)) + 4]! ^= 1;
  t.throws(() => parsePth(damaged, 'w.pth'), {
    message: 'Cannot read w.pth: the CRC of entry w/data/0 is wrong; an undamaged zip is wanted',
  });
  const packed = zipPth(pickleStateDict(one), numbers, { 'data/0': Buffer.alloc(24) }, { level: 9 });
  t.throws(() => parsePth(packed, 'w.pth'), { message: /entry w\/\S+ is packed; one that is only stored is wanted$/ });
});

t.test('the end of a zip64 that PyTorch writes says what the end of the zip says', async (t) => {
  const whole = bytesOf('zipped');
  const record = whole.lastIndexOf('PK\x06\x06', undefined, 'latin1');
  for (const field of [0, 24, 32, 40, 48, 56, 64]) {
    const damaged = Buffer.from(whole);
    damaged[record + field]! ^= 1;
    t.throws(() => parsePth(damaged, 'w.pth'), { name: 'UserError', message: /its central directory is not where / });
  }
});

t.test('a small file does not ask for much: repeated elements and wide views have one budget', async (t) => {
  const repeated = denseTensor('0', [2 ** 20, 2 ** 10], { elements: 6, strides: [0, 0] });
  const storage = new Uint8Array(4 * 10_000);
  const wide = denseTensor('0', [2], { elements: 10_000, strides: [9_999] });
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`w${at}`, wide]));
  for (const bytes of [
    zipPth(pickleStateDict({ w: repeated }), numbers),
    zipPth(pickleStateDict(many), { 0: storage }),
  ])
    t.throws(() => parsePth(bytes, 'w.pth'), {
      name: 'UserError',
      message:
        /^Cannot read w\.pth: it has \d+ bytes, and tensors of more than \d+; at most \d+ bytes are wanted \(a budget/,
    });
  const row = denseTensor('0', [4, 2], { elements: 2, strides: [0, 1] });
  t.strictSame(
    [...parsePth(zipPth(pickleStateDict({ row }), { 0: floats(1, 2) }), 'w.pth').get('row')!.data],
    [1, 2, 1, 2, 1, 2, 1, 2],
    'torch.expand of a few is read',
  );
  const read = tensorReader({ root: null, storageBytes: () => floats(1) }, 100, 'w.pth');
  const sizes = [...endless, 0];
  const endlessTensor = new TorchTensor(
    new TorchStorage('0', 'f4', 1),
    0,
    sizes,
    sizes.map(() => 0),
  );
  t.throws(
    () => read(endlessTensor, 'w'),
    { name: 'UserError', message: /tensors of more than \d+; / },
    'NaN elements',
  );
});

t.test('a storage that lists itself otherwise in an old file is refused', async (t) => {
  const whole = bytesOf('legacy');
  for (const [found, instead, message] of [
    ['little_endian', 'little_endiam', /its numbers are not little-endian; /],
    ['\x80\x02M\xe9\x03.', '\x80\x02M\xe8\x03.', /its version of the format is another; 1001 is wanted$/],
  ] as const)
    t.throws(() => parsePth(Buffer.from(whole.toString('latin1').replace(found, instead), 'latin1'), 'w.pth'), {
      name: 'UserError',
      message,
    });
  t.throws(() => parsePth(Buffer.concat([whole, Buffer.from('x')]), 'w.pth'), {
    message: /1 bytes follow its last storage; /,
  });
});

/** A pickled dict, to stand within a pickle. */
function dict(items: Parameters<typeof pickleStateDict>[0]): Buffer {
  return pickleStateDict(items).subarray(2, -1);
}

function bytesOf(name: keyof typeof saved): Buffer {
  return gunzipSync(Buffer.from(saved[name], 'base64'));
}
