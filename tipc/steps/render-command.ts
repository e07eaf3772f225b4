/** As one would type it. @param program null: `tipcheck` */
export function renderCommand(args: readonly string[], program: readonly string[] | null = null): string {
  const words = [...(program ?? ['npx', 'tipcheck']), ...args];
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
