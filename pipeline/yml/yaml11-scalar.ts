/** What a YAML 1.1 scalar can be. Dates without a time zone are taken as UTC. */
export type Yaml11Scalar = string | number | boolean | null | Date;

/** The types that a scalar can be tagged with, by the ends of their tags (`tag:yaml.org,2002:…`). */
export type Yaml11Type = keyof typeof constructors;

/**
 * The type of a plain (unquoted) scalar by PyYAML's implicit resolvers, which are narrower than YAML 1.1's text: a
 * float needs a dot and a signed exponent, so `1e-3` is a string. `merge` and `value` stand for `<<` and `=`. Source:
 * yaml/resolver.py of PyYAML 6.0.3.
 */
export function resolvePlainScalar(text: string): Yaml11Type | 'merge' | 'value' {
  for (const [type, pattern] of resolvers) if (pattern.test(text)) return type;
  return 'str';
}

/**
 * The value of a scalar of a given type. Source: SafeConstructor in yaml/constructor.py of PyYAML 6.0.3.
 * Throws a RangeError where PyYAML fails too (`0b_`), and for integers that a double cannot hold, where Python's could.
 */
export function constructScalar(type: Yaml11Type, text: string): Yaml11Scalar {
  return constructors[type](text);
}

/** In PyYAML's order: the first that matches decides. */
const resolvers = [
  ['bool', /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/],
  [
    'float',
    /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  ],
  [
    'int',
    /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  ],
  ['merge', /^<<$/],
  ['null', /^(?:~|null|Null|NULL|)$/],
  [
    'timestamp',
    /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/,
  ],
  ['value', /^=$/],
] as const;

const constructors = {
  str: (text: string) => text,
  null: () => null,
  bool: constructBool,
  int: constructInt,
  float: constructFloat,
  timestamp: constructTimestamp,
} as const;

function constructBool(text: string): boolean {
  const word = text.toLowerCase();
  if (['yes', 'true', 'on'].includes(word)) return true;
  if (['no', 'false', 'off'].includes(word)) return false;
  throw new RangeError(`${text} is not a boolean`);
}

function constructInt(text: string): number {
  const { sign, digits } = splitSign(text.replaceAll('_', ''));
  const magnitude = integerMagnitude(digits);
  if (!Number.isSafeInteger(magnitude)) throw new RangeError(`${text} is not an integer below 2^53`);
  return magnitude === 0 ? 0 : sign * magnitude;
}

function integerMagnitude(digits: string): number {
  if (digits.startsWith('0b')) return parseDigits(digits.slice(2), 2);
  if (digits.startsWith('0x')) return parseDigits(digits.slice(2), 16);
  if (digits.startsWith('0') && digits !== '0') return parseDigits(digits, 8);
  if (digits.includes(':')) return sexagesimal(digits);
  return parseDigits(digits, 10);
}

/** Unlike parseInt it takes all of the text or none. */
function parseDigits(digits: string, radix: number): number {
  const allowed = '0123456789abcdef'.slice(0, radix);
  if (digits === '' || [...digits.toLowerCase()].some((digit) => !allowed.includes(digit))) return Number.NaN;
  return Number.parseInt(digits, radix);
}

function constructFloat(text: string): number {
  const { sign, digits } = splitSign(text.replaceAll('_', '').toLowerCase());
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  if (digits.includes(':')) return sign * sexagesimal(digits);
  if (!/^(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/.test(digits)) throw new RangeError(`${text} is not a number`);
  return sign * Number(digits);
}

/** `12:30` is 12 · 60 + 30. */
function sexagesimal(digits: string): number {
  return digits.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

function splitSign(text: string): { sign: 1 | -1; digits: string } {
  return { sign: text.startsWith('-') ? -1 : 1, digits: text.replace(/^[-+]/, '') };
}

function constructTimestamp(text: string): Date {
  const parts =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d*))?(?:[ \t]*(Z|[-+]\d{1,2}(?::\d{2})?))?)?$/.exec(
      text,
    );
  if (parts === null) throw new RangeError(`${text} is not a date`);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = new Date(Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, milliseconds));
  if (local.getUTCMonth() !== month! - 1 || local.getUTCDate() !== day! || hour! > 23 || minute! > 59 || second! > 59)
    throw new RangeError(`${text} is not a date`);
  return new Date(local.getTime() - zoneMinutes(parts[8]) * 60_000);
}

function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const { sign, digits } = splitSign(zone);
  const [hours, minutes = '0'] = digits.split(':');
  return sign * (Number(hours) * 60 + Number(minutes));
}
