import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EnvironmentError } from './errors.js';
import { countGpus, findGpu, resolveDevice } from './find-gpu.js';

t.test('a GPU that nvidia-smi lists is found, and named', (t) => {
  const folder = t.testdir({ 'nvidia-smi': '#!/bin/sh\necho "GPU 0: NVIDIA H100 (UUID: GPU-1)"\n' });
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  t.same(findGpu({ PATH: folder }), { found: true, evidence: 'nvidia-smi lists GPU 0: NVIDIA H100' });
  t.end();
});

t.test('of several GPUs those count that are not hidden', (t) => {
  const folder = t.testdir({ 'nvidia-smi': '#!/bin/sh\necho "GPU 0: a"\necho "GPU 1: a"\necho "GPU 2: a"\n' });
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  t.equal(countGpus({ PATH: folder }), 3);
  t.equal(countGpus({ PATH: folder, CUDA_VISIBLE_DEVICES: '2' }), 1);
  t.equal(countGpus({ PATH: folder, CUDA_VISIBLE_DEVICES: '0,2' }), 2);
  t.equal(countGpus({ PATH: '/nowhere' }), 1, 'one was found otherwise');
  t.end();
});

t.test('a hidden GPU is none', (t) => {
  for (const hidden of ['', '-1']) {
    const { found, evidence } = findGpu({ PATH: '', CUDA_VISIBLE_DEVICES: hidden });
    t.notOk(found);
    t.match(evidence, 'CUDA_VISIBLE_DEVICES');
  }
  t.end();
});

t.test('a library without a device node is not a GPU', (t) => {
  const folder = t.testdir({ 'libcuda.so.1': '' });
  const { found, evidence } = findGpu({ PATH: '', LD_LIBRARY_PATH: folder });
  if (found) t.comment('not run: this machine has a GPU');
  else t.equal(evidence, `${join(folder, 'libcuda.so.1')} is there, but none of /dev/nvidia0, /dev/dxg`);
  t.end();
});

t.test('auto says why, gpu without one is an environment error, cpu asks nobody', (t) => {
  const before = process.env.CUDA_VISIBLE_DEVICES;
  process.env.CUDA_VISIBLE_DEVICES = '-1';
  t.teardown(() => {
    if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = before;
  });
  t.same(resolveDevice('auto'), { device: 'cpu', because: "CUDA_VISIBLE_DEVICES is '-1', which hides every GPU" });
  t.same(resolveDevice('cpu'), { device: 'cpu', because: 'it was asked for' });
  t.throws(() => resolveDevice('gpu'), EnvironmentError);
  t.throws(() => resolveDevice('gpu'), { message: /^Cannot use the device gpu: .* Fix: install the NVIDIA driver/ });
  t.end();
});
