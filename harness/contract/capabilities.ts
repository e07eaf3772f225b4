/**
 * What a port can do: run a forward, train, replace probes by goldens as soon as they are recorded, and take inputs
 * beside and instead of the image.
 */
const capabilities = ['infer', 'train', 'replace', 'inputs'] as const;

export type Capability = (typeof capabilities)[number];

/**
 * What a port says that it can do: `capabilities`, a list or a set. Where that is left out, the flags of ports that
 * were written before it: `phases` (left out: infer), and `replacesProbes` of a module or `replaces_probes` of a
 * program.
 * @param broken makes the error of what it says: a key and its value, and what is wanted
 */
export function parseCapabilities(said: Said, broken: (what: string) => Error): ReadonlySet<Capability> {
  if (said.capabilities !== undefined) return parseList(said.capabilities, 'capabilities', capabilities, broken);
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
