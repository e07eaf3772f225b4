import { cannot, UserError } from '../support/errors.js';
import { parseUserJson } from '../support/parse-json.js';
import { packageSchema, type Schema, type SchemaFault } from '../support/schema.js';
import { suggest } from '../support/suggest.js';
import type { BundleFormat, Precision } from './bundle.js';

/**
 * case.json as the schema of its format lets it pass: `case.schema.json`, `case-2.schema.json`. What the schema cannot
 * say is validated by `readBundle`.
 */
export interface CaseFile {
  readonly format: BundleFormat;
  readonly reference?: BundleReference;
  readonly id: string;
  readonly phase: 'infer' | 'train';
  readonly model: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly weights: readonly CaseWeightSource[];
  readonly inputs?: Readonly<Record<string, ArrayReference>>;
  readonly outputs?: readonly string[];
  readonly draws?: Readonly<Record<string, ArrayReference>>;
  readonly probes?: readonly CaseProbe[];
  readonly train?: CaseTrain;
  readonly sha256: Readonly<Record<string, string>>;
  readonly made_by?: Readonly<Record<string, unknown>>;
}

export type BundleReference = 'paddle' | 'torch' | 'onnx';

export interface ArrayReference {
  readonly file: string;
  readonly key?: string;
}

export interface CaseWeightSource {
  readonly seeded?: {
    readonly scheme: 'uniform/1' | 'uniform/2';
    readonly seed: number;
    /** With uniform/2. */
    readonly ranges?: Readonly<Record<string, readonly [low: number, high: number]>>;
  };
  readonly arrays?: Readonly<Record<string, ArrayReference>>;
  readonly pdparams?: string;
  readonly safetensors?: string;
}

export interface CaseNoise {
  readonly rel_rms: number;
  readonly max_over_rms: number;
}

export interface CaseProbe {
  readonly name: string;
  /** There is `same_as`, or `value` and `noise`. */
  readonly value?: ArrayReference;
  readonly same_as?: string;
  readonly shape: readonly number[];
  readonly layout?: 'raw';
  readonly noise?: CaseNoise;
  readonly own_noise?: CaseNoise;
  readonly noise_at?: Readonly<
    Partial<Record<Precision, { readonly noise: CaseNoise; readonly own_noise?: CaseNoise }>>
  >;
  readonly sample?: { readonly seed: number; readonly count: number };
  readonly rms?: number;
  readonly valid?: ArrayReference;
  readonly informative?: boolean;
}

export interface CaseTrain {
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly lr_scheduler: Readonly<Record<string, unknown>>;
  readonly iters: number;
  readonly loss: Readonly<Record<string, unknown>>;
  readonly steps: readonly {
    readonly image: ArrayReference;
    readonly label: ArrayReference;
    readonly draws?: Readonly<Record<string, ArrayReference>>;
  }[];
  readonly expect: {
    readonly lr: readonly number[];
    readonly loss: readonly {
      readonly value: number;
      readonly noise: number;
      readonly noise_at?: Readonly<Partial<Record<Precision, number>>>;
    }[];
    readonly grads: readonly CaseProbe[];
    readonly params: readonly CaseProbe[];
    readonly buffers: readonly CaseProbe[];
  };
}

/** Parses case.json. Throws a UserError with the field's path, and the key that was probably meant. */
export function parseCaseFile(text: string, source: string): CaseFile {
  const parsed = parseUserJson(text, source, "a golden bundle's case is wanted");
  const { format } = Object(parsed) as { readonly format?: unknown };
  const schema = schemas.get(format ?? 'golden-bundle/1');
  if (schema === undefined)
    throw cannot(
      'read',
      source,
      `format is ${brief(format)}`,
      `${[...schemas.keys()].map(brief).join(' or ')} is wanted`,
    );
  const fault = schema.findFault(parsed);
  if (fault === null) return parsed as CaseFile;
  throw new UserError(`Cannot read ${source}: ${describe(fault, parsed)}`);
}

const schemas: ReadonlyMap<unknown, Schema> = new Map<BundleFormat, Schema>([
  ['golden-bundle/1', packageSchema('harness/golden/case.schema.json')],
  ['golden-bundle/2', packageSchema('harness/golden/case-2.schema.json')],
]);

/** `<field> is …; … is wanted`. */
function describe(error: SchemaFault, root: unknown): string {
  const field = fieldPath(error.instancePath, root);
  const at = (key: string) => (field === '' ? key : `${field}.${key}`);
  const given = `${field === '' ? 'the whole file' : field} is ${brief(error.data)}`;
  switch (error.keyword) {
    case 'additionalProperties': {
      const unknown = String(error.params.additionalProperty);
      const known = Object.keys(error.parentSchema?.properties ?? {});
      return `${at(unknown)} is an unknown key; one of ${known.join(', ')} is wanted.${suggest(unknown, known)}`;
    }
    case 'false schema':
      // Keys of a phase stand at the top.
      if (field.endsWith('seeded.ranges')) return `${field} does not belong to uniform/1; uniform/2 is wanted`;
      if (error.instancePath.lastIndexOf('/') > 0) return `${field} stands beside same_as; one of them is wanted`;
      return `${field} does not belong to a bundle of phase ${phaseOf(root)}; a key of that phase is wanted`;
    case 'required':
      return `${at(String(error.params.missingProperty))} is missing; it is wanted${whyRequired(error)}`;
    case 'const':
      return `${given}; ${brief(error.params.allowedValue)} is wanted`;
    case 'enum':
      return `${given}; one of ${error.params.allowedValues.map(brief).join(', ')} is wanted`;
    case 'type':
      return `${given}; ${article(String(error.params.type))} is wanted`;
    case 'minItems':
      if (error.params.limit > 1) return `${given}; ${error.params.limit} entries are wanted`;
      return `${field} is empty; at least one is wanted`;
    case 'maxItems':
      return `${given}; ${error.params.limit} entries are wanted`;
    case 'minProperties':
    case 'maxProperties':
      return `${field} has ${Object.keys(Object(error.data)).length} keys; ${error.keyword === 'minProperties' ? 'at least' : 'at most'} one is wanted`;
    case 'minimum':
      return `${given}; at least ${error.params.limit} is wanted`;
    case 'maximum':
      return `${given}; at most ${error.params.limit} is wanted`;
    case 'minLength':
      return `${field} is empty; text is wanted`;
    case 'pattern':
      return `${given}; text that matches ${error.params.pattern} is wanted`;
    default:
      return `${given}; it ${error.message ?? 'is not valid'} (the schema of case.json)`;
  }
}

function whyRequired(error: SchemaFault): string {
  if (error.params.missingProperty === 'rms') return ', as the probe is sampled';
  return '';
}

function phaseOf(root: unknown): string {
  return brief((root as { phase?: unknown }).phase);
}

/** `/probes/3/noise/rel_rms` as `probes[3].noise.rel_rms`; names with dots in brackets. */
function fieldPath(pointer: string, root: unknown): string {
  let path = '';
  let value = root;
  for (const raw of pointer.split('/').slice(1)) {
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) path += `[${key}]`;
    else if (/^\w+$/.test(key)) path += path === '' ? key : `.${key}`;
    else path += `["${key}"]`;
    value = Object(value)[key];
  }
  return path;
}

function brief(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
