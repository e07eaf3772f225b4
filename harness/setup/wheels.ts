/**
 * A wheel as PyPI holds it: one exact file, whatever Python the user has. Only its native libraries are used.
 * Source of hashes and sizes: `pip install --dry-run --report` and the index's content-length, November 2026.
 */
export interface Wheel {
  /** `name==version`, as pip reads it. */
  readonly requirement: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * CUDA 12.9 and cuDNN 9.10, one set for both engines: TensorFlow 2.21 asks for 12.5.82 to 13, ONNX Runtime 1.26 for 12.
 * The newest of CUDA 12, because the kernels of older ones do not know current cards.
 */
export const cudaWheels: readonly Wheel[] = [
  wheel(
    'nvidia-cublas-cu12==12.9.1.4',
    581_242_350,
    '453611eb21a7c1f2c2156ed9f3a45b691deda0440ec550860290dc901af5b4c2',
  ),
  wheel(
    'nvidia-cuda-cupti-cu12==12.9.79',
    10_814_997,
    '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  ),
  wheel(
    'nvidia-cuda-nvcc-cu12==12.9.86',
    40_546_229,
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  ),
  wheel(
    'nvidia-cuda-nvrtc-cu12==12.9.86',
    89_568_129,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  ),
  wheel(
    'nvidia-cuda-runtime-cu12==12.9.79',
    3_493_179,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  ),
  wheel(
    'nvidia-cudnn-cu12==9.10.2.21',
    706_758_467,
    '949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8',
  ),
  wheel('nvidia-cufft-cu12==11.4.1.4', 200_877_592, 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
  wheel(
    'nvidia-curand-cu12==10.3.10.19',
    68_295_626,
    '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  ),
  wheel(
    'nvidia-cusolver-cu12==11.7.5.82',
    338_117_415,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  ),
  wheel(
    'nvidia-cusparse-cu12==12.5.10.65',
    366_465_088,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  ),
  wheel('nvidia-nccl-cu12==2.27.7', 322_546_339, 'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa'),
  wheel(
    'nvidia-nvjitlink-cu12==12.9.86',
    39_748_338,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  ),
];

function wheel(requirement: string, bytes: number, sha256: string): Wheel {
  return { requirement, bytes, sha256 };
}
