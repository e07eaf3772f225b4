/**
 * A command line over several lines of a terminal, each but the last ended by a backslash, so that a shell takes them
 * for one. Folded before options and redirections, so that an option keeps its values; runs of blanks become one.
 */
export function foldCommand(command: string, columns: number): string[] {
  const lines: string[] = [];
  for (const piece of pieces(command)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + piece.length + ' \\'.length > columns) lines.push(piece);
    else lines[lines.length - 1] = `${last} ${piece}`;
  }
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line} \\`));
}

function pieces(command: string): string[] {
  const found: string[] = [];
  for (const word of command.match(words) ?? []) {
    const last = found.at(-1);
    if (last === undefined || /^(?:--?[a-zA-Z]|>)/.test(word)) found.push(word);
    else found[found.length - 1] = `${last} ${word}`;
  }
  return found;
}

const words = /(?:'[^']*'|"[^"]*"|[^\s'"]|['"])+/g;
