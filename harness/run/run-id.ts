/** Sorts by time: `20261122-142530-4711`. */
export function runIdOf(date: Date): string {
  const [day, time] = date.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').split('T');
  return `${day}-${time}-${process.pid}`;
}
