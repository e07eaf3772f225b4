/**
 * The address of a path from where the certificate lies, as its `href` has it: nothing in a name ends the address,
 * begins a query, or closes the bracket of a link in Markdown.
 */
export function linkTo(href: string): string {
  const signs: Readonly<Record<string, string>> = { '#': '%23', '?': '%3F', '(': '%28', ')': '%29' };
  return encodeURI(href).replace(/[#?()]/g, (sign) => signs[sign]!);
}
