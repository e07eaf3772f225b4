/** What a port can do: run a forward, train, and replace probes by goldens as soon as they are recorded. */
const capabilities = ['infer', 'train', 'replace'] as const;

export type Capability = (typeof capabilities)[number];

/**
 * What a port says that it can do: `capabilities`, a list or a set. Where that is left out, the flags of ports that
 * were written before it: `phases` (left out: infer), and `replacesProbes` of a module or `replaces_probes` of a
 * program.
 * @param further what it may say beside
 * @param broken makes the error of what it says: a key and its value, and what is wanted
 */
export function parseCapabilities<F extends string = never>(
  said: Said,
  broken: (what: string) => Error,
  further: readonly F[] = [],
): ReadonlySet<Capability | F> {
  if (said.capabilities !== undefined)
    return parseList(said.capabilities, 'capabilities', [...capabilities, ...further], broken);
  const { phases = ['infer'], replacesProbes = said.replaces_probes } = said;
  const known = parseList<Capability>(phases, 'phases', ['infer', 'train'], broken);
  return new Set([...known, ...(replacesProbes === true ? (['replace'] as const) : [])]);
}

type Said = { readonly [key in 'capabilities' | 'phases' | 'replacesProbes' | 'replaces_probes']?: unknown };

function parseList<W extends string>(
  given: unknown,
  key: string,
  known: readonly W[],
  broken: (what: string) => Error,
): ReadonlySet<W> {
  const words: unknown = given instanceof Set ? [...given] : given;
  if (Array.isArray(words) && words.length > 0 && words.every((word) => known.includes(word))) return new Set(words);
  const quoted = known.map((word) => `"${word}"`);
  throw broken(
    `${key} ${JSON.stringify(words)}; an array of ${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)} is wanted`,
  );
}
