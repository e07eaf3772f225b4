/** Why a test may be left out in the gate. For every other reason .ci/run installs what the test needs. */
const named = [
  ['there is no ../shared', /^\.\.\/shared\b.* is not there$/],
  ['a GPU is wanted, or none is', /^(there is no|no|this machine has a|the addon for a) GPU\b/],
  ['npm run test:all runs it', /\bnpm run test:all\b/],
  ['the processor has no kernels for channels in blocks', /^this processor has no kernels for channels in blocks$/],
  ['PyTorch or PaddlePaddle is wanted', /^(PyTorch|PaddlePaddle) is not there$/],
  ['an engine for ONNX files is wanted', /^the engine \S+ is not prepared$/],
  ['there is no /proc', /^the system has no \/proc$/],
];

/**
 * Collects from tap's plain output what did not run: SKIP, TODO and comments `not run: …`.
 * @returns `take`, for the lines, one at a time; `found`, of each its file, test and reason
 */
export function createSkipList() {
  const found = [];
  const around = [];
  return {
    found,
    take(line) {
      const [, indent, text] = /^( *)(.*)$/.exec(line);
      const depth = indent.length / 4;
      const [, name] = /^# Subtest: (.*)/.exec(text) ?? [];
      if (name !== undefined) around.splice(depth, around.length, name);
      const [, comment] = /^# not run: (.*)/i.exec(text) ?? [];
      const [, test, skipped] = /^(?:not )?ok \d+ - (.*?) (?<!\\)# (?:SKIP|TODO)\b ?(.*)/i.exec(text) ?? [];
      if (comment === undefined && test === undefined) return;
      const path = around.slice(0, depth);
      if (test !== undefined) path.push(test.replaceAll('\\#', '#'));
      const [file, ...tests] = path;
      // tap says this of a whole file that only commented why it runs nothing.
      const isSaid = skipped === 'no tests found' && found.some((skip) => skip.file === file);
      if (isSaid) return;
      found.push({ file, test: tests.join(' › '), reason: comment ?? skipped.replace(/^not run: /, '') });
    },
  };
}

/**
 * The tests that did not run, under their reasons. Those whose reason is not one of the named ones stand last, and are
 * `strange`.
 */
export function renderSkips(found) {
  const isStrange = ({ reason }) => !named.some(([, pattern]) => pattern.test(reason));
  const strange = found.filter(isStrange);
  const sorted = [...found.filter((skip) => !isStrange(skip)), ...strange];
  const reasons = [...new Set(sorted.map(({ reason }) => reason))];
  const lines = reasons.flatMap((reason) => [
    `  ${reason === '' ? 'no reason is given' : reason}`,
    ...sorted.filter((skip) => skip.reason === reason).map(({ file, test }) => `    ${file}${test && `: ${test}`}`),
  ]);
  return { lines: [`not run: ${found.length}`, ...lines], strange };
}

/** What the gate says below the list. @param count of strange ones */
export function refuseSkips(count) {
  return `Cannot pass the gate: the last ${count} of these did not run for a reason without a name; named are: ${named.map(([what]) => what).join(', ')}. Fix: install what they need, as .ci/run does`;
}
