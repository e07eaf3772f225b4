export interface LayerGroup {
  readonly label: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Neighbours whose names begin with the same parts: with two, `backbone.block1` for all of `backbone.block1.…`,
 * labelled `block1`.
 */
export function groupLayers(names: readonly string[], depth: number): LayerGroup[] {
  const groups: { key: string; label: string; first: number; last: number }[] = [];
  for (const [i, name] of names.entries()) {
    const parts = name.split('.').slice(0, depth);
    const key = parts.join('.');
    const open = groups.at(-1);
    if (open?.key === key) open.last = i;
    else groups.push({ key, label: parts.at(-1) ?? name, first: i, last: i });
  }
  return groups.map(({ label, first, last }) => ({ label, first, last }));
}
