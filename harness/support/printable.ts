/**
 * Text from outside as it is printed, to a terminal or to a runner's log: on one line, with everything escaped that is
 * not shown as a character of its own (line ends, escape sequences, marks that turn the direction of text), and no
 * workflow command of GitHub. All names, keys, versions, reasons and whole sentences of errors go through it.
 */
export function printable(text: string): string {
  return breakCommands(text.replace(unshown, escapeCharacter));
}

/**
 * Text of ours that has lines, and colours, with names from outside in it: what is not a line of ours cannot be told,
 * but it commands nothing.
 */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      breakCommands(
        line.replace(unshownButColours, (found) =>
          found.length > 1 && found.endsWith('m') ? found : escapeCharacter(found),
        ),
      ),
    )
    .join('\n');
}

/**
 * Control characters, formats (without the joiners that scripts and emoji need), line and paragraph ends, halves of
 * surrogate pairs.
 */
const unshown = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const unshownButColours = new RegExp(`\\u001b\\[[0-9;]*m|${unshown.source}`, 'gu');

/** As JSON writes it, so that JSON stays JSON: above U+FFFF as two surrogates. */
function escapeCharacter(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return short ?? units.map((unit) => `\\u${unit}`).join('');
}

/** A runner takes `::command::` at the start of a line, blanks aside, and `##[command]` anywhere in it. */
function breakCommands(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1\\u003a').replaceAll('##[', '#\\u0023[');
}
