/**
 * Versions such as 1.20.1, number by number.
 * @returns below 0: a is older
 */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  return one.map((part, at) => part - other[at]!).find((difference) => difference !== 0) ?? 0;
}
