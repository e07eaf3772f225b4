/**
 * The words of a command line as a shell hands them to a program: split at blanks, quotes and backslashes removed, up
 * to the first redirection or operator outside quotes. Variables and patterns stand as they are.
 */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [token] of text.matchAll(tokens)) {
    if (/^[;&|<>]/.test(token)) {
      if (word !== null && !/^\d$/.test(word)) words.push(word);
      return words;
    }
    if (/^\s/.test(token)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + unquote(token);
  }
  return word === null ? words : [...words, word];
}

/** Blanks; an operator; a quoted piece; an escaped character; plain characters; a quote that never closes. */
const tokens = /\s+|[;&|<>]|'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&|<>'"\\]+|['"\\]/gs;

function unquote(token: string): string {
  if (token.length > 1 && token.startsWith("'")) return token.slice(1, -1);
  if (token.length > 1 && token.startsWith('"')) return token.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
  return token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
}
