import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { float32NdArray } from '../../../harness/contract/nd-array.js';
import { renderNpy } from '../../../harness/golden/npy.js';
import { createPort } from '../../../ports/exec/port.js';
import type { FuzzTarget } from '../fuzz-target.js';

/** Answers to hello, load, infer and dispose. */
const answers = [
  { ok: true, engine: 'sh', version: '1', device: 'cpu', provider: 'none', capabilities: ['infer', 'replace'] },
  { ok: true },
  { ok: true, probes: { z: 'z.npy' } },
  { ok: true },
];

/** Gives the lines of answers.txt in turn, and lays z.npy into the folder that a question names. */
const program = `exec 3< answers.txt
while IFS= read -r question; do
  folder=$(printf %s "$question" | sed -n 's/.*"folder":"\\([^"]*\\)".*/\\1/p')
  if [ -n "$folder" ]; then cp z.npy "$folder"; fi
  if IFS= read -r answer <&3; then printf '%s\\n' "$answer"; else exit 1; fi
done
`;

const array = renderNpy(float32NdArray([2], Float32Array.of(1, 2)));
const lines = Buffer.from(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));

/** What a program answers, and the arrays that it writes. */
export const portTargets: readonly FuzzTarget[] = [
  {
    ...{ name: 'port answers', file: 'answers.txt', isText: true },
    samples: async () => [lines],
    begin,
    read: converse,
  },
  { ...{ name: 'port array', file: 'z.npy', isText: false }, samples: async () => [array], begin, read: converse },
];

async function begin(folder: string): Promise<void> {
  await writeFile(join(folder, 'port.sh'), program);
  await writeFile(join(folder, 'answers.txt'), lines);
  await writeFile(join(folder, 'z.npy'), array);
}

async function converse(path: string): Promise<void> {
  const command = `cd '${dirname(path)}' && sh port.sh`;
  const port = await createPort({ device: 'cpu', settings: { command } });
  try {
    const model = await port.load({ type: 'Any' }, new Map());
    const image = float32NdArray([1, 3, 1, 1], new Float32Array(3));
    const inputs = new Map([['image', image]]);
    await model.infer({ inputs, draws: new Map(), probes: ['z'], replacements: new Map() }, () => undefined);
    await model.dispose();
  } finally {
    await port.close();
  }
}
