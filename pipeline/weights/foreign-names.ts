/**
 * What is strange about the names of weights that do not fit a network: a prefix before every one, PyTorch's names.
 * Null where neither is so. `tipcheck convert` mends both for a network that has a table of the names.
 */
export function describeForeignNames(given: Iterable<string>, wanted: Iterable<string>): string | null {
  const names = [...given];
  const known = new Set([...wanted].flatMap((name) => [name, name.replace(/^backbone\./, '')]));
  const prefix = foreignPrefix(names, known);
  const torch = names.find((name) => torchEnding.test(name));
  if (torch !== undefined)
    return `its names are PyTorch's, such as ${torch}${prefix === null ? '' : `, after "${prefix}"`}; Paddle's are wanted: _mean for running_mean, _variance for running_var, no num_batches_tracked, weights of linear layers transposed`;
  return prefix === null ? null : `its names begin with "${prefix}"; names without it are wanted`;
}

const torchEnding = /(?:^|\.)(?:running_mean|running_var|num_batches_tracked)$/;

/** What is to be done about names that `describeForeignNames` describes. */
export const renameFix = 'tipcheck convert, which renames them (docs/convert.md)';

/** What stands before every name, up to a dot, and leaves names of which the network has some. */
export function foreignPrefix(names: readonly string[], known: ReadonlySet<string>): string | null {
  const [first = ''] = names;
  const candidates = [...first.matchAll(/\./g)].map(({ index }) => first.slice(0, index + 1));
  const shared = candidates.filter((prefix) => names.every((name) => name.startsWith(prefix)));
  return (
    shared.find((prefix) => names.some((name) => known.has(name.slice(prefix.length)) && !known.has(name))) ?? null
  );
}
