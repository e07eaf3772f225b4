/**
 * Node 20.11 has import.meta.dirname; the addon of TensorFlow was tried up to 26. The package's `engines` says the
 * same.
 */
const oldest = [20, 11];
const newestMajor = 26;

/** Ends the process with exit code 3 on a Node that this project does not run on. */
export function checkNodeVersion(version = process.versions.node, stop = complain) {
  const [major, minor] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
    if (major > newestMajor) {
      process.stderr.write(`Node ${version} is newer than ${newestMajor}, the newest that tipcheck was tried on.\n`);
    }
    return;
  }
  stop(
    `Cannot run tipcheck on Node ${version}: it needs ${oldest.join('.')} to ${newestMajor}. Fix: https://nodejs.org`,
  );
}

function complain(message) {
  process.stderr.write(`${message}\n`);
  process.exit(3);
}
