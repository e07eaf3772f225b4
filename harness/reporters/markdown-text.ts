import { oneLine } from '../support/one-line.js';

/** Text as Markdown shows it literally, on one line, also inside a table. */
export function escapeMarkdown(text: string): string {
  return (
    oneLine(text)
      .replace(/[\\`*_[\]|~#$]/g, '\\$&')
      // What begins a list, a quotation or a rule, where the text begins a line.
      .replace(/^[-+>=]|^\d+(?=[.)])/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`))
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('@', '&#64;')
  );
}

/**
 * A code span that holds any text: its fence is longer than any run of backticks inside. `|` is escaped, as tables want
 * it.
 */
export function codeSpan(text: string): string {
  const line = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A table; its cells are Markdown. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
