import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { float32NdArray } from '../harness/contract/nd-array.js';
import { renderPdparams } from '../harness/golden/render-pdparams.js';
import { initialWeights } from '../pipeline/train/initial-weights.js';
import { readPaddleSegConfig } from '../pipeline/yml/paddleseg-yml.js';

/**
 * A folder that looks like a checkout of PaddleSeg: its tools print what PaddleSeg's print, in its words, and copy
 * weights that were made here. `TOY` in the environment spoils one thing: a word that the scripts look for.
 */
export async function makeCheckout(folder: string): Promise<Readonly<Record<string, string>>> {
  const { model } = (await readPaddleSegConfig(join(folder, 'small.yml'))).values;
  const weights = await initialWeights(model as Readonly<Record<string, unknown>>, 1);
  const lacking = new Map([...weights].slice(1));
  const zero = new Map(
    [...weights].map(([name, { shape, data }]) => [name, float32NdArray(shape, new Float32Array(data.length))]),
  );
  const files = {
    'toy/weights.pdparams': renderPdparams(weights),
    'toy/lacking.pdparams': renderPdparams(lacking),
    'toy/zero.pdparams': renderPdparams(zero),
    'site/paddle/__init__.py': paddle,
    'site/paddle/distributed/__init__.py': '',
    'site/paddle/distributed/launch.py': launch,
    'site/paddleseg/__init__.py': "__version__ = '2.8.0'\n",
    'site/toy.py': toy,
    'tools/train.py': train,
    'tools/val.py': val,
    'tools/export.py': exportScript,
    'deploy/python/infer.py': infer,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { PYTHONPATH: join(folder, 'site'), PYTHONDONTWRITEBYTECODE: '1' };
}

const paddle = `
import os
__version__ = '3.3.1'
def is_compiled_with_cuda():
    return 'TOY_GPUS' in os.environ
class _Cuda:
    @staticmethod
    def device_count():
        return int(os.environ['TOY_GPUS'])
class device:
    cuda = _Cuda
`;

const launch = `
import runpy, sys
assert any(word.startswith('--log_dir=') for word in sys.argv), sys.argv
words = sys.argv[1:]
while words[0].startswith('--'):
    print('LAUNCH', words.pop(0))
sys.argv = words
runpy.run_path(words[0], run_name='__main__')
`;

const toy = `
import os, shutil, struct, sys, zlib
def spoilt(word):
    return os.environ.get('TOY') == word
def value(name, otherwise=None):
    found = otherwise
    for at, word in enumerate(sys.argv):
        if word == name: found = sys.argv[at + 1]
        if word.startswith(name + '='): found = word[len(name) + 1:]
    return found
def say(text):
    print('[2026/11/27 21:01:32] INFO: ' + text, flush=True)
def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file: file.write(data)
def copy(name, path):
    with open(os.path.join('toy', name), 'rb') as file: write(path, file.read())
def mask(width, height, label):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = (b'\\0' + bytes([label]) * width) * height
    head = struct.pack('>IIBBBBB', width, height, 8, 3, 0, 0, 0)
    palette = chunk(b'PLTE', bytes(768))
    return b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head) + palette + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')
def device():
    asked = value('--device', 'gpu')
    say('Set device: ' + ('cpu' if spoilt('fallback') else asked))
def evaluate():
    if spoilt('no evaluation'): return
    total = 0 if spoilt('empty') else 7 if spoilt('fewer') else 8
    say('Start evaluating (total_samples: %d, total_iters: %d)...' % (total, total))
    if spoilt('empty'):
        say('[EVAL] #Images: 0 mIoU: 1.0000 Acc: nan Kappa: nan Dice: 0.0000')
        return
    say('[EVAL] #Images: %d mIoU: %s Acc: %s Kappa: 0.0310 Dice: 0.0204' % (7 if spoilt('picture') or spoilt('fewer') else 8, 'nan' if spoilt('mIoU') else '0.2746', 'nan' if spoilt('Acc') else '0.0694'))
`;

const train = `
import sys, time, toy

time.sleep(0.5)  # so that its memory is seen
toy.device()
if toy.spoilt('crash'): raise MemoryError('no more')
iters, every, folder = int(toy.value('--iters')), int(toy.value('--log_iters', '10')), toy.value('--save_dir')
for at in range(every, iters + 1, every):
    loss = 3 if toy.spoilt('constant') else float('nan') if toy.spoilt('nan') else 3 - at / 100
    toy.say('[TRAIN] epoch: 1, iter: %d/%d, loss: %.4f, lr: %s, batch_cost: 0.5000, reader_cost: 0.00100, ips: 4.0000 samples/sec | ETA 00:00:00' % (at, iters, loss, '0.000000' if toy.spoilt('rates') else '0.000001'))
    if toy.spoilt('profiler'): sys.exit(0)
name = 'lacking.pdparams' if toy.spoilt('lacking') else 'zero.pdparams' if toy.spoilt('zero') else 'weights.pdparams'
if not toy.spoilt('no files'):
    toy.copy(name, folder + '/iter_%d/model.pdparams' % iters)
if '--do_eval' in sys.argv:
    toy.evaluate()
    if not toy.spoilt('no files'):
        toy.copy(name, folder + '/best_model/model.pdparams')
        toy.say('[EVAL] The model with the best validation mIoU (0.2746) was saved at iter %d.' % iters)
`;

const val = `
import toy
toy.device()
toy.say('There are 380/380 variables loaded into MSCAN.')
if toy.value('--model_path') is not None and not toy.spoilt('unloaded'):
    toy.say('There are %d/519 variables loaded into SegNeXt.' % (500 if toy.spoilt('partly') else 519))
toy.evaluate()
`;

const exportScript = `
import os, toy
folder = toy.value('--save_dir')
assert os.path.exists(toy.value('--model_path'))
toy.write(folder + '/' + ('model.json' if toy.spoilt('other name') else 'model.pdmodel'), b'graph')
toy.write(folder + '/model.pdiparams', b'weights')
toy.write(folder + '/deploy.yaml', b'Deploy:\\n  model: model.pdmodel\\n  params: model.pdiparams\\n  transforms:\\n  - target_size: [64, 48]\\n    type: Resize\\n  - type: Normalize\\n')
`;

const infer = `
import os, sys, toy
if toy.spoilt('engine'):
    print('it could not start')
    sys.exit()
path, folder = toy.value('--image_path'), toy.value('--save_dir', './output')
for line in open(path):
    name = os.path.splitext(os.path.basename(line.split()[0]))[0]
    toy.write(os.path.join(folder, name + '.png'), toy.mask(32 if toy.spoilt('size') else 64, 48, 77 if toy.spoilt('class') else 3))
    if toy.spoilt('one mask'): break
`;
