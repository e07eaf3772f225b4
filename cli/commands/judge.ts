import { extname } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { precisions } from '../../harness/contract/precision.js';
import { listShippedBundles } from '../../harness/golden/list-shipped.js';
import { describeOnnxEngines, resolveEngine } from '../../harness/hosts/resolve-engine.js';
import { describePorts, listGraphEndings, resolveInEngine, resolvePort } from '../../harness/hosts/resolve-port.js';
import { startOptions } from '../../harness/run/start-host.js';
import { defined } from '../../harness/support/defined.js';
import { UserError } from '../../harness/support/errors.js';
import type { JudgeOptions } from '../judge-bundles.js';
import { alignmentFlags } from '../options/alignment.js';
import { judgeFlags } from '../options/judge.js';
import type { Program } from '../program.js';

export function register(program: Program): void {
  program
    .command('judge')
    .helpGroup('Judge:')
    .summary('run a port on golden bundles and give a verdict per probe')
    .description(
      'Runs a port on golden bundles and gives a verdict per probe. Exit codes: 0 every probe agrees or is waived, 1 at least one does not, 2 bad usage or input, 3 the port could not run.',
    )
    .argument('<port>', describePorts())
    .argument('[bundle...]', `a bundle's folder, or a shipped one: ${listShippedBundles().join(', ')}`)
    .option('--json <file>', 'write the verdicts as JSON')
    .option(
      '--only <glob>',
      "judge only probes that match, for example 'backbone.block1.*'; may be given several times",
      (glob: string, before: readonly string[] = []) => [...before, glob],
    )
    .option('--timeout <seconds>', 'a port silent for this long has hung (default: 600)', parseSeconds)
    .option('--map <file>', 'for an .onnx file: a YAML file that maps probe names to tensor names')
    .option('--write-map <file>', 'for an .onnx file: write the tensors that were found and agree, as --map reads them')
    .option('--own-weights', "for an .onnx file: keep its weights, and stop if they are not the bundle's")
    .option('--engine <engine>', `what runs an .onnx file, or the bundles' own networks: ${describeOnnxEngines()}`)
    .option(
      '--engine-baseline <run>',
      'a run of the engine on a clean file: what errs at most twice as much is let through',
    )
    .option('--report <folder>', 'write result.json, report.html and the other reports there')
    .option('--repeats <number>', 'run it so often, 2 to 20, and fail what differs between runs', parseRepeats)
    .addOption(new Option('--precision <format>', 'limits from its noise, see docs/precision.md').choices(precisions))
    .addOptions(alignmentFlags)
    .addGroup(judgeFlags)
    .endsWith((port: string, bundles: readonly string[], options: JudgeOptions) => judge(port, bundles, options));
}

async function judge(first: string, others: readonly string[], options: JudgeOptions): Promise<number> {
  const { map, ownWeights, writeMap, engine } = options;
  // With an engine bundles may stand alone: it then runs their own networks.
  const isAlone = engine !== undefined && !listGraphEndings().includes(extname(first));
  const names = isAlone ? [first, ...others] : others;
  if (names.length === 0) throw new UserError(`Cannot judge ${first}: no bundle is given; one is wanted`);
  const settings = defined({ map, ownWeights });
  const port =
    engine === undefined
      ? resolvePort(first, settings)
      : resolveInEngine(resolveEngine(engine), isAlone ? null : first, settings);
  const isFile = port.about?.kind === 'adapter' && port.about.accepts.by === 'ending';
  const [flag] = Object.keys(defined({ map, 'own-weights': ownWeights, 'write-map': writeMap }));
  if ((isAlone || !isFile) && flag !== undefined) {
    throw new UserError(
      `Cannot judge ${first} with --${flag}: it is not an .onnx file; that option is for .onnx files alone`,
    );
  }
  if (engine === undefined && options.engineBaseline !== undefined)
    throw new UserError('Cannot use --engine-baseline without --engine: it is of an engine; both are wanted');
  if (options.only !== undefined && options.baseline !== undefined)
    throw new UserError(
      'Cannot hold a run against a baseline with --only: what is not judged could not be seen to vanish; a whole run is wanted. Fix: leave out --only',
    );
  if (writeMap !== undefined && names.length > 1)
    throw new UserError(
      `Cannot write the map ${writeMap} of ${names.length} bundles: each may have other probes; one bundle is wanted`,
    );
  const silenceMs = options.timeout === undefined ? undefined : options.timeout * 1000;
  const start = startOptions({ device: options.device, ...defined({ silenceMs }) });
  const { judgeBundles } = await import('../judge-bundles.js');
  return judgeBundles(port, names, options, start);
}

function parseRepeats(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 2 && Number(text) <= 20) return Number(text);
  throw new InvalidArgumentError('A whole number from 2 to 20 is wanted.');
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 86_400)) throw new InvalidArgumentError('A number of seconds above 0 is wanted.');
  return seconds;
}
