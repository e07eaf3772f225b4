import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { packageRoot } from '../harness/support/package-root.js';
import { packageSchema } from '../harness/support/schema.js';
import { readAction } from './action-for-tests.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[]; readonly needs?: string }>
  >;
}

const page = await readFile(join(packageRoot, 'docs', 'ci.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n(# \S+\n)?([\s\S]*?)```/g)].map(([, title = '', text]) => ({
  title,
  text: text!,
}));
const workflows = blocks
  .filter(({ title }) => title.includes('.github/workflows'))
  .map(({ title, text }) => ({ title, workflow: parse(text) as Workflow }));

t.test('the workflows to copy are workflows, and what they give our action are its inputs', async (t) => {
  const { inputs } = await readAction();
  t.ok(workflows.length >= 2);
  for (const { title, workflow } of workflows) {
    t.ok(workflow.on !== undefined && workflow.permissions !== undefined, title);
    for (const { steps, needs, 'runs-on': runner } of Object.values(workflow.jobs)) {
      t.type(runner, 'string');
      if (needs !== undefined) t.ok(needs in workflow.jobs, needs);
      for (const step of steps) checkStep(t, step, Object.keys(inputs));
    }
  }
});

function checkStep(t: import('tap').Test, { uses, run, with: given = {} }: Step, inputs: readonly string[]): void {
  t.ok((uses === undefined) !== (run === undefined), 'a step uses or runs');
  if (uses === undefined) return;
  if (!uses.startsWith('OWNER/tipcheck@')) return void t.match(uses, /^actions\/[\w-]+@[0-9a-f]{40}$/);
  for (const name of Object.keys(given)) t.ok(inputs.includes(name), `${name} is an input`);
}

t.test('the versions that the page pins are those of the action', async (t) => {
  const action = await readFile(join(packageRoot, 'action.yml'), 'utf8');
  const pinned = (text: string) =>
    new Map([...text.matchAll(/(actions\/[\w-]+)\S*@([0-9a-f]{40})/g)].map(([, name, commit]) => [name, commit]));
  const [ours, theirs] = [pinned(action), pinned(page)];
  for (const [name, commit] of theirs) if (ours.has(name)) t.equal(commit, ours.get(name), `${name}`);
});

t.test('every input and output of the action stands in the tables, and nothing else does', async (t) => {
  const { inputs, outputs } = await readAction();
  const rows = (head: string) => {
    const [, table = ''] = new RegExp(`\\| ${head} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`).exec(page) ?? [];
    return [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name!);
  };
  t.same(rows('input').sort(), Object.keys(inputs).sort());
  t.same(rows('output').sort(), Object.keys(outputs).sort());
  for (const [, name, usual] of page.matchAll(/^\| `([\w-]+)` \|[^|]+\| `([^`]+)` \|$/gm))
    t.equal(inputs[name!]?.default, usual, `${name} left out`);
});

t.test('the example of waivers follows the published schema', async (t) => {
  const example = blocks.find(({ text }) => /^waivers:$/m.test(text));
  const schema = packageSchema('harness/config/waivers.schema.json');
  t.equal(schema.findFault(parse(example?.text ?? '')), null);
});

t.test("GitLab's job retries exit code 3 alone, and reads JUnit of a red job too", async (t) => {
  const [gitlab] = blocks.filter(({ title }) => title.includes('.gitlab-ci.yml'));
  t.match(parse(gitlab!.text), {
    judge: { retry: { exit_codes: [3] }, artifacts: { when: 'always', reports: { junit: 'report/junit.xml' } } },
  });
});
