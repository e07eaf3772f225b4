import type { Wheel } from './wheels.js';

/** The CUDA that a library is built for. Libraries of a later minor version of it serve, too. */
export type CudaMajor = 12 | 13;

/** CUDA's libraries for engines. */
export interface CudaSet {
  readonly major: CudaMajor;
  /** Says the versions; a folder of the cache. */
  readonly folder: string;
  /** In an order in which each can be loaded after those before it. */
  readonly parts: readonly CudaPart[];
}

export interface CudaPart {
  readonly wheel: Wheel;
  /** By the names under which engines ask the loader for them. */
  readonly libraries: readonly string[];
  /** Libraries of other parts that these are linked to, or load. Source: what the wheels require, without versions. */
  readonly needs: readonly string[];
}

/**
 * CUDA 12.9 and cuDNN 9.10 for TensorFlow 2.21, which asks for 12.5.82 to 13, and ONNX Runtime 1.26, which asks for 12:
 * the newest of CUDA 12, because the kernels of older ones do not know current cards. CUDA 13 and cuDNN 9.28 for ONNX
 * Runtime 1.30; from 1.27 on its wheels are of CUDA 13.
 */
export const cudaSets: Readonly<Record<CudaMajor, CudaSet>> = {
  12: {
    major: 12,
    folder: 'cuda-12.9-cudnn-9.10',
    parts: [
      part(
        'nvidia-cuda-runtime-cu12==12.9.79',
        3_493_179,
        '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
        ['libcudart.so.12'],
      ),
      part(
        'nvidia-nvjitlink-cu12==12.9.86',
        39_748_338,
        'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
        ['libnvJitLink.so.12'],
      ),
      part(
        'nvidia-cublas-cu12==12.9.1.4',
        581_242_350,
        '453611eb21a7c1f2c2156ed9f3a45b691deda0440ec550860290dc901af5b4c2',
        ['libcublas.so.12', 'libcublasLt.so.12'],
      ),
      part(
        'nvidia-cufft-cu12==11.4.1.4',
        200_877_592,
        'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
        ['libcufft.so.11'],
        ['libnvJitLink.so.12'],
      ),
      part(
        'nvidia-curand-cu12==10.3.10.19',
        68_295_626,
        '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
        ['libcurand.so.10'],
      ),
      part(
        'nvidia-cuda-nvrtc-cu12==12.9.86',
        89_568_129,
        '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
        ['libnvrtc.so.12'],
      ),
      part(
        'nvidia-cudnn-cu12==9.10.2.21',
        706_758_467,
        '949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8',
        ['libcudnn.so.9'],
        ['libcublas.so.12'],
      ),
      part(
        'nvidia-cusparse-cu12==12.5.10.65',
        366_465_088,
        '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
        ['libcusparse.so.12'],
        ['libnvJitLink.so.12'],
      ),
      part(
        'nvidia-cusolver-cu12==11.7.5.82',
        338_117_415,
        '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
        ['libcusolver.so.11'],
        ['libcublas.so.12', 'libcusparse.so.12', 'libnvJitLink.so.12'],
      ),
      part(
        'nvidia-nccl-cu12==2.27.7',
        322_546_339,
        'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa',
        ['libnccl.so.2'],
      ),
      part(
        'nvidia-cuda-cupti-cu12==12.9.79',
        10_814_997,
        '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
        ['libcupti.so.12'],
      ),
      part(
        'nvidia-cuda-nvcc-cu12==12.9.86',
        40_546_229,
        '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
        [],
      ),
    ],
  },
  13: {
    major: 13,
    folder: 'cuda-13.5-cudnn-9.28',
    parts: [
      part(
        'nvidia-cuda-runtime==13.5.37',
        2_504_024,
        'df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d',
        ['libcudart.so.13'],
      ),
      part(
        'nvidia-nvjitlink==13.5.37',
        46_642_491,
        '280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb',
        ['libnvJitLink.so.13'],
      ),
      part(
        'nvidia-cublas==13.10.0.20',
        444_289_903,
        'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84',
        ['libcublas.so.13', 'libcublasLt.so.13'],
      ),
      part(
        'nvidia-cufft==12.5.0.14',
        165_072_555,
        'b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad',
        ['libcufft.so.12'],
        ['libnvJitLink.so.13'],
      ),
      part('nvidia-curand==10.4.5.25', 77_113_015, '22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529', [
        'libcurand.so.10',
      ]),
      part(
        'nvidia-cuda-nvrtc==13.5.37',
        58_185_930,
        '86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc',
        ['libnvrtc.so.13'],
      ),
      part(
        'nvidia-cudnn-cu13==9.28.1.4',
        516_817_937,
        'a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec',
        ['libcudnn.so.9'],
        ['libcublas.so.13'],
      ),
    ],
  },
};

function part(
  requirement: string,
  bytes: number,
  sha256: string,
  libraries: readonly string[],
  needs: readonly string[] = [],
): CudaPart {
  return { wheel: { requirement, bytes, sha256 }, libraries, needs };
}
