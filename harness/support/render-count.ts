/** `1 probe`, `276 probes`. */
export function renderCount(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
