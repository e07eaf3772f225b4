/**
 * A command's arguments as Python's argparse reads them: `--name value` and `--name=value`, the last of a name wins.
 */
export type Arguments = readonly string[];

/** The value of an option; null where it is not given. */
export function optionOf(args: Arguments, name: string): string | null {
  const values = args.flatMap((word, at) => {
    if (word === name) return [args[at + 1] ?? ''];
    return word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : [];
  });
  return values.at(-1) ?? null;
}

/** All words after an option, up to the next one: `--input_shape 1 3 1024 2048`. */
export function wordsOf(args: Arguments, name: string): readonly string[] {
  const at = args.lastIndexOf(name);
  if (at < 0) return [];
  const end = args.findIndex((word, index) => index > at && word.startsWith('--'));
  return args.slice(at + 1, end < 0 ? undefined : end);
}

/** Without an option and its value, or values. */
export function withoutOption(args: Arguments, name: string): string[] {
  const left: string[] = [];
  let dropping = false;
  for (const word of args) {
    if (word === name) dropping = true;
    else if (word.startsWith(`${name}=`)) dropping = false;
    else if (!dropping || word.startsWith('--')) {
      dropping = false;
      left.push(word);
    }
  }
  return left;
}

/** With an option's value replaced, in its place or at the end. */
export function withOption(args: Arguments, name: string, ...values: readonly string[]): string[] {
  return [...withoutOption(args, name), name, ...values];
}
