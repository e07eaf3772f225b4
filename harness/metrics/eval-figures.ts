import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EvalMetrics } from '../golden/read-eval-golden.js';
import type { AbsentClass, Confusion } from './confusion.js';

/** A number over a whole data set, which follows from the confusion matrix. */
export interface EvalFigure {
  /** As PaddleSeg prints it: `mIoU`. */
  readonly name: string;
  /** The number of the limits that had it first: 1 of `limits/1`. */
  readonly since: number;
  /** Its place among those. */
  readonly rank: number;
  /** @param absent what a class counts that neither labels nor predictions have, where it counts at all */
  measure(confusion: Confusion, absent: AbsentClass): number;
}

/** Every figure. The folder `figures/` is the list. */
export const evalFigures: readonly EvalFigure[] = await readFigures();

/** Shares, 0 to 1. Kappa may be negative or, of one class alone, NaN. */
export function measureFigures(confusion: Confusion, absent: AbsentClass): EvalMetrics {
  return Object.fromEntries(evalFigures.map(({ name, measure }) => [name, measure(confusion, absent)])) as EvalMetrics;
}

async function readFigures(): Promise<EvalFigure[]> {
  const folder = join(import.meta.dirname, 'figures');
  const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
  const modules = files.map(async (file) => (await import(pathToFileURL(join(folder, file)).href)) as Module);
  const found = (await Promise.all(modules)).map(({ figure }) => figure);
  return found.sort((a, b) => a.since - b.since || a.rank - b.rank);
}

interface Module {
  readonly figure: EvalFigure;
}
