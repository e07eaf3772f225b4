import t from 'tap';
import { constructScalar, resolvePlainScalar } from './yaml11-scalar.js';

/** What `yaml.load(text, Loader=yaml.FullLoader)` of PyYAML 6.0.3 gives for each text, by rule. */
const readings: Record<string, readonly [text: string, value: unknown][]> = {
  'a float needs a dot and a signed exponent': [
    ['1.0e-6', 1e-6],
    ['4.0e-5', 4e-5],
    ['1.e-5', 1e-5],
    ['.1e-5', 1e-6],
    ['1.0E+6', 1e6],
    ['0.00006', 6e-5],
    ['5.', 5],
    ['.5', 0.5],
    ['-0.5', -0.5],
    ['1_000.5', 1000.5],
    ['.5_0', 0.5],
    ['1._', 1],
    ['.inf', Number.POSITIVE_INFINITY],
    ['-.inf', Number.NEGATIVE_INFINITY],
    ['+.Inf', Number.POSITIVE_INFINITY],
    ['.NaN', Number.NaN],
  ],
  'what only looks like a float is text': same(
    ...['1e-3', '6e-5', '1e5', '1E-3', '1e+5', '1.0e6', '1.5e3', '0.5e1', '1.0e', '-.5', '+.5', '._5', '.', '..'],
    ...['1.2.3', 'inf', 'nan', '1,000', '100%'],
  ),
  'integers are decimal, octal with a 0, hexadecimal, binary, with underscores': [
    ['255', 255],
    ['-1', -1],
    ['+12', 12],
    ['0', 0],
    ['-0', 0],
    ['00', 0],
    ['010', 8],
    ['0777', 511],
    ['0_7', 7],
    ['1_000', 1000],
    ['1_', 1],
    ['0x1F', 31],
    ['0xff_ff', 65535],
    ['-0x10', -16],
    ['0b101', 5],
    ['-0b11', -3],
    ['123456789012', 123456789012],
  ],
  'what only looks like an integer is text': same('08', '0888', '0_8', '0o10', '0x', '0b', '_1', '1-2', 'v1', '+'),
  'colons count in sixties': [
    ['12:30', 750],
    ['-12:30', -750],
    ['1:30:15', 5415],
    ['190:20:30', 685230],
    ['1:5', 65],
    ['12:30.5', 750.5],
    ['190:20:30.15', 685230.15],
  ],
  'not every pair of numbers is sexagesimal': same('09:30', '01:30', '12:60'),
  'on, off, yes and no are booleans, in three spellings each': [
    ...['on', 'On', 'ON', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE'].map((text): [string, unknown] => [text, true]),
    ...['off', 'Off', 'OFF', 'no', 'No', 'NO', 'false', 'False', 'FALSE'].map((text): [string, unknown] => [
      text,
      false,
    ]),
  ],
  'y, n and mixed case are text': same('y', 'n', 'oN', 'tRue', 'nULL'),
  'null has four spellings, and none of them is None': [
    ['~', null],
    ['null', null],
    ['Null', null],
    ['NULL', null],
    ['', null],
    ['none', 'none'],
    ['None', 'None'],
  ],
  'dates are dates, in UTC unless they say otherwise': [
    ['2020-01-02', new Date('2020-01-02T00:00:00Z')],
    ['2001-12-14t21:59:43.10-05:00', new Date('2001-12-15T02:59:43.100Z')],
    ['2001-12-14 21:59:43 +2', new Date('2001-12-14T19:59:43Z')],
    ['2001-1-4 1:59:43', new Date('2001-01-04T01:59:43Z')],
    ['2020-1-2', '2020-1-2'],
  ],
};

for (const [rule, pairs] of Object.entries(readings)) {
  t.test(rule, async (t) => {
    for (const [text, expected] of pairs) t.strictSame(read(text), expected, `${JSON.stringify(text)}`);
  });
}

t.test('<< and = are neither text nor numbers', async (t) => {
  t.equal(resolvePlainScalar('<<'), 'merge');
  t.equal(resolvePlainScalar('='), 'value');
});

t.test('what PyYAML cannot construct is an error', async (t) => {
  t.throws(() => read('0b_'), { message: '0b_ is not an integer below 2^53' });
  t.throws(() => read('0x__'), { message: '0x__ is not an integer below 2^53' });
  t.throws(() => read('2020-02-30'), { message: '2020-02-30 is not a date' });
  t.throws(() => constructScalar('float', 'fast'), { message: 'fast is not a number' });
  t.throws(() => constructScalar('bool', 'maybe'), { message: 'maybe is not a boolean' });
});

t.test('an integer that a double cannot hold is an error, never rounded', async (t) => {
  t.throws(() => read('9007199254740993'), { message: '9007199254740993 is not an integer below 2^53' });
});

function read(text: string): unknown {
  const type = resolvePlainScalar(text);
  if (type === 'merge' || type === 'value') throw new Error(`${text} is ${type}`);
  return constructScalar(type, text);
}

function same(...texts: string[]): [string, string][] {
  return texts.map((text) => [text, text]);
}
