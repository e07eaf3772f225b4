import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findSuite, listSuites, parseSuite, readSuite } from './suite.js';

const path = join(process.cwd(), 'suites', 'segnext', 'lite-infer.yaml');
const text = `
model: segnext
mode: lite-infer
ports: [ort, tfjs]
bundles: [segnext-t]
limits:
  own: {noise_ratio: 4, because: a reason that says why}
require: [ort]
`;

t.test('every shipped suite is valid and found under its model and mode', async (t) => {
  const suites = listSuites();
  t.ok(suites.length > 0);
  for (const { model, mode } of suites) t.match(readSuite(findSuite(model, mode)!), { model, mode });
});

t.test('a mode is found with hyphens or underscores, and nothing outside the folder', async (t) => {
  t.match(findSuite('segnext', 'lite_infer'), /lite-infer\.yaml$/);
  t.equal(findSuite('segnext', 'lite-infer'), findSuite('segnext', 'lite_infer'));
  t.equal(findSuite('segnext', 'no-such'), null);
  t.equal(findSuite('../suites/segnext', 'lite-infer'), null);
});

t.test('a limit that is not named is null', async (t) => {
  t.strictSame(parseSuite(text, path).limits, {
    accumulated: null,
    own: { noiseRatio: 4, because: 'a reason that says why' },
    shippedAgreement: null,
    miouEquivalence: null,
  });
});

const expected = `
expected_failures:
  - {port: ort, bundle: segnext-t, probe: 'decode_head.*', because: a reason that says why, link: 'https://example.org/1', until: 2027-01-31}
`;

t.test('an expected failure is a waiver of the suite', async (t) => {
  t.strictSame(parseSuite(text + expected, path).expectedFailures, [
    {
      port: 'ort',
      bundle: 'segnext-t',
      probe: 'decode_head.*',
      failure: 'disagrees',
      because: 'a reason that says why',
      link: 'https://example.org/1',
      until: '2027-01-31',
      source: 'suites/segnext/lite-infer.yaml',
    },
  ]);
  t.strictSame(parseSuite(text, path).expectedFailures, []);
});

t.test('an expected failure has a reason, a link, a last day, and one of the ports', async (t) => {
  const cannot = 'Cannot read the suite suites/segnext/lite-infer.yaml: expected_failures';
  for (const [from, to, message] of [
    [', because: a reason that says why', '', `${cannot}.0 lacks the key because; it is wanted`],
    [", link: 'https://example.org/1'", '', `${cannot}.0 lacks the key link; it is wanted`],
    [', until: 2027-01-31', '', `${cannot}.0 lacks the key until; it is wanted`],
    ['port: ort', 'port: paddle', `${cannot} names the port paddle; one of its ports is wanted: ort, tfjs`],
    ['port: ort', 'ports: ort, port: ort', `${cannot}.0 has the unknown key ports; only known keys are wanted`],
  ] as const)
    t.throws(() => parseSuite(text + expected.replace(from, to), path), { name: 'UserError', message });
  t.throws(() => parseSuite(text + expected.replace('2027-01-31', '2027-02-30'), path), {
    message: /expected_failures\.0\.until is 2027-02-30, which no calendar has/,
  });
});

t.test('a suite writes an expected failure as a waivers file does', async (t) => {
  const read = (file: string) => JSON.parse(readFileSync(join('harness', 'config', file), 'utf8')).$defs;
  t.strictSame(read('suite.schema.json').expectedFailure, read('waivers.schema.json').waiver);
});

const refused: Record<string, [from: string, to: string, message: string]> = {
  'an unknown key is refused': [
    'ports:',
    'portz: 1\nports:',
    'it has the unknown key portz; only known keys are wanted',
  ],
  'an unknown limit is refused': ['own:', 'owned:', 'limits has the unknown key owned; only known keys are wanted'],
  'a limit without a reason is refused': [
    ', because: a reason that says why',
    '',
    'limits.own lacks the key because; it is wanted',
  ],
  'a limit with hardly a reason is refused': [
    'a reason that says why',
    'so',
    'limits.own.because is not as wanted: it must NOT have fewer than 20 characters',
  ],
  'a limit of nothing is refused': [
    'noise_ratio: 4',
    'noise_ratio: 0',
    'limits.own.noise_ratio is not as wanted: it must be > 0',
  ],
  'a missing key is refused': ['require: [ort]', '', 'it lacks the key require; it is wanted'],
  'a required port that does not run is refused': [
    'require: [ort]',
    'require: [paddle]',
    'require names paddle; one of its ports is wanted: ort, tfjs',
  ],
  'another model than that of the path is refused': [
    'model: segnext',
    'model: lpsnet',
    'its model and mode are lpsnet and lite-infer; those of its path are wanted',
  ],
};
for (const [title, [from, to, message]] of Object.entries(refused)) {
  t.test(title, async (t) => {
    t.throws(() => parseSuite(text.replace(from, to), path), {
      name: 'UserError',
      message: `Cannot read the suite suites/segnext/lite-infer.yaml: ${message}`,
    });
  });
}

t.test('a key that stands twice is refused with its line', async (t) => {
  t.throws(() => parseSuite(`${text}mode: lite-infer\n`, path), {
    message: 'Cannot read the suite suites/segnext/lite-infer.yaml:9: the key mode is there twice; YAML is wanted',
  });
});
