import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { findTfjsAddon } from '../ports/tfjs/addon.js';

t.setTimeout(3_600_000);

t.test('gpu-proof is rehearsed on the CPU from its first stage to its table', async (t) => {
  if (process.env.TIPCHECK_TEST_ALL !== '1') return t.comment('not run: slow; npm run test:all runs it');
  const folder = t.testdir();
  const ports = findTfjsAddon('cpu') === null ? ['ort'] : ['ort', 'tfjs'];
  const args = ['gpu-proof', '--rehearse', '--port', ...ports, '--out', folder];
  const { exitCode, stdout } = await execa(process.execPath, [join(packageRoot, 'cli', 'tipcheck.mjs'), ...args], {
    env: { TIPCHECK_SKIP_ENSURE: '1' },
    reject: false,
  });
  const wanted = 1 + (ports.length === 2 ? 7 : 6) * ports.length;
  t.match(
    stdout,
    `A rehearsal on the CPU, which proves nothing of a card: ${wanted} of ${wanted} stages are as wanted.`,
  );
  for (const port of ports) {
    t.match(stdout, new RegExp(`^infer-again-${port} +cpu +as wanted .* 0×$`, 'm'), 'the processor has no spread');
    t.match(stdout, new RegExp(`^${port} +cpu +batch 1 +(\\d+ ms +)?\\d+ ms `, 'm'));
  }
  if (ports.length === 2) t.match(stdout, /^tipc-ort +cpu +as wanted/m);
  else t.match(stdout, /^tipc is left out: /m);
  t.match(stdout, /^PyTorch (is not there|\d+\.\S+) +cpu /m);
  t.equal(exitCode, 0);
  const proof = JSON.parse(await readFile(join(folder, 'proof.json'), 'utf8'));
  t.equal(proof.format, 'tipcheck-gpu-proof/1');
  t.equal(proof.stages.length, wanted);
});
