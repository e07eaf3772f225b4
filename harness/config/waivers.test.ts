import { join } from 'node:path';
import t from 'tap';
import { UserError } from '../support/errors.js';
import { parseWaivers, readWaivers } from './waivers.js';

const one = `
  - port: ort
    bundle: segnext-t
    probe: 'backbone.block2.*'
    because: a bias is lost by the exporter, mended upstream
    link: https://example.org/issues/7
    until: 2027-01-31
`;

t.test('an entry says what, why, where it is worked on and how long; YAML and JSON are one', async (t) => {
  const expected = {
    port: 'ort',
    bundle: 'segnext-t',
    probe: 'backbone.block2.*',
    failure: 'disagrees',
    because: 'a bias is lost by the exporter, mended upstream',
    link: 'https://example.org/issues/7',
    until: '2027-01-31',
    source: 'known.yaml',
  };
  t.strictSame(parseWaivers(`waivers:${one}`, 'known.yaml'), [expected]);
  const { failure, source, ...written } = expected;
  t.strictSame(parseWaivers(JSON.stringify({ waivers: [written] }), source), [{ ...expected, failure }]);
});

t.test('a crash is waived for a whole case', async (t) => {
  const text = `waivers:${one.replace(/probe: .*/, 'failure: crashed')}`;
  t.match(parseWaivers(text, 'w')[0], { failure: 'crashed', probe: null });
});

const bad: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['no YAML', 'waivers: [', /Cannot read the waivers known\.yaml:1: .*; YAML is wanted/],
  ['no list', 'waivers: 3', /waivers is not as wanted: it must be array/],
  ['an empty list', 'waivers: []', /waivers is not as wanted: it must NOT have fewer than 1 items/],
  ['an unknown key', `waivers:${one}    unitl: 2027-01-31\n`, /waivers\.0 has the unknown key unitl/],
  ['no because', `waivers:${one.replace(/ {4}because.*\n/, '')}`, /waivers\.0 lacks the key because/],
  [
    'a because of a word',
    `waivers:${one.replace(/because: .*/, 'because: flaky')}`,
    /waivers\.0\.because is not as wanted/,
  ],
  ['no until', `waivers:${one.replace(/ {4}until.*\n/, '')}`, /waivers\.0 lacks the key until/],
  ['no link', `waivers:${one.replace(/ {4}link.*\n/, '')}`, /waivers\.0 lacks the key link/],
  ['a link that is none', `waivers:${one.replace(/link: .*/, 'link: 7')}`, /waivers\.0\.link is not as wanted/],
  ['no probe', `waivers:${one.replace(/ {4}probe.*\n/, '')}`, /waivers\.0 lacks the key probe/],
  ['a crash with a probe', `waivers:${one}    failure: crashed\n`, /waivers\.0 waives a crash and names a probe/],
  [
    'a failure that is none',
    `waivers:${one}    failure: slow\n`,
    /failure is none of disagrees, not-finite, wrong-shape, missing, crashed/,
  ],
  [
    'a day that is none',
    `waivers:${one.replace('01-31', '02-30')}`,
    /waivers\.0\.until is 2027-02-30, which no calendar has/,
  ],
  ['an entry twice', `waivers:${one}${one}`, /waivers\.1 is there twice/],
];
for (const [what, text, message] of bad) {
  t.test(`${what} is an error that names the file and the entry`, async (t) => {
    t.throws(() => parseWaivers(text, 'known.yaml'), { constructor: UserError, message });
  });
}

t.test('a file that is not there is an error', async (t) => {
  await t.rejects(readWaivers(join(t.testdir(), 'none.yaml')), { message: /none\.yaml: there is no such file/ });
});
