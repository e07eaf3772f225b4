import type { CertificateCell, CertifiedInputs, CertifiedPart } from '../result/certificate.js';
import type { Result } from '../result/record/result.js';
import { type RunInputs, reductionsOfStep, type StepResult, type TipcRun } from '../result/record/tipc-run.js';
import { groupBy } from '../support/group.js';
import { describeEngines } from './describe-engines.js';
import { portBeforeMerge } from './port-before-merge.js';
import { joinVerdicts } from './summarise.js';

/** Rows of a text file that ask for a GPU are another place than those for a CPU, whether they ran or not. */
export function stepCellsOf(result: Result, tipc: TipcRun, model: string): CertificateCell[] {
  const deviceOf = ({ engine, deviceAsked }: StepResult) => engine?.device ?? deviceAsked ?? 'unknown';
  const portOf = ({ port }: StepResult) => portBeforeMerge(port, result.command);
  const groups = groupBy(tipc.steps, (step) => JSON.stringify([step.mode, portOf(step), deviceOf(step)]));
  return groups.map((steps) => ({
    mode: steps[0]!.mode ?? tipc.mode,
    port: portOf(steps[0]!),
    device: deviceOf(steps[0]!),
    model,
    verdict: joinVerdicts(steps.map(({ verdict }) => verdict)),
    reasons: [
      ...new Set(
        steps.flatMap(({ id, verdict, reason }) => (verdict === 'pass' ? [] : [`${id}: ${reason ?? verdict}`])),
      ),
    ],
    deviations: [...new Set(steps.flatMap(reductionsOfStep))],
    runId: result.runId,
    parts: steps.map(stepPartOf),
    engines: describeEngines(steps),
    ...(tipc.inputs === null ? {} : { inputs: certifyInputs(tipc.inputs) }),
    older: [],
  }));
}

function certifyInputs({ configs, data }: RunInputs): CertifiedInputs {
  return {
    configs: configs.map(({ name, used }) => ({ name, sha256: used.sha256 })),
    data: data.map(({ name, images, sha256, standsInFor }) => ({ name, images, sha256, standsInFor })),
  };
}

/** A step is held to checks and not to a golden; the weights are those that it made. */
function stepPartOf({ id, verdict, artefacts }: StepResult): CertifiedPart {
  const weights = artefacts.filter(({ path }) => /\.(?:pdparams|safetensors|onnx)$/.test(path));
  return {
    name: id,
    verdict,
    golden: null,
    weights: weights.map(({ path, sha256 }) => ({ name: baseName(path), sha256 })),
  };
}

/** The last two parts of a path: `best_model/model.pdparams`. */
function baseName(path: string): string {
  return path.split(/[\\/]/).slice(-2).join('/');
}
