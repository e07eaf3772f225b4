/**
 * tap's plain output is every assertion of every file. This keeps one line per file, the whole of a file that failed,
 * and every test that says it did not run.
 * @returns a function that takes the lines, one at a time
 */
export function createTapFilter(write) {
  let file = null;
  return (line) => {
    if (line.startsWith('# Subtest: ')) file = [];
    if (file === null) {
      // Between two files stand the diagnostics of the last one, the plan and the summary.
      if (!/^\s*$|^TAP version|^1\.\./.test(line)) write(line);
    } else if (/^(not )?ok/.test(line)) {
      for (const kept of line.startsWith('not') ? file : file.filter(isNotRun)) write(kept);
      write(line);
      file = null;
    } else {
      file.push(line);
    }
  };
}

function isNotRun(line) {
  return /(?<!\\)# (SKIP|TODO)|^ *# not run:/i.test(line);
}
