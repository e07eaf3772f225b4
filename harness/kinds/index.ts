import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult, Figure, FigureUnit, Measurement } from '../result/record/case-result.js';

/** A kind of what is measured: its limits, what it means, where to look when it fails. */
export interface Kind {
  /** That of its file. */
  readonly name: string;
  /** `tipc`: a check of a step of TIPC's. */
  readonly phase: CaseResult['phase'] | 'tipc';
  /** Which of the five steps of Paddle's alignment it belongs to; null: none. */
  readonly step: AlignmentStep | null;
  /** What its measurements are called in results; null where another measurement holds it. */
  readonly names: RegExp | null;
  /** Place in the order of causes, from 1 (CONTRACT, section 3, `fault`); null: it is never named as the cause. */
  readonly cause: number | null;
  /** Which of several that fail is the nearest to the cause, in file order. */
  readonly nearest: 'first' | 'last';
  /** `a learning rate`: what goes wrong where it fails. */
  readonly words: string;
  /** Why a measurement is `missing`. */
  readonly missing: string;
  readonly limits: readonly KindLimit[];
  /** What a stored result is held to that names earlier limits, by their id, where they were others. */
  readonly earlier?: Readonly<Record<string, readonly KindLimit[]>>;
  /** Whether one that agrees says something of the port: a learning rate alone does not. */
  readonly tells: boolean;
  /** Whether a golden with this noise, in shares of its rms, tells a wrong port from a right one. NaN never does. */
  isInformative(noise: number): boolean;
  /** Where to look, in sentences. @param first the likely cause, which is of this kind */
  hint(found: CaseResult, first: Measurement): string;
}

/**
 * In what order Paddle's porters align a network with its reference: the loss is that of the first step, `backward` has
 * gradients and the losses that follow. Source: the guide to article reproduction of PaddlePaddle/models.
 */
export const alignmentSteps = ['forward', 'metric', 'loss', 'backward', 'training'] as const;
export type AlignmentStep = (typeof alignmentSteps)[number];

/** A figure that a kind has, and what it may be. */
export interface KindLimit {
  readonly figure: string;
  readonly unit: FigureUnit;
  /** A suite may only lower it. Null: reported, unless a suite limits it. */
  readonly limit: number | null;
  readonly because: string | null;
}

/**
 * Names the limits of today's kinds. Who changes one raises the id, and keeps the old limits in the kind's `earlier`.
 */
export const limitsId = 'limits/2';
export const knownLimits: readonly string[] = ['limits/1', limitsId];

/** Every kind, by name. The folder is the list: a new kind is a new file and edits nothing else. */
export const kinds: ReadonlyMap<string, Kind> = await readKinds();

/** Throws an Error for a name that no file has. */
export function kindNamed(name: string): Kind {
  const kind = kinds.get(name);
  if (kind === undefined) throw new Error(`harness/kinds has no kind ${name}; it has ${[...kinds.keys()].join(', ')}`);
  return kind;
}

/** Which kind a measurement of this name has, in a case of this phase; null where none has that name. */
export function kindOfName(phase: Kind['phase'], name: string): Kind | null {
  return [...kinds.values()].find((kind) => kind.phase === phase && kind.names?.test(name)) ?? null;
}

/** Those that can be the cause of what fails, the first cause first. */
export const causesInOrder: readonly Kind[] = [...kinds.values()]
  .filter(({ cause }) => cause !== null)
  .sort((a, b) => a.cause! - b.cause!);

/** What a result is held to that names these limits. */
export function limitsUnder(
  id: string,
  { limits, earlier = {} }: Pick<Kind, 'limits' | 'earlier'>,
): readonly KindLimit[] {
  return earlier[id] ?? limits;
}

/** The figures of a kind. @param values by name; one that is not there or not finite is null */
export function figuresOf(
  { limits }: Pick<Kind, 'limits'>,
  values: Readonly<Record<string, number | null>>,
): readonly Figure[] {
  return limits.map(({ figure: name, unit, limit, because }) => {
    const value = values[name] ?? null;
    return { name, value: Number.isFinite(value) ? value : null, unit, limit, because };
  });
}

/** A suite may only lower a limit. It speaks of rms errors; the largest single error keeps the kind's limit. */
export function stricterLimits(
  { limits }: Kind,
  suite: { readonly noiseRatio: number; readonly because: string } | null,
): readonly KindLimit[] {
  const [first, ...rest] = limits;
  if (suite === null || (first!.limit !== null && first!.limit <= suite.noiseRatio)) return limits;
  return [{ ...first!, limit: suite.noiseRatio, because: suite.because }, ...rest];
}

/**
 * Of what is not informative: only NaN, Inf, nothing to compare, or an error above this fails (CONTRACT, section 3).
 */
export function uninformativeLimits({ limits }: Pick<Kind, 'limits'>): readonly KindLimit[] {
  return limits.map((one) => (one.unit === '× noise' && one.limit !== null ? { ...one, ...uninformative } : one));
}

const uninformative = { limit: 64, because: 'contract: what is not informative fails above 64 × its noise' };

async function readKinds(): Promise<ReadonlyMap<string, Kind>> {
  const names = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js') && file !== 'index.js')
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
  const modules = names.map(async (name) => {
    const { kind }: { readonly kind: Kind } = await import(join(import.meta.dirname, `${name}.js`));
    if (kind?.name !== name) throw new Error(`harness/kinds/${name} exports a kind of the name ${kind?.name}`);
    return [name, kind] as const;
  });
  return new Map(await Promise.all(modules));
}
