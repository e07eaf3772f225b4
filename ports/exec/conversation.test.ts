import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openScratch } from '../../harness/support/scratch.js';
import { startConversation } from './conversation.js';

/** A plain loop: one line for each question, and what `last` says for `close`. */
async function converse(folder: string, last: string) {
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { createInterface } from 'node:readline';
const say = (...lines) => process.stdout.write(lines.map((line) => line + '\\n').join(''));
const ok = '{"ok": true}';
for await (const line of createInterface({ input: process.stdin })) {
  if (JSON.parse(line).op === 'close') { ${last} } else say(ok);
}`,
  );
  const scratch = await openScratch();
  try {
    const conversation = startConversation(`"${process.execPath}" "${program}"`, scratch);
    await conversation.ask({ op: 'hello' });
    await conversation.end();
  } finally {
    await scratch.close();
  }
}

t.test('close needs no answer, and one is tolerated', async (t) => {
  for (const last of ['', 'say(ok)', `process.stdout.write('{"ok": tr')`])
    await t.resolves(converse(t.testdir(), last), last);
});

t.test('any other line after close is one that nobody asked for', async (t) => {
  for (const [last, why] of [
    ['say(ok, ok)', /wrote a line that nobody asked for after its answer to close, .*: \{"ok": true\}$/],
    ['say("saving the cache…")', /it answered close with a line that is not a JSON object: saving the cache…$/],
    [`say('{"ok": false, "error": "full"}')`, /it failed at close: full$/],
    [`say('{"probes": {}}')`, /it answered close with ok missing; true or false is wanted$/],
    ['say("x".repeat(17 * 2 ** 20))', /it answered close with a line of more than 16777216 bytes: x+…$/],
  ] as const)
    await t.rejects(converse(t.testdir(), last), { name: 'EnvironmentError', message: why }, last);
});
