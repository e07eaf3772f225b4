import type { MessageTable } from './wire.js';

/** ONNX's messages: field numbers, names and types. Source: onnx.proto of ONNX (IR version 12). */
export const modelTable: MessageTable = {
  1: { name: 'irVersion', type: 'int64' },
  2: { name: 'producerName', type: 'string' },
  3: { name: 'producerVersion', type: 'string' },
  4: { name: 'domain', type: 'string' },
  5: { name: 'modelVersion', type: 'int64' },
  6: { name: 'docString', type: 'string' },
  7: { name: 'graph', type: () => graphTable },
  8: { name: 'opsetImport', type: () => opsetTable, repeated: true },
  14: { name: 'metadataProps', type: () => entryTable, repeated: true },
  25: { name: 'functions', type: () => functionTable, repeated: true },
};

const opsetTable: MessageTable = { 1: { name: 'domain', type: 'string' }, 2: { name: 'version', type: 'int64' } };

const entryTable: MessageTable = { 1: { name: 'key', type: 'string' }, 2: { name: 'value', type: 'string' } };

const graphTable: MessageTable = {
  1: { name: 'node', type: () => nodeTable, repeated: true },
  2: { name: 'name', type: 'string' },
  5: { name: 'initializer', type: () => tensorTable, repeated: true },
  10: { name: 'docString', type: 'string' },
  11: { name: 'input', type: () => valueInfoTable, repeated: true },
  12: { name: 'output', type: () => valueInfoTable, repeated: true },
  13: { name: 'valueInfo', type: () => valueInfoTable, repeated: true },
  15: { name: 'sparseInitializer', type: () => sparseTensorTable, repeated: true },
};

const nodeTable: MessageTable = {
  1: { name: 'input', type: 'string', repeated: true },
  2: { name: 'output', type: 'string', repeated: true },
  3: { name: 'name', type: 'string' },
  4: { name: 'opType', type: 'string' },
  5: { name: 'attribute', type: () => attributeTable, repeated: true },
  6: { name: 'docString', type: 'string' },
  7: { name: 'domain', type: 'string' },
  9: { name: 'metadataProps', type: () => entryTable, repeated: true },
};

const functionTable: MessageTable = {
  1: { name: 'name', type: 'string' },
  4: { name: 'input', type: 'string', repeated: true },
  5: { name: 'output', type: 'string', repeated: true },
  7: { name: 'node', type: () => nodeTable, repeated: true },
  10: { name: 'domain', type: 'string' },
  11: { name: 'attributeProto', type: () => attributeTable, repeated: true },
};

const attributeTable: MessageTable = {
  1: { name: 'name', type: 'string' },
  2: { name: 'f', type: 'float' },
  3: { name: 'i', type: 'int64' },
  4: { name: 's', type: 'bytes' },
  5: { name: 't', type: () => tensorTable },
  6: { name: 'g', type: () => graphTable },
  7: { name: 'floats', type: 'float', repeated: true },
  8: { name: 'ints', type: 'int64', repeated: true },
  9: { name: 'strings', type: 'bytes', repeated: true },
  10: { name: 'tensors', type: () => tensorTable, repeated: true },
  11: { name: 'graphs', type: () => graphTable, repeated: true },
  20: { name: 'type', type: 'int32' },
  22: { name: 'sparseTensor', type: () => sparseTensorTable },
  23: { name: 'sparseTensors', type: () => sparseTensorTable, repeated: true },
};

export const tensorTable: MessageTable = {
  1: { name: 'dims', type: 'int64', repeated: true },
  2: { name: 'dataType', type: 'int32' },
  4: { name: 'floatData', type: 'float', repeated: true, packed: true },
  5: { name: 'int32Data', type: 'int32', repeated: true, packed: true },
  6: { name: 'stringData', type: 'bytes', repeated: true },
  7: { name: 'int64Data', type: 'int64', repeated: true, packed: true },
  8: { name: 'name', type: 'string' },
  9: { name: 'rawData', type: 'bytes' },
  10: { name: 'doubleData', type: 'double', repeated: true, packed: true },
  11: { name: 'uint64Data', type: 'uint64', repeated: true, packed: true },
  12: { name: 'docString', type: 'string' },
  13: { name: 'externalData', type: () => entryTable, repeated: true },
  14: { name: 'dataLocation', type: 'int32' },
};

const sparseTensorTable: MessageTable = {
  1: { name: 'values', type: () => tensorTable },
  2: { name: 'indices', type: () => tensorTable },
  3: { name: 'dims', type: 'int64', repeated: true },
};

const valueInfoTable: MessageTable = {
  1: { name: 'name', type: 'string' },
  2: { name: 'type', type: () => typeTable },
  3: { name: 'docString', type: 'string' },
};

const typeTable: MessageTable = { 1: { name: 'tensorType', type: () => tensorTypeTable } };

const tensorTypeTable: MessageTable = {
  1: { name: 'elemType', type: 'int32' },
  2: { name: 'shape', type: () => shapeTable },
};

const shapeTable: MessageTable = { 1: { name: 'dim', type: () => dimensionTable, repeated: true } };

const dimensionTable: MessageTable = {
  1: { name: 'dimValue', type: 'int64' },
  2: { name: 'dimParam', type: 'string' },
};
