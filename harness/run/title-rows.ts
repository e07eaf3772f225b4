import type { Result } from '../result/record/result.js';
import type { TipcRun } from '../result/record/tipc-run.js';

export type RowTitles = (tipc: TipcRun) => string;

/**
 * Rows of TIPC's modes. A model has one row for each yml and each content of it, and another row if its data stand in
 * for others. Stand-in data do not measure the model on the data that its yml names, so the title says so.
 */
export function titleRows(results: readonly Result[]): RowTitles {
  const contents = new Map<string, Set<string>>();
  for (const { tipc } of results)
    if (tipc !== undefined)
      contents.set(plainTitle(tipc), (contents.get(plainTitle(tipc)) ?? new Set()).add(contentOf(tipc)));
  return (tipc) => {
    const title = plainTitle(tipc);
    const isAlone = contents.get(title)?.size === 1;
    return [isAlone ? title : `${title} (${contentOf(tipc)})`, ...describeStandIns(tipc)].join(' · ');
  };
}

/** A run of an earlier version does not say which ymls it used. */
function plainTitle({ model, inputs }: TipcRun): string {
  return [model, ...(inputs?.configs ?? []).map(({ name }) => name)].join(' · ');
}

/** Ymls as the commands name them: a smaller one in its place is the same row, reduced. */
function contentOf({ inputs }: TipcRun): string {
  return (inputs?.configs ?? []).map(({ sha256 }) => sha256.slice(0, 8)).join(', ');
}

function describeStandIns({ inputs }: TipcRun): string[] {
  const names = new Set((inputs?.data ?? []).flatMap(({ standsInFor }) => standsInFor ?? []));
  return names.size === 0 ? [] : [`stand-in data, not ${[...names].join(', ')}`];
}
