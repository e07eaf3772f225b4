import type { TipcCheckpoint, TipcStep } from './plan.js';
import type { Combination } from './train-command.js';

type Trainer = Pick<TipcStep, 'script' | 'request'>;

/**
 * PaddleSeg's trainer makes best_model only where it evaluates, and iter_N only where it saves at N and has not removed
 * it since. Without it the script goes on with the last iteration's checkpoint, in all rows that follow, whatever they
 * make.
 * @param carried the checkpoint with which the script goes on so far
 */
export function expectCheckpoint({ file, mode }: Combination, carried: string, command: Trainer): TipcCheckpoint {
  const otherwise = `iter_${file.train.iters.values.get(mode) ?? ''}/model.pdparams`;
  const { checkpoint } = file.train;
  return {
    expected: trainingMakes(checkpoint, command) ? checkpoint : otherwise,
    otherwise,
    named: trainingMakes(carried, command) ? carried : otherwise,
  };
}

const trainer = 'tools/train.py';

/** Another program may make what it likes. */
function trainingMakes(path: string, { script, request }: Trainer): boolean {
  if (path.startsWith('best_model/')) return request.has('--do_eval');
  const iteration = Number(/^iter_(\d+)\/model\.pdparams$/.exec(path)?.[1] ?? Number.NaN);
  const number = (name: string, fallback: number) => Number(request.value(name) ?? fallback);
  const iters = number('--iters', Number.NaN);
  if (script !== trainer || Number.isNaN(iteration) || Number.isNaN(iters)) return true;
  const interval = number('--save_interval', 1000);
  const kept = number('--keep_checkpoint_max', 5);
  const saved = (at: number): boolean => at === iters || at % interval === 0;
  const after = Math.floor(iters / interval) - Math.floor(iteration / interval) + (iters % interval === 0 ? 0 : 1);
  return iteration <= iters && saved(iteration) && (kept <= 0 || iteration === iters || after < kept);
}
