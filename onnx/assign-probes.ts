import type { FoundBy } from '../harness/contract/port.js';

/** A probe that is looked for. */
export interface Sought {
  readonly name: string;
  /** The first probe whose golden is equal: those are one tensor. */
  readonly golden: number;
  /** Its tensor, where the map, a name or the output says it. */
  readonly said: { readonly tensor: string; readonly by: FoundBy } | null;
  /** The tensor that its layer's weights lead to; null where that is not known. */
  readonly byWeights: string | null;
  /** Whether its layer is known to be folded into the next, so that it has no tensor. */
  readonly folded: boolean;
}

/** How far a tensor is from a golden, where that is less than a tenth. */
export interface Distance {
  /** Of the tensor, in the file's order. */
  readonly at: number;
  readonly relRms: number;
  /** Whether it is within both limits. */
  readonly agrees: boolean;
}

/**
 * `fused`: its tensor is not in the file, and what follows agrees. `lost`: a fault lies between `after`, the last
 * before it that agrees, and it.
 */
export type Assigned =
  | { readonly tensor: string; readonly by: FoundBy }
  | { readonly tensor: null; readonly lacking: 'fused' | 'lost'; readonly after: string | null };

/**
 * Assigns tensors to probes.
 *
 * 1. What the map, a name or the output says stands.
 * 2. The nearest tensor within both limits, of equal ones the first after the last match. A tensor serves one probe, or
 *    several whose goldens are equal.
 * 3. A probe that no tensor agrees with has the tensor that its layer's weights lead to, else the nearest one between
 *    its neighbours that no other probe claims. It then fails, however well later ones agree: noise grows with depth,
 *    and would hide an early error.
 * 4. Without any it is fused, if the next probe that was found agrees, or if its weights say so. Else it is lost.
 *
 * @param tensors candidates, in the file's order
 * @param distances of each probe
 * @param fits whether a tensor has the shape of a probe
 */
export function assignProbes(
  probes: readonly Sought[],
  tensors: readonly string[],
  distances: readonly (readonly Distance[])[],
  fits: (tensor: string, probe: number) => boolean,
): readonly Assigned[] {
  const places = new Map(tensors.map((tensor, at) => [tensor, at]));
  const found: Found[] = probes.map(({ said }) => said);
  /** The golden that a tensor was found to be. */
  const claims = new Map<string, number>();
  for (const [at, { golden }] of probes.entries()) if (found[at]) claims.set(found[at].tensor, golden);
  const search: Search = {
    ...{ probes, tensors, distances, fits, found, claims },
    take(probe, tensor, by) {
      found[probe] = { tensor, by };
      claims.set(tensor, probes[probe]!.golden);
    },
    placeOf: (probe) => places.get(found[probe]!.tensor) ?? -1,
  };
  takeAgreeing(search);
  const agreed = probes.map((_, probe) => {
    const place = found[probe] ? search.placeOf(probe) : null;
    return place !== null && distances[probe]!.some(({ at, agrees }) => at === place && agrees);
  });
  takeFailing(search);
  return probes.map(({ folded }, probe) => {
    if (found[probe]) return found[probe];
    const next = nextFound(found, probe);
    const fused = folded || (next >= 0 && agreed[next]!);
    const after = agreed.slice(0, probe).lastIndexOf(true);
    return {
      tensor: null,
      lacking: fused ? 'fused' : 'lost',
      after: after < 0 ? null : probes[after]!.name,
    };
  });
}

type Found = { readonly tensor: string; readonly by: FoundBy } | null;

interface Search {
  readonly probes: readonly Sought[];
  readonly tensors: readonly string[];
  readonly distances: readonly (readonly Distance[])[];
  readonly fits: (tensor: string, probe: number) => boolean;
  /** Of each probe; it grows. */
  readonly found: Found[];
  readonly claims: Map<string, number>;
  take(probe: number, tensor: string, by: FoundBy): void;
  /** In the file, of a probe that was found; −1 where its tensor is no candidate. */
  placeOf(probe: number): number;
}

/** Rule 2. */
function takeAgreeing({ probes, tensors, distances, found, claims, take, placeOf }: Search): void {
  let last = -1;
  for (const [probe, { golden }] of probes.entries()) {
    if (found[probe] === null) {
      const twin = golden < probe ? found[golden]! : null;
      const isFree = (tensor: string) => (claims.get(tensor) ?? golden) === golden;
      const agreeing = distances[probe]!.filter(({ at, agrees }) => agrees && isFree(tensors[at]!));
      const nearest = Math.min(...agreeing.map(({ relRms }) => relRms));
      const equal = agreeing.filter(({ relRms }) => relRms === nearest);
      const best = equal.find(({ at }) => at > last) ?? equal[0];
      if (twin !== null) take(probe, twin.tensor, 'value');
      else if (best !== undefined) take(probe, tensors[best.at]!, 'value');
    }
    if (found[probe] !== null) last = placeOf(probe);
  }
}

/** Rule 3. */
function takeFailing({ probes, tensors, distances, fits, found, claims, take, placeOf }: Search): void {
  for (const [probe, { byWeights, golden }] of probes.entries()) {
    if (found[probe] !== null) continue;
    const twin = golden < probe ? found[golden]! : null;
    if (twin !== null) take(probe, twin.tensor, twin.by);
    else if (byWeights !== null && !claims.has(byWeights) && fits(byWeights, probe)) take(probe, byWeights, 'weights');
    else {
      const before = found
        .slice(0, probe)
        .map((one) => one !== null)
        .lastIndexOf(true);
      const [low, high] = windowOf(before, nextFound(found, probe), placeOf);
      const near = distances[probe]!.filter(({ at }) => at > low && at < high && !claims.has(tensors[at]!)).sort(
        (a, b) => a.relRms - b.relRms,
      )[0];
      if (near !== undefined) take(probe, tensors[near.at]!, 'nearness');
    }
  }
}

function nextFound(found: readonly Found[], probe: number): number {
  return found.findIndex((one, at) => at > probe && one !== null);
}

/**
 * Between which places a probe's tensor lies, from those of its neighbours. Where the file makes these in another order
 * than the reference, as it may of branches, it may lie anywhere.
 */
function windowOf(before: number, next: number, placeOf: (probe: number) => number): [low: number, high: number] {
  const low = before < 0 ? -1 : placeOf(before);
  const high = next < 0 ? Number.POSITIVE_INFINITY : placeOf(next);
  return low < high ? [low, high] : [-1, Number.POSITIVE_INFINITY];
}
