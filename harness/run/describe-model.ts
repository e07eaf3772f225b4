/** `SegNeXt MSCAN_T`, from the types in a `model:` section; a network without a backbone has its own alone. */
export function describeModel({ type, backbone }: Readonly<Record<string, unknown>>): string {
  const inner = typeof backbone === 'object' && backbone !== null && 'type' in backbone ? backbone.type : null;
  return [type, inner].filter((part) => typeof part === 'string').join(' ');
}
