/**
 * Text that is already HTML or XML. Only `markup` and `raw` make it, so that nothing from outside goes in unescaped.
 */
export interface Markup {
  readonly source: string;
}

export type MarkupValue = string | number | Markup | null | readonly MarkupValue[];

/**
 * A template whose values are escaped, for HTML and XML text and quoted attributes alike. Arrays are joined, null is
 * nothing.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let source = strings[0]!;
  for (const [i, value] of values.entries()) source += renderValue(value) + strings[i + 1]!;
  return { source };
}

/** Takes our own text as it is: style sheets and scripts of the project, never anything from a result. */
export function raw(source: string): Markup {
  return { source };
}

/**
 * Escapes the five characters of XML, and replaces what XML 1.0 cannot hold (control characters, lone surrogates) by
 * U+FFFD.
 */
export function escapeMarkup(text: string): string {
  return text.replace(unfit, '\uFFFD').replace(/[&<>"']/g, (character) => entities[character]!);
}

function renderValue(value: MarkupValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeMarkup(value);
  if (typeof value === 'number') return String(value);
  if ('source' in value) return value.source;
  return value.map(renderValue).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// Char of XML 1.0, section 2.2, without its gaps; tab, line feed and carriage return stay.
const unfit = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
