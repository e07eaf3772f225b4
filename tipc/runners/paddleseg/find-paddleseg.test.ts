import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { TipcPlan } from '../../plan/plan.js';
import { findPaddleSeg } from './find-paddleseg.js';

/** Of a script that stands wherever the test runs. */
const plan = { steps: [{ script: process.execPath }] } as unknown as TipcPlan;

const programs: readonly (readonly [does: string, script: string, said: RegExp])[] = [
  [
    'is not a Python',
    '#!/bin/echo',
    /^Cannot run the port paddleseg: .*program was asked for the versions of Paddle and PaddleSeg and said ".*"; a Python with both is wanted\. Fix: --python <program>$/,
  ],
  ['says a list', '#!/bin/sh\necho "[]"', /said "\[\]"; a Python with both is wanted/],
  ['says half of it', '#!/bin/sh\necho \'{"python": "3"}\'', /said .*; a Python with both is wanted/],
  ['fails', '#!/bin/sh\necho no paddle >&2; exit 1', /program cannot load paddle and paddleseg \(no paddle\); /],
];
for (const [does, script, said] of programs) {
  t.test(`a --python that ${does} is an error of the environment, in one sentence`, async (t) => {
    const program = join(t.testdir(), 'program');
    writeFileSync(program, `${script}\n`);
    chmodSync(program, 0o755);
    await t.rejects(findPaddleSeg(plan, 'python', program), { name: 'EnvironmentError', message: said });
  });
}

t.test('a --python that cannot be started is an error of the environment', async (t) => {
  for (const [program, said] of [
    ['/no/such/python', /there is no program \/no\/such\/python; a Python with paddlepaddle/],
    ['/etc/passwd', /there is no program \/etc\/passwd that can be started \(EACCES\); /],
    ['/etc', /there is no program \/etc that can be started \(EACCES\); /],
  ] as const)
    await t.rejects(findPaddleSeg(plan, 'python', program), { name: 'EnvironmentError', message: said });
});
