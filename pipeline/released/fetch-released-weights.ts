import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import { readReleased } from '../../models/registry.js';
import type { ReleasedModel } from '../../models/released-model.js';
import { cachedPath, type FetchOptions } from '../fetch/fetch-file.js';
import { type FetchedWeights, fetchWeightsFile } from '../fetch/fetch-weights-file.js';

/** All weights that are known to be released. */
export const releasedModels: readonly ReleasedModel[] = await readReleased();

export interface ReleasedOptions extends Omit<FetchOptions, 'to'> {
  /** Stands in for the scheme and host of every address: a copy in one's own network, or a test's server. */
  readonly mirror?: string;
}

export interface ReleasedWeights {
  readonly model: ReleasedModel;
  readonly fetched: FetchedWeights;
}

/**
 * Fetches released weights into the cache, one file after the other, and verifies what lies there already. A copy
 * fetched from a mirror takes the place that the original would have.
 * @throws as fetchFile, at the first that cannot be had
 */
export async function fetchReleasedWeights(
  models: readonly ReleasedModel[] = releasedModels,
  options: ReleasedOptions = {},
): Promise<ReleasedWeights[]> {
  const { mirror, ...rest } = options;
  const all: ReleasedWeights[] = [];
  for (const model of models) {
    const to = cachedPath(model.weights, rest.cache);
    const fetched = await fetchWeightsFile(mirrored(model.weights, mirror), { ...rest, to });
    all.push({ model, fetched });
  }
  return all;
}

/** The models of these names or backbones, in the order of the published table; all where there is no name. */
export function selectReleased(names: readonly string[]): readonly ReleasedModel[] {
  if (names.length === 0) return releasedModels;
  const unknown = names.find((name) => !releasedModels.some((model) => isNamed(model, name)));
  if (unknown === undefined) return releasedModels.filter((model) => names.some((name) => isNamed(model, name)));
  const known = releasedModels.map(({ name }) => name);
  throw new UserError(
    `Cannot find released weights ${unknown}: there are ${known.join(', ')}; one of them is wanted.${suggest(unknown, known)}`,
  );
}

function isNamed({ name, backbone }: ReleasedModel, given: string): boolean {
  return given.toLowerCase() === name || given.toUpperCase() === backbone;
}

function mirrored(address: string, mirror: string | undefined): string {
  if (mirror === undefined) return address;
  if (!URL.canParse(mirror))
    throw new UserError(`Cannot use the mirror ${mirror}: it is not an address; https://… is wanted`);
  return `${mirror.replace(/\/$/, '')}${new URL(address).pathname}`;
}
