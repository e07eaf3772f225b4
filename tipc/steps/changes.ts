import { optionOf, withOption, wordsOf } from './options.js';
import type { Crop } from './tipc-options.js';

/** With as many iterations as the command line says; where that is not what the file asks for, it is a deviation. */
export function withIterations(args: readonly string[], iters: number | null, deviations: string[]): string[] {
  const asked = optionOf(args, '--iters');
  if (iters === null || asked === String(iters)) return [...args];
  deviations.push(`${iters} iterations, where the file asks for ${asked ?? 'those of its yml'} (--iters ${iters})`);
  return withOption(args, '--iters', String(iters));
}

/** What `--pretrained` changes, as it is printed and stored. */
export function pretrainedDeviation(pretrained: string): string {
  return pretrained === 'none'
    ? 'from weights drawn at random, where the yml names pretrained ones (--pretrained none)'
    : `from the weights of ${pretrained}, where the yml names others (--pretrained ${pretrained})`;
}

/** With the input of the size that the command line says; where that is not the file's, it is a deviation. */
export function withInputShape(
  args: readonly string[],
  crop: Crop | null,
): { readonly args: readonly string[]; readonly deviations: readonly string[] } {
  const shape = wordsOf(args, '--input_shape');
  if (crop === null || shape.length !== 4) return { args, deviations: [] };
  const [batch = '1', channels = '3'] = shape;
  const shrunk = [batch, channels, String(crop.height), String(crop.width)];
  if (shrunk.join() === shape.join()) return { args, deviations: [] };
  return {
    args: withOption(args, '--input_shape', ...shrunk),
    deviations: [
      `exported with --input_shape ${shrunk.join(' ')}, where the file has ${shape.join(' ')} (--crop ${crop.width}x${crop.height})`,
    ],
  };
}
