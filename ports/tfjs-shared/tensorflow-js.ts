import type * as tfjs from '@tensorflow/tfjs';

/** The API of TensorFlow.js, whichever backend is behind it. */
export type TensorFlowJs = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Tensor1D = tfjs.Tensor1D;
export type Tensor3D = tfjs.Tensor3D;
export type Tensor4D = tfjs.Tensor4D;
