import type { Result } from './record/result.js';

/**
 * What no run wrote and no system takes, though it is text: a date that there is none of, a path with a NUL. Null:
 * none.
 */
export function findUnusable({ startedAt, tipc }: Result): string | null {
  if (Number.isNaN(Date.parse(startedAt))) return `it has the date ${startedAt}, and there is no such day or hour`;
  const path = tipc === undefined ? undefined : placesOf(tipc).find((one) => one?.includes('\0'));
  return path === undefined ? null : `it has the path ${JSON.stringify(path)}, with a NUL`;
}

function placesOf({ file, startFolder, steps, files, inputs }: NonNullable<Result['tipc']>) {
  const { configs = [], data = [], weights = [], manifest = null } = inputs ?? {};
  const artefacts = [
    ...steps.flatMap((step) => step.artefacts),
    ...(files ?? []),
    ...weights,
    ...(manifest === null ? [] : [manifest]),
  ];
  return [
    ...[file, startFolder, ...steps.flatMap(({ record, log }) => [record, log])],
    ...[...artefacts, ...configs.map(({ used }) => used)].map(({ path }) => path),
    ...data.flatMap(({ root, list }) => [root, list]),
  ];
}
