import t from 'tap';
import { decodeMessage, encodeMessage, type MessageTable } from './wire.js';

const inner: MessageTable = { 1: { name: 'label', type: 'string' } };
const full: MessageTable = {
  1: { name: 'big', type: 'int64' },
  2: { name: 'ratio', type: 'float' },
  3: { name: 'raw', type: 'bytes' },
  4: { name: 'child', type: () => inner, repeated: true },
  5: { name: 'dims', type: 'int64', repeated: true },
  6: { name: 'packed', type: 'double', repeated: true, packed: true },
  300: { name: 'late', type: 'uint64' },
};
const message = {
  big: -(2n ** 63n),
  ratio: 0.5,
  raw: Buffer.from([0, 255, 128]),
  child: [{ label: 'ä' }, {}],
  dims: [2n ** 63n - 1n, -1n, 0n],
  packed: [1.1, -0],
  late: 2n ** 64n - 1n,
};

t.test('a message comes back as it was, to the last bit of 64', async (t) => {
  t.strictSame(decodeMessage(full, encodeMessage(full, message)), message);
});

t.test('fields that the table does not know are written back', async (t) => {
  const bytes = encodeMessage(full, message);
  const partial = decodeMessage({ 2: { name: 'ratio', type: 'float' } }, bytes);
  t.strictSame(Object.keys(partial), ['ratio']);
  const again = decodeMessage(full, encodeMessage({ 2: { name: 'ratio', type: 'float' } }, partial));
  t.strictSame(again, message);
});

t.test('packed and single values of a repeated field are both read', async (t) => {
  const packed: MessageTable = { 5: { name: 'dims', type: 'int64', repeated: true, packed: true } };
  t.strictSame(decodeMessage(full, encodeMessage(packed, { dims: message.dims })), { dims: message.dims });
});

t.test('a truncated message is an error', async (t) => {
  const bytes = encodeMessage(full, message);
  t.throws(() => decodeMessage(full, bytes.subarray(0, bytes.length - 3)));
});
