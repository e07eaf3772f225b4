import type { CaseResult, Measurement } from '../../result/record/case-result.js';
import type { Result } from '../../result/record/result.js';
import { showFirstOwn } from '../show-first-own.js';
import { type CaseSummary, summariseCase } from '../summarise-case.js';

/** A result as the page shows it: by bundle, with the ports side by side. */
export interface Page {
  readonly result: Result;
  readonly ports: readonly string[];
  readonly bundles: readonly BundleView[];
}

export interface BundleView {
  readonly index: number;
  /** `bundle-0`. */
  readonly anchor: string;
  readonly name: string;
  readonly cases: readonly CaseView[];
  readonly layers: readonly LayerView[];
}

export interface CaseView {
  readonly found: CaseResult;
  readonly summary: CaseSummary;
  /** Index in `Page.ports`: it gives the colour and the shape. */
  readonly portIndex: number;
}

export interface LayerView {
  readonly name: string;
  readonly shape: readonly number[];
  /** A measurement per case of the bundle; null where a case has no such probe. */
  readonly measurements: readonly (Measurement | null)[];
}

export function arrangePage(result: Result): Page {
  const ports = [...new Set(result.cases.map(({ port }) => port))];
  const names = [...new Set(result.cases.map(({ bundle }) => bundle))];
  const bundles = names.map((name, index) => {
    const cases = result.cases
      .filter(({ bundle }) => bundle === name)
      .map((found) => ({ found, summary: summariseCase(found), portIndex: ports.indexOf(found.port) }));
    return { index, anchor: `bundle-${index}`, name, cases, layers: arrangeLayers(cases) };
  });
  return { result, ports, bundles };
}

/** All names, in the order in which the first case that has them has them. */
function arrangeLayers(cases: readonly CaseView[]): LayerView[] {
  const byName = cases.map(
    ({ found }) => new Map(showFirstOwn(found.measurements).map((measurement) => [measurement.name, measurement])),
  );
  const names = new Set(byName.flatMap((measurements) => [...measurements.keys()]));
  return [...names].map((name) => {
    const measurements = byName.map((found) => found.get(name) ?? null);
    return { name, shape: measurements.find((found) => found !== null)?.shape ?? [], measurements };
  });
}
