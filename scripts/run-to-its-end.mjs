/**
 * Runs a program whose exit code is 3 until its own end says another: a promise that never settles, an event loop that
 * runs empty, a library that calls process.exit and an error that nobody caught each end with 3 and a sentence. Imports
 * only Node.
 */

/**
 * @param {string} name what could not be finished, for the sentence
 * @param {() => Promise<number>} work resolves to the exit code
 * @param {(error: unknown) => number} report says what was thrown past `work`, and gives its exit code
 */
export function runToItsEnd(name, work, report = complain) {
  let end = null;
  let emptied = false;
  let lost = null;
  process.exitCode = 3;
  // A reader that has seen enough (`| head -1`) changes no verdict; a disk that took not all of the output does.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error) => {
      if (stream === process.stdout && error.code !== 'EPIPE') lost ??= error;
    });
  process.on('beforeExit', () => {
    emptied = true;
  });
  // Whatever the code was when the process was told to go, it is the end of `work` that counts.
  process.on('exit', () => {
    if (end === null) process.stderr.write(`${describeLoss(name, emptied)}\n`);
    else if (lost !== null) process.stderr.write(`${describeUnwritten(name, lost)}\n`);
    process.exitCode = lost === null ? (end ?? 3) : 3;
  });
  process.on('uncaughtException', (error) => {
    const code = report(error);
    // A verdict that was given stays; a pass with an error behind it is none.
    end = end === null || end === 0 ? code : end;
    process.exit(end);
  });
  const finish = (code) => {
    end = Number.isInteger(code) ? code : 3;
    process.exitCode = end;
  };
  // Not awaited at top level: of a module that never ends Node makes exit code 13.
  work().then(finish, (error) => finish(report(error)));
}

function describeLoss(name, emptied) {
  const why = emptied ? 'nothing was left to do' : 'something called process.exit';
  return `Cannot finish ${name}: it stopped before it was done (${why}), and its output does not count; a whole run is wanted. Fix: run it again; if that does not help, report the command line`;
}

function describeUnwritten(name, { code, message }) {
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : message;
  return `Cannot write what ${name} says to its standard output: ${why}; all of it is wanted there. Fix: another place for the output`;
}

function complain(error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 3;
}
