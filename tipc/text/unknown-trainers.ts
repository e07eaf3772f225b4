import { distance } from 'fastest-levenshtein';
import { cannot } from '../../harness/support/errors.js';
import type { TipcList } from './frame.js';
import { isGiven } from './lines.js';

/**
 * A note for each trainer that no line names: TIPC runs the normal one for it, and files of PaddleSeg rely on that
 * (`trainer:norm`).
 * @param names the names that lines give, the normal trainer's first
 * Throws a UserError for one that is nearly another's name: whoever wrote it meant that one.
 */
export function noteUnknownTrainers(trainers: TipcList, names: readonly string[], path: string): string[] {
  const [normal] = names;
  return trainers.values.filter(isGiven).flatMap((trainer) => {
    if (names.includes(trainer)) return [];
    const meant = names.find((name) => isMisspelling(trainer, name) || (name !== normal && name.startsWith(trainer)));
    if (meant === undefined)
      return [`${path}:${trainers.line}: no trainer is named ${trainer}; TIPC runs ${normal} for it`];
    throw cannot(
      'read',
      `${path}:${trainers.line}`,
      `no trainer is named ${trainer}, for which TIPC would run ${normal}`,
      `one of ${names.join(', ')} is wanted. Did you mean ${meant}?`,
    );
  });
}

/** Two letters apart: amp_train, which files use for the normal trainer, is three from pact_train. */
function isMisspelling(trainer: string, name: string): boolean {
  return distance(trainer, name) <= 2;
}
