import { existsSync } from 'node:fs';
import { readWeightsFile, writeWeightsFile } from '../../harness/golden/weights-file.js';
import { out as say } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { type Conversion, type Converted, convertNames } from '../weights/convert-names.js';
import { applyOpts } from '../yml/apply-opts.js';
import { modelSection, readPaddleSegConfig } from '../yml/paddleseg-yml.js';

export interface ConvertOptions {
  readonly config: string;
  readonly out: string;
  readonly to: string;
  readonly opts?: readonly string[];
  readonly force?: boolean;
}

/** `tipcheck convert`: writes the file of --out, and says what became of each tensor. */
export async function runConvert(
  weights: string,
  { config, out, to, opts = [], force }: ConvertOptions,
): Promise<void> {
  if (existsSync(out) && force !== true)
    throw new UserError(`Cannot write weights ${out}: it is there already. Fix: another --out, or --force`);
  const section = modelSection(applyOpts(await readPaddleSegConfig(config), opts));
  const definition = await findModel(section);
  const network = definition.parse(section);
  const codes = definition.foreign?.(network) ?? [];
  if (codes.length === 0)
    throw new UserError(
      `Cannot convert ${weights}: ${section.type} as ${config} has it has no table of another code's names; a network that has one is wanted. Fix: its tensors renamed by hand`,
    );
  const arrays = await readWeightsFile(weights);
  const converted = convertNames(arrays, definition.parameters(network), codes, to, weights);
  await writeWeightsFile(out, converted.arrays);
  for (const conversion of converted.conversions) say(renderConversion(conversion));
  say(summarise(out, converted));
}

function renderConversion(conversion: Conversion): string {
  const from = `${conversion.from.name} [${conversion.from.shape.join(', ')}]`;
  if ('dropped' in conversion) return `dropped  ${from}: ${conversion.dropped}`;
  const to = `${conversion.to.name} [${conversion.to.shape.join(', ')}]`;
  return from === to ? `kept     ${from}` : `mapped   ${from} → ${to}`;
}

function summarise(out: string, { arrays, conversions, from, to, alone, prefix }: Converted): string {
  const lines = conversions.map(renderConversion);
  const count = (kind: string) => lines.filter((line) => line.startsWith(kind)).length;
  const stripped = prefix === '' ? '' : `, "${prefix}" before each name taken away`;
  return `${out}: ${arrays.size} tensors of ${alone ? 'a backbone' : 'a network'}, from the names of ${from} to those of ${to}${stripped}: ${count('kept')} kept, ${count('mapped')} mapped, ${count('dropped')} dropped`;
}
