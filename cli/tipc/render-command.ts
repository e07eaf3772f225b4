/** As one would type it. */
export function renderCommand(args: readonly string[]): string {
  const quoted = args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['npx tipcheck', ...quoted].join(' ');
}
