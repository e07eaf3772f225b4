import { sameShape } from '../../harness/contract/nd-array.js';
import { UserError } from '../../harness/support/errors.js';
import type { ModelDefinition } from '../../models/model-definition.js';
import type { Value } from '../../onnx/graph.js';
import type { Builder } from './graph/builder.js';

/**
 * Draws as the reference does: uniform in [0, 1) or standard normal, anew in every run, as often as the image has batch
 * entries.
 * Throws a UserError for a draw whose shape depends on the image's height and width.
 */
export function drawAtRandom<Config>(
  builder: Builder,
  definition: ModelDefinition<Config>,
  config: Config,
  image: Value,
): (name: string) => Value {
  const drawn = new Map<string, Value>();
  return (name) => {
    const known = drawn.get(name);
    if (known !== undefined) return known;
    const [perImage, ...rest] = fixedShape(definition, config, name);
    builder.scope = name;
    const batch = builder.addSizes('Shape', [image], 1, { start: 0, end: 1 });
    const first = builder.addSizes('Mul', [batch, builder.sizes([perImage])], 1);
    const wanted = builder.addSizes('Concat', [first, builder.sizes(rest)], rest.length + 1, { axis: 0 });
    const like = builder.add('Expand', [builder.scalar(0), wanted], [null, ...rest]);
    const value = definition.drawsNormal?.(config, name)
      ? builder.add('RandomNormalLike', [like], [null, ...rest], { mean: { float: 0 }, scale: { float: 1 } })
      : builder.add('RandomUniformLike', [like], [null, ...rest], { low: { float: 0 }, high: { float: 1 } });
    const result = builder.named(name, value);
    drawn.set(name, result);
    return result;
  };
}

/** The shape for one image, which must be the same for images of any size. */
function fixedShape<Config>(
  definition: ModelDefinition<Config>,
  config: Config,
  name: string,
): readonly [number, ...number[]] {
  const [, channels] = definition.exampleImage(config);
  const [small, large] = [64, 128].map((extent) => definition.draws(config, [1, channels, extent, extent]).get(name));
  if (small === undefined || large === undefined) throw new Error(`the model draws ${name}, which its own list lacks`);
  if (sameShape(small, large)) return small as [number, ...number[]];
  throw new UserError(
    `Cannot export ${name} as drawn at random: its shape depends on the image's height and width; a fixed one is wanted. Fix: --draws input`,
  );
}
