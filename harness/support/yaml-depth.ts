import { Lexer } from 'yaml';
import { budgets } from './budgets.js';

/**
 * The line at which a YAML text is nested more deeply than its budget; null where it is not. Looked at before it is
 * parsed: the parser calls itself for each level, and a stack that ends within a regular expression ends the process.
 * The parser's own lexer, which does not call itself, says what is a bracket and what is text.
 */
export function findTooDeep(text: string): number | null {
  return findIndented(text) ?? findNested(text);
}

/** What may begin a level, at the start of a line, and its columns. */
function findIndented(text: string): number | null {
  const at = text.split('\n').findIndex((line) => (/^[ \t?:-]*/.exec(line)?.[0].length ?? 0) > budgets.yamlIndent);
  return at < 0 ? null : at + 1;
}

function findNested(text: string): number | null {
  let line = 1;
  let brackets = 0;
  let begunInLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (opening.has(token)) brackets++;
    else if (closing.has(token)) brackets = Math.max(0, brackets - 1);
    else if (beginning.has(token) && brackets === 0) begunInLine++;
    else if (token.includes('\n')) {
      line += token.split('\n').length - 1;
      begunInLine = 0;
    }
    if (brackets > budgets.yamlDepth || begunInLine > budgets.yamlIndent) return line;
  }
  return null;
}

const opening: ReadonlySet<string> = new Set(['[', '{']);
const closing: ReadonlySet<string> = new Set([']', '}']);
/** Of levels without brackets: `- &a - &b - x` has three. */
const beginning: ReadonlySet<string> = new Set(['-', '?', ':']);
