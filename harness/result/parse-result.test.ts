import t from 'tap';
import { knownGoldens } from '../golden/list-shipped.js';
import { knownLimits } from '../kinds/index.js';
import { renderJson } from '../reporters/formats/json.js';
import { makeCase, makeMeasurement, makeResult, makeStep, makeTipcResult } from '../reporters/result-for-tests.js';
import { UserError } from '../support/errors.js';
import { parseResult } from './parse-result.js';

const stored: Record<string, unknown> = JSON.parse(renderJson(makeResult([makeCase()])));

function errorOf(value: unknown): string {
  try {
    parseResult(typeof value === 'string' ? value : JSON.stringify(value), 'runs/result.json');
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'no error';
}

t.test('a path with a NUL, wherever it stands, is refused', async (t) => {
  const { tipc } = makeTipcResult([makeStep()]);
  const path = 'a\0b';
  const file = { path, bytes: 0, sha256: 'a'.repeat(64) };
  const data = { name: 'x', type: null, root: '.', list: null, images: 0, bytes: 0, sha256: null };
  const inputs = { configs: [], data: [], weights: [], manifest: { ...file, path: 'm' } };
  const dataWith = (changes: object) => [{ ...data, standsInFor: null, note: null, ...changes }];
  for (const changes of [
    ...[{ file: path }, { startFolder: path }, { files: [file] }, { inputs: { ...inputs, manifest: file } }],
    ...[{ steps: [makeStep({ record: path })] }, { steps: [makeStep({ log: path })] }],
    ...[{ steps: [makeStep({ artefacts: [file] })] }, { inputs: { ...inputs, weights: [file] } }],
    { inputs: { ...inputs, configs: [{ name: 'x', sha256: file.sha256, used: { path, sha256: file.sha256 } }] } },
    ...[{ root: path }, { list: path }].map((one) => ({ inputs: { ...inputs, data: dataWith(one) } })),
  ])
    t.equal(
      errorOf({ ...stored, tipc: { ...tipc, ...changes } }),
      'Cannot read the result runs/result.json: it has the path "a\\u0000b", with a NUL; a result.json that tipcheck wrote is wanted',
      JSON.stringify(changes),
    );
});

t.test('what is not a result is refused, and the file and field are named', async (t) => {
  const wanted = '; a result.json that tipcheck wrote is wanted';
  const start = 'Cannot read the result runs/result.json: ';
  t.match(
    errorOf('{"a":'),
    /^Cannot read the result runs\/result\.json: it is not JSON \(.+\); a result\.json that tipcheck wrote is wanted$/,
  );
  t.equal(errorOf({ ...stored, extra: 1 }), `${start}the file must NOT have additional properties (extra)${wanted}`);
  t.equal(errorOf({ ...stored, format: 'tipcheck-result/3' }), `${start}/format must be equal to constant${wanted}`);
  t.equal(
    errorOf({ ...stored, verdict: 'green' }),
    `${start}/verdict must be equal to one of the allowed values: ["pass","waived","fail","error","not-run"]${wanted}`,
  );
  t.equal(errorOf({ ...stored, cases: [{}] }), `${start}/cases/0 must have required property 'id'${wanted}`);
  t.equal(errorOf({ ...stored, durationMs: 'long' }), `${start}/durationMs must be number${wanted}`);
  const own = { ...makeCase(), measurements: [{ ...makeMeasurement('logits'), kind: 'colour' }] };
  t.match(
    errorOf({ ...stored, cases: [own] }),
    /^Cannot read the result runs\/result\.json: it has the kind colour; one of averaged-logits, .+ is wanted$/,
  );
  t.equal(
    errorOf({ ...stored, limits: 'limits/9' }),
    `${start}it was judged by limits/9; ${knownLimits.join(' or ')} is wanted`,
  );
  t.equal(
    errorOf({ ...stored, goldens: 'goldens/9' }),
    `${start}it was judged on goldens/9; ${knownGoldens.join(' or ')} is wanted`,
  );
  t.equal(errorOf(stored), 'no error');
  const startedAt = '9999-99-99T99:99:99Z';
  t.equal(
    errorOf({ ...stored, startedAt }),
    `${start}it has the date ${startedAt}, and there is no such day or hour${wanted}`,
  );
});
