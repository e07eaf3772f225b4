import { modelTable } from './messages.js';
import { decodeMessage, encodeMessage, type Message } from './wire.js';

/**
 * The parts of an ONNX file that are read or written here, as they are in the file. Everything else in it is kept (see
 * wire.ts).
 */
export interface ModelProto {
  irVersion?: bigint;
  producerName?: string;
  producerVersion?: string;
  docString?: string;
  graph?: GraphProto;
  opsetImport?: { domain?: string; version?: bigint }[];
  metadataProps?: { key: string; value: string }[];
  functions?: { node?: NodeProto[]; attributeProto?: AttributeProto[] }[];
}

export interface GraphProto {
  name?: string;
  node?: NodeProto[];
  initializer?: TensorProto[];
  sparseInitializer?: SparseTensorProto[];
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
}

export interface NodeProto {
  name?: string;
  opType?: string;
  domain?: string;
  input?: string[];
  output?: string[];
  attribute?: AttributeProto[];
  metadataProps?: { key?: string; value?: string }[];
}

export interface AttributeProto {
  name?: string;
  type?: number;
  f?: number;
  i?: bigint;
  s?: Uint8Array;
  t?: TensorProto;
  tensors?: TensorProto[];
  sparseTensor?: SparseTensorProto;
  sparseTensors?: SparseTensorProto[];
  g?: GraphProto;
  floats?: number[];
  ints?: bigint[];
  graphs?: GraphProto[];
}

/** `type` of an attribute. Source: AttributeProto.AttributeType. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7 } as const;

export interface TensorProto {
  name?: string;
  dims?: bigint[];
  dataType?: number;
  rawData?: Uint8Array;
  floatData?: number[];
  /** Of float16, as well: their bits. */
  int32Data?: number[];
  int64Data?: bigint[];
  doubleData?: number[];
  dataLocation?: number;
  externalData?: { key: string; value: string }[];
}

export interface SparseTensorProto {
  values?: TensorProto;
  indices?: TensorProto;
}

/** `dataType` of a tensor. Source: TensorProto.DataType. */
export const dataTypes = { float32: 1, int64: 7, float16: 10, float64: 11, bfloat16: 16 } as const;

export interface ValueInfoProto {
  name?: string;
  type?: { tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: bigint; dimParam?: string }[] } } };
}

/** Throws where `bytes` is not an ONNX model. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return decodeMessage(modelTable, bytes) as ModelProto;
}

export function encodeModel(model: ModelProto): Uint8Array {
  return encodeMessage(modelTable, model as Message);
}
