import { cannot } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';

/** What a gate is asked for: the inputs of action.yml, as TIPCHECK_* of the environment. */
export interface GateInputs {
  /** Empty: every port of the suite. */
  readonly port: string;
  readonly bundles: readonly string[];
  /** `<model>/<mode>`, in place of bundles. */
  readonly suite: string | null;
  readonly device: 'auto' | 'cpu' | 'gpu';
  /** Ports and devices that must have run. */
  readonly require: readonly string[];
  readonly baseline: string | null;
  readonly waivers: string | null;
  readonly failOn: readonly FailOn[];
}

/** What a run can end as that a gate may let through. Bad usage and what is required never are. */
export const gateKinds = ['fail', 'error', 'not-run', 'waived'] as const;
export type FailOn = (typeof gateKinds)[number];

/** Reads the environment. Throws a UserError for what cannot be meant. */
export function parseGateInputs(env: Readonly<Record<string, string | undefined>>): GateInputs {
  const text = (name: string) => env[`TIPCHECK_${name}`]?.trim() ?? '';
  const words = (name: string) =>
    text(name)
      .split(/[\s,]+/)
      .filter((word) => word !== '');
  const optional = (name: string) => (text(name) === '' ? null : text(name));
  const inputs = {
    port: text('PORT'),
    bundles: text('BUNDLES')
      .split(/\s+/)
      .filter((name) => name !== ''),
    suite: optional('SUITE'),
    device: deviceOf(text('DEVICE')),
    require: words('REQUIRE'),
    baseline: optional('BASELINE'),
    waivers: optional('WAIVERS'),
    failOn: failOnOf(words('FAIL_ON')),
  };
  if ((inputs.suite === null) === (inputs.bundles.length === 0))
    throw cannot(
      'run',
      'the gate',
      `${inputs.suite === null ? 'neither bundles nor suite is' : 'bundles and suite are both'} given`,
      'one of them is wanted',
    );
  if (inputs.suite === null && inputs.port === '')
    throw cannot('run', 'the gate', 'port is empty', 'a port is wanted with bundles');
  return inputs;
}

function deviceOf(text: string): GateInputs['device'] {
  if (text === '') return 'auto';
  if (text === 'auto' || text === 'cpu' || text === 'gpu') return text;
  throw cannot('run', 'the gate', `device is ${text}`, 'auto, cpu or gpu is wanted');
}

function failOnOf(words: readonly string[]): readonly FailOn[] {
  if (words.length === 0) return ['fail', 'error', 'not-run'];
  if (words.join() === 'never') return [];
  return words.map((word) => {
    const kind = gateKinds.find((known) => known === word);
    if (kind !== undefined) return kind;
    throw cannot(
      'run',
      'the gate',
      `fail-on names ${word}`,
      `${gateKinds.join(', ')} or never is wanted.${suggest(word, gateKinds)}`,
    );
  });
}
