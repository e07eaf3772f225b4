import { type RequestArgument, StepRequest } from '../text/request.js';
import type { Crop } from './tipc-options.js';

/** What a runner asks for in place of what TIPC's command does. */
export interface Change {
  readonly option: string;
  /** Null: it is left out. */
  readonly to: readonly string[] | null;
  /** How the step is then not what the file asks for. */
  readonly deviation?: string;
  readonly note?: string;
}

/** Changes that nothing is said of, by their options. */
export function quietly(to: Readonly<Record<string, string | null>>): Change[] {
  return Object.entries(to).map(([option, value]) => ({ option, to: value === null ? null : [value] }));
}

/** What changes stays where it is, and what the command does not have comes last; all other words stay. */
export function applyChanges(request: StepRequest, changes: readonly Change[]): StepRequest {
  let { given } = request;
  for (const { option, to } of changes) {
    const own = to === null ? [] : [{ name: option, values: to, words: [option, ...to], refused: null }];
    const at = given.findIndex(({ name }) => name === option);
    const changed = given.flatMap((one, index) =>
      one.name === option ? [...(index === at ? own : []), ...behindValue(one, to)] : [one],
    );
    given = at < 0 ? [...given, ...own] : changed;
  }
  return new StepRequest(given);
}

/** Of a program that is not known, what stands behind an option's one value may be words of its own. */
function behindValue({ values }: RequestArgument, to: Change['to']): RequestArgument[] {
  if (to?.length !== 1) return [];
  return values.slice(1).map((word) => ({ name: null, values: [], words: [word], refused: null }));
}

/** As many iterations as the command line says; where that is not what the file asks for, it is a deviation. */
export function changeIterations(request: StepRequest, iters: number | null): Change[] {
  const asked = request.value('--iters');
  if (iters === null || asked === String(iters)) return [];
  const deviation = `${iters} iterations, where the file asks for ${asked ?? 'those of its yml'} (--iters ${iters})`;
  return [{ option: '--iters', to: [String(iters)], deviation }];
}

/** What `--pretrained` changes, as it is printed and stored. */
export function pretrainedDeviation(pretrained: string): string {
  return pretrained === 'none'
    ? 'from weights drawn at random, where the yml names pretrained ones (--pretrained none)'
    : `from the weights of ${pretrained}, where the yml names others (--pretrained ${pretrained})`;
}

/** The input of the size that the command line says; where that is not the file's, it is a deviation. */
export function changeInputShape(request: StepRequest, crop: Crop | null): Change[] {
  const shape = request.values('--input_shape');
  if (crop === null || shape.length !== 4) return [];
  const [batch = '1', channels = '3'] = shape;
  const shrunk = [batch, channels, String(crop.height), String(crop.width)];
  if (shrunk.join() === shape.join()) return [];
  const deviation = `exported with --input_shape ${shrunk.join(' ')}, where the file has ${shape.join(' ')} (--crop ${crop.width}x${crop.height})`;
  return [{ option: '--input_shape', to: shrunk, deviation }];
}

/** Masks lie where no other row's do. */
export function changeMasks(folder: string, resultsFolder: string | null): Change {
  const to = { option: '--save_dir', to: [folder] };
  if (resultsFolder !== null) return to;
  const note = `masks lie in ${folder}; TIPC's command names no folder, so that those of all runs would be in ./output`;
  return { ...to, note };
}
