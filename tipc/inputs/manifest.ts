/** Its name in a run's folder. */
export const manifestFile = 'inputs.sha256';

/** Files with their hashes, a line each, as sha256sum writes them: `sha256sum -c` there says which are others now. */
export function renderManifest(files: readonly (readonly [path: string, sha256: string])[]): string {
  return files
    .map(([path, sha256]) => {
      const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
      return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
    })
    .join('');
}

/** Null for a text that is not a manifest. */
export function parseManifest(text: string): (readonly [path: string, sha256: string])[] | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  const files: (readonly [string, string])[] = [];
  for (const line of lines) {
    const [, mark, sha256, path] = /^(\\?)([0-9a-f]{64}) {2}(.+)$/s.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) return null;
    files.push([mark === '' ? path : unescapePath(path), sha256]);
  }
  return files;
}

function unescapePath(path: string): string {
  const meant: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' };
  return path.replace(/\\([\\nr])/g, (_all, sign: string) => meant[sign]!);
}
