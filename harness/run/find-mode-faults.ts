import type { CaseResult, Measurement, ModeResult } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';

/** Where what was measured of a mode of testing is not what the mode says. */
export function findModeFaults({ evaluation, measurements }: CaseResult, { limits }: Pick<Result, 'limits'>): string[] {
  const modes = evaluation?.modes ?? [];
  const ofMode = modes.flatMap((mode) =>
    [...findInEquivalence(mode), ...findInSums(mode, measurements, limits)].map((text) => `mode ${mode.name}, ${text}`),
  );
  return [...ofMode, ...measurements.flatMap((one) => findInMiou(one, modes))];
}

function findInEquivalence({ equivalence: { verdict, interval, bound } }: ModeResult): string[] {
  if (verdict !== 'equivalent') return [];
  if (interval !== null && interval[0] > -bound && interval[1] < bound) return [];
  return [`the mIoUs are equivalent, and differ by ${interval?.join(' to ') ?? 'no interval'}; ±${bound} is allowed`];
}

/** Version 1 did not store how many pixels of an image changed. */
function findInSums(mode: ModeResult, measurements: readonly Measurement[], limits: string): string[] {
  if (limits === 'limits/1') return [];
  const maps = measurements.filter(
    ({ kind, name }) => kind === 'label-map' && /^(.*)\/\d+\/labels$/s.exec(name)?.[1] === mode.name,
  );
  return (['changed', 'unexplained'] as const).flatMap((figure) => {
    const counted = maps.reduce((total, map) => total + (figureNamed(map, figure)?.value ?? 0), 0);
    return counted === mode[figure] ? [] : [`${mode[figure]} pixels are ${figure}; its label maps count ${counted}`];
  });
}

/** An mIoU that passes was held to the bound, with the farther end of the interval. */
function findInMiou(measurement: Measurement, modes: readonly ModeResult[]): string[] {
  const { kind, name, verdict } = measurement;
  if (kind !== 'miou' || verdict !== 'pass') return [];
  const mode = modes.find((one) => name === `${one.name}/mIoU`);
  if (mode === undefined) return [`${name} passes, and no mode has that name`];
  const { interval, bound } = mode.equivalence;
  const [found, farther] = [figureNamed(measurement, 'interval'), interval && Math.max(...interval.map(Math.abs))];
  if (found?.limit === bound && found.value === farther) return [];
  return [
    `${name} passes with interval ${found?.value}, limit ${found?.limit}; ${farther} and ${bound} of its mode are wanted`,
  ];
}

function figureNamed({ figures }: Measurement, name: string) {
  return figures.find((figure) => figure.name === name);
}
