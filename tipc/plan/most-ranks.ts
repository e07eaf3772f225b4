import type { TipcPlan } from './plan.js';

/** Of all rows. Ours of more than one need Open MPI; the user's own PaddleSeg starts its ranks itself. */
export function mostRanks({ steps }: TipcPlan): number {
  return Math.max(...steps.map(({ row }) => row.ranks));
}
