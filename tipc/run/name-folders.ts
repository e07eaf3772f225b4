/**
 * A folder's name for each port, which may be a path: no two have one, or each would take the other's files for its
 * own.
 */
export function nameFolders(ports: readonly string[]): string[] {
  const taken = new Set<string>();
  return ports.map((port) => {
    // A name of dots alone would be a folder above.
    const plain = port.replace(/[^\w.-]+/g, '_').replace(/^\.+$/, '_');
    let name = plain;
    // Some disks take upper and lower case for one.
    for (let at = 2; taken.has(name.toLowerCase()); at++) name = `${plain}-${at}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
