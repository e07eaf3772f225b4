import { showFirstOwn } from '../../reporters/show-first-own.js';
import type { Measured, Measurement } from '../../result/record/case-result.js';
import { renderTimes } from '../../support/figures.js';
import { oneLine } from '../../support/one-line.js';
import type { JudgedRelease } from './judge-release.js';

/** What a release does otherwise than the one before it. */
export interface Change {
  /** Layers that give other bits by themselves, in their order. */
  readonly layers: readonly string[];
  /** Outputs that do so in the graph that users run. */
  readonly shipped: readonly string[];
  /** The first probe whose verdict is another; null: none is. */
  readonly verdict: { readonly name: string; readonly from: string; readonly to: string } | null;
}

export function compareReleases(after: JudgedRelease, before: JudgedRelease): Change {
  const names = after.result.measurements.map(({ name }) => name);
  const old = byName(before);
  const turned = after.result.measurements.find(({ name, verdict }) => old.get(name)?.verdict !== verdict);
  return {
    layers: names.filter((name) => differs(after, before, name)),
    shipped: [...after.bits.shipped].flatMap(([name, hash]) => (before.bits.shipped.get(name) === hash ? [] : [name])),
    verdict:
      turned === undefined
        ? null
        : { name: turned.name, from: old.get(turned.name)?.verdict ?? 'absent', to: turned.verdict },
  };
}

/** `0.31× noise, largest 0.8×`: a layer's own error. */
export function renderOwn(judged: JudgedRelease, name: string): string {
  return renderFigures(byName(judged).get(name)?.own ?? null);
}

/** Of the layer whose own error is nearest to its limit, or furthest above it. */
export function renderWorst({ result }: JudgedRelease): string {
  const shown = showFirstOwn(result.measurements).filter(({ own }) => own !== null);
  if (shown.length === 0) return 'no own error';
  const worst = shown.reduce((a, b) => (reach(b.own!) > reach(a.own!) ? b : a));
  return `${renderFigures(worst.own)}, ${oneLine(worst.name)}`;
}

/** A release that lacks a probe gives other bits than one that has it. */
function differs({ bits: after }: JudgedRelease, { bits: before }: JudgedRelease, name: string): boolean {
  const run = after.own.has(name) && before.own.has(name) ? 'own' : 'plain';
  return after[run].get(name) !== before[run].get(name);
}

function byName({ result }: JudgedRelease): ReadonlyMap<string, Measurement> {
  return new Map(showFirstOwn(result.measurements).map((one) => [one.name, one]));
}

function renderFigures(measured: Pick<Measured, 'figures'> | null): string {
  const [rms, largest] = measured?.figures.map(({ value }) => renderTimes(value)) ?? [];
  return rms === undefined ? 'no own error' : `${rms} noise${largest === undefined ? '' : `, largest ${largest}`}`;
}

/** Share of its limit; one that is not finite is above all. */
function reach({ figures }: Pick<Measured, 'figures'>): number {
  return Math.max(...figures.map(({ value, limit }) => (value ?? Number.POSITIVE_INFINITY) / (limit ?? 1)));
}
