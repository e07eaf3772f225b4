import { isDeepStrictEqual } from 'node:util';
import type { ModelSection } from '../../harness/contract/port.js';
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

/** By the released name, or the backbone's: `MSCAN_T`. */
function isNamed({ name, model }: ReleasedModel, given: string): boolean {
  return given.toLowerCase() === name || (isRecord(model.backbone) && given.toUpperCase() === model.backbone.type);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value says all that `wanted` says. An object may say more. */
function says(value: unknown, wanted: unknown): boolean {
  if (!isRecord(wanted)) return isDeepStrictEqual(value, wanted);
  return isRecord(value) && Object.entries(wanted).every(([key, inner]) => says(value[key], inner));
}

/** The weights that were released of the network of a `model:` section. */
export function releasedFor(section: ModelSection): readonly ReleasedModel[] {
  return releasedModels.filter(({ model }) => says(section, model));
}

function mirrored(address: string, mirror: string | undefined): string {
  if (mirror === undefined) return address;
  if (!URL.canParse(mirror))
    throw new UserError(`Cannot use the mirror ${mirror}: it is not an address; https://… is wanted`);
  return `${mirror.replace(/\/$/, '')}${new URL(address).pathname}`;
}
