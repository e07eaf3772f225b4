import t from 'tap';
import { decodeModel, encodeModel } from './model-proto.js';
import { listModules } from './module-names.js';

t.test("a tensor's module is the last but one of the scopes that torch wrote", async (t) => {
  const scoped = (output: string, value: string, key = 'pkg.torch.onnx.name_scopes') => ({
    ...{ opType: 'Relu', output: [output] },
    metadataProps: [
      { key: 'namespace', value: 'x' },
      { key, value },
    ],
  });
  const graph = {
    node: [
      scoped('a', "['', 'backbone', 'backbone.norm1', 'layer_norm']"),
      scoped('b', "['', 'view']"),
      scoped('c', '[]'),
      scoped('d', 'nothing of the kind'),
      scoped('e', "['m', 'n', 'o']", 'another key'),
      { opType: 'Relu', output: ['f'] },
    ],
  };
  const read = decodeModel(encodeModel({ graph })).graph!;
  t.strictSame([...listModules(read)], [['a', 'backbone.norm1']]);
});
