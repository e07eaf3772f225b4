/**
 * The pattern of a glob over names: `*` for any characters, `?` for one. `*` crosses dots and slashes, for a name is
 * not a path.
 */
export function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`);
}
