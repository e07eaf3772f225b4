import fc from 'fast-check';

/** One change of a file. Positions are taken modulo its length, so that shrinking an edit keeps it possible. */
export type Edit =
  | { readonly kind: 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'delete'; readonly at: number; readonly count: number }
  | { readonly kind: 'copy'; readonly at: number; readonly from: number; readonly count: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'word'; readonly at: number; readonly word: string }
  | { readonly kind: 'line'; readonly at: number; readonly to: number; readonly what: 'delete' | 'double' | 'move' };

/**
 * What was found to be hard to read: ends of the range of numbers, words of other types, control characters, long ones.
 */
const words = [
  ...['0', '-1', '1', '-0', '0.5', '1e-3', '1e999', '-1e999', 'NaN', '.nan', '.inf', 'null', '~', 'true', 'no'],
  ...['2147483647', '2147483648', '4294967296', '9007199254740993', '99999999999999999999', '0x7fffffff', '1_0'],
  ...['""', '"x"', '[]', '{}', '[[]]', '{"a": 1}', '*a', '&a', '&a x', '<<', '!!python/object', '!!binary', '|', '>'],
  ...[
    '../x',
    '/etc/passwd',
    'a\u0000b',
    '\u001b[31m',
    '\u202e',
    '\n::error::x',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    'x'.repeat(5000),
    '['.repeat(2000),
    '{"a":'.repeat(500),
    '😀',
    'é',
    ':',
    '=',
    ' ',
    '\t',
    '\r',
    ',',
    '#',
    "'",
    '"',
  ],
];

const numbers = [0, 1, -1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 2 ** 31 * 2 ** 21, 2 ** 53];
const at = fc.nat(0x7fffffff);
const small = fc.integer({ min: 1, max: 64 });

const byteEdits: fc.Arbitrary<Edit>[] = [
  fc.record({ kind: fc.constant('set'), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('set'), at, bytes: fc.constantFrom(...numbers.flatMap(numberBytes)) }),
  fc.record({ kind: fc.constant('flip'), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('insert'), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
  fc.record({ kind: fc.constant('delete'), at, count: small }),
  fc.record({ kind: fc.constant('copy'), at, from: at, count: small }),
  fc.record({ kind: fc.constant('cut'), at }),
];

const textEdits: fc.Arbitrary<Edit>[] = [
  fc.record({ kind: fc.constant('word'), at, word: fc.constantFrom(...words) }),
  fc.record({ kind: fc.constant('word'), at, word: fc.constantFrom(...words) }),
  fc.record({ kind: fc.constant('line'), at, to: at, what: fc.constantFrom('delete', 'double', 'move') }),
];

/** A sample and up to six changes of it. */
export function mutations(samples: number, isText: boolean): fc.Arbitrary<{ sample: number; edits: Edit[] }> {
  const edit = fc.oneof(...(isText ? [...textEdits, ...textEdits, ...byteEdits] : byteEdits));
  return fc.record({ sample: fc.nat(samples - 1), edits: fc.array(edit, { minLength: 1, maxLength: 6 }) });
}

export function mutate(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce<Uint8Array>(apply, bytes);
}

function apply(bytes: Uint8Array, edit: Edit): Uint8Array {
  const place = bytes.length === 0 ? 0 : edit.at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (edit.kind) {
    case 'set':
      return Buffer.concat([before, edit.bytes, after.subarray(edit.bytes.length)]);
    case 'flip':
      return Buffer.concat([before, after.subarray(0, 1).map((byte) => byte ^ (1 << edit.bit)), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, edit.bytes, after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(edit.count)]);
    case 'copy': {
      const from = bytes.length === 0 ? 0 : edit.from % bytes.length;
      return Buffer.concat([before, bytes.subarray(from, from + edit.count), after]);
    }
    case 'cut':
      return before;
    case 'word':
      return replaceWord(Buffer.from(bytes).toString('latin1'), place, edit.word);
    case 'line':
      return changeLine(Buffer.from(bytes).toString('latin1'), edit);
  }
}

/** The word, number or mark at that place. latin1 keeps every byte as it is. */
function replaceWord(text: string, place: number, word: string): Uint8Array {
  const isPart = (character: string | undefined) => character !== undefined && /[\w.+-]/.test(character);
  let [start, end] = [place, place];
  while (isPart(text[start - 1])) start--;
  while (isPart(text[end])) end++;
  const kept = end === start ? text.slice(start + 1) : text.slice(end);
  return Buffer.concat([Buffer.from(text.slice(0, start), 'latin1'), Buffer.from(word), Buffer.from(kept, 'latin1')]);
}

function changeLine(text: string, { at, to, what }: Extract<Edit, { kind: 'line' }>): Uint8Array {
  const lines = text.split('\n');
  const [line = ''] = what === 'double' ? [lines[at % lines.length]] : lines.splice(at % lines.length, 1);
  if (what !== 'delete') lines.splice(to % (lines.length + 1), 0, line);
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** In one, two, four and eight bytes, little- and big-endian. */
function numberBytes(value: number): Uint8Array[] {
  const wide = Buffer.alloc(8);
  wide.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return [1, 2, 4, 8].flatMap((count) => [wide.subarray(0, count), Buffer.from(wide.subarray(0, count)).reverse()]);
}
