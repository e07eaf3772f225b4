import { Option } from 'commander';
import { listShippedBundles } from '../../harness/golden/list-shipped.js';
import { firstPort } from '../../harness/hosts/read-ports.js';
import { answerColumns, outLines } from '../../harness/support/console.js';
import { takeShipped } from '../../harness/support/take-shipped.js';
import { renderExplanation } from '../../tipc/explain/render-explanation.js';
import { replaceSteps } from '../../tipc/explain/replace-steps.js';
import { planTipc } from '../../tipc/plan/plan-tipc.js';
import { forms } from '../../tipc/plan/read-forms.js';
import { readTipcFile } from '../../tipc/plan/read-tipc-file.js';
import { planMode } from '../../tipc/run/plan-mode.js';
import { validateTipcPort } from '../../tipc/runners/paddleseg/find-paddleseg.js';
import { portsOf } from '../../tipc/steps/runner-names.js';
import { planSuite } from '../../tipc/suite/plan-suite.js';
import { renderSuitePlan } from '../../tipc/suite/render-suite-plan.js';
import { parseMode, suiteModes } from '../../tipc/text/modes.js';
import type { Program } from '../program.js';

interface ExplainOptions {
  readonly json?: boolean;
  readonly devices?: string;
  readonly params?: string;
  readonly port?: string;
}

export function register(program: Program): void {
  program
    .command('explain')
    .helpGroup('Judge:')
    .summary('print the commands that TIPC would run for a text file and a mode, and ours in their place')
    .description(
      "Prints every command line that PaddleSeg's TIPC would run for a text file and a mode, in its order, with the blanks of omitted arguments, and what tipcheck test runs in its place; what TIPC passes over in silence, with the reason; and what it would take in silence. Runs nothing. Exit codes: 0, and 2 for a file or a mode that cannot be planned.",
    )
    .argument('<file>', `a TIPC text file of any form: ${forms.map(({ name }) => name).join(', ')}`, takeShipped)
    .argument('<mode>', "a mode of TIPC's, or lite_infer, lite_train, full_eval")
    .addOption(new Option('--devices <ids>', "TIPC's third argument in whole_infer: CUDA_VISIBLE_DEVICES"))
    .addOption(
      new Option(
        '--params <text>',
        "TIPC's third argument in benchmark_train: dynamic_bs8_fp32_DP_N1C8, or dynamicTostatic",
      ),
    )
    .option('--port <name>', `the port to show in TIPC's place; the file's first, or ${firstPort}`)
    .option('--json', 'print JSON')
    .endsWith(async (file: string, mode: string, options: ExplainOptions) => {
      outLines(await explain(file, mode, options));
      return 0;
    });
}

async function explain(path: string, mode: string, { json, devices, params, port }: ExplainOptions): Promise<string> {
  const file = await readTipcFile(path);
  if (suiteModes.includes(parseMode(mode))) {
    const suite = planSuite(file, mode, listShippedBundles());
    return json === true ? renderJson(suite) : renderSuitePlan(suite);
  }
  const plan = file.alsoRuns.includes(parseMode(mode))
    ? planMode(file, mode)
    : planTipc(file, mode, {
        ...(devices === undefined ? {} : { visibleDevices: devices }),
        ...(params === undefined ? {} : { benchmark: params }),
        workingFolder: process.cwd(),
      });
  const ports = port === undefined ? portsOf(file) : [port];
  for (const name of ports) validateTipcPort(name);
  const replacements = replaceSteps(plan, ports[0]!, file);
  const steps = plan.steps.map(({ request, ...step }) => ({ ...step, argv: request.words }));
  if (json === true) return renderJson({ plan: { ...plan, steps }, ports, replacements });
  return renderExplanation({ plan, ports, replacements }, answerColumns());
}

function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
