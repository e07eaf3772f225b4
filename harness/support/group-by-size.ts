/** Neighbours, as many as are no larger than `most` together; at least one. */
export function groupBySize<T>(items: readonly T[], sizeOf: (item: T) => number, most: number): T[][] {
  const groups: T[][] = [];
  let total = Number.POSITIVE_INFINITY;
  for (const item of items) {
    total += sizeOf(item);
    if (total <= most) groups.at(-1)!.push(item);
    else {
      groups.push([item]);
      total = sizeOf(item);
    }
  }
  return groups;
}
