import { budgets } from './budgets.js';

/**
 * The line at which a YAML text may be nested more deeply than its budget; null where it cannot be. Looked at before it is parsed: the
 * parser calls itself for each level, and a stack that ends within a regular expression ends the process.
 * It counts brackets and what may begin a level, in quotes, too, so that it sees too much rather than too little.
 */
export function findTooDeep(text: string): number | null {
  let depth = 0;
  for (const [at, line] of text.split('\n').entries()) {
    const [start = ''] = /^[ \t?:-]*/.exec(line) ?? [];
    if (start.length > budgets.yamlIndent) return at + 1;
    for (const bracket of line.match(/[[\]{}]/g) ?? []) {
      depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1));
      if (depth > budgets.yamlDepth) return at + 1;
    }
  }
  return null;
}
