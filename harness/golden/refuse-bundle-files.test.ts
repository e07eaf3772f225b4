import { link, mkdir, readFile, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { float32NdArray, type NdArray } from '../contract/nd-array.js';
import { probeOf, testRefusals } from './bad-bundles-for-tests.js';
import { renderNpy } from './npy.js';
import { renderNpz } from './npz.js';
import { type BundleDraft, writeTestBundle } from './test-bundle.js';

/** What is wrong with the files, and how case.json refers to them. */
testRefusals(writeTestBundle, [
  {
    what: 'no case.json',
    spoil: (folder) => unlink(join(folder, 'case.json')),
    error: /case\.json: it is not there; a folder with a case\.json is wanted$/,
  },
  {
    what: 'a case.json that is not JSON',
    spoil: (folder) => writeFile(join(folder, 'case.json'), '{"format": '),
    error: /case\.json: it is not JSON \(line 1: .*\); a golden bundle's case is wanted$/,
  },
  {
    what: 'a missing file',
    spoil: (folder) => unlink(join(folder, 'probes.npz')),
    error: /probes\.npz: it is not there; case\.json lists it in sha256$/,
  },
  {
    what: 'a truncated file',
    spoil: (folder) => truncate(join(folder, 'image.npy'), 140),
    error: /image\.npy: its sha256 is [0-9a-f]{64}; [0-9a-f]{64} is wanted \(case\.json: sha256\["image\.npy"\]\)$/,
  },
  {
    what: 'a truncated file of the right hash',
    change: (draft) => draft.files.set('image.npy', imageBytes().subarray(0, 140)),
    error:
      /image\.npy \(case\.json: inputs\.image\): it is truncated: it has 140 bytes; its header \(f4, shape \[1, 3, 2, 2\]\) needs 176$/,
  },
  {
    what: 'trailing bytes',
    change: (draft) => draft.files.set('image.npy', Buffer.concat([imageBytes(), Buffer.alloc(4)])),
    error: /image\.npy \(case\.json: inputs\.image\): it has trailing bytes: it has 180 bytes; .* needs 176$/,
  },
  {
    what: 'a wrong hash',
    change: (draft) => draft.hashes.set('probes.npz', 'a'.repeat(64)),
    error: /probes\.npz: its sha256 is [0-9a-f]{64}; a{64} is wanted/,
  },
  {
    what: 'NaN in a golden',
    change: (draft) => setProbeValue(draft, 1, Number.NaN),
    error: /probes\.npz\[z\] \(case\.json: probes\[1\]\.value, probe z\): element 4 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'Inf in a golden',
    change: (draft) => setProbeValue(draft, 1, Number.NEGATIVE_INFINITY),
    error: /probes\.npz\[z\] .*: element 4 is -Infinity; finite numbers are wanted$/,
  },
  {
    what: 'NaN in the image',
    change: (draft) =>
      draft.files.set('image.npy', renderNpy(float32NdArray([1, 3, 2, 2], new Float32Array(12).fill(Number.NaN)))),
    error: /image\.npy \(case\.json: inputs\.image\): element 0 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'NaN in the weights',
    change: (draft) => setBuffers(draft, Float32Array.of(1, Number.NaN, 1)),
    error:
      /buffers\.npz\[norm\._variance\] \(case\.json: weights\[1\]\.arrays\["norm\._variance"\]\): element 1 is NaN; finite numbers are wanted$/,
  },
  {
    what: 'a big-endian array',
    change: (draft) =>
      draft.files.set('image.npy', withHeader("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 3, 2, 2), }")),
    error: /image\.npy \(case\.json: inputs\.image\): its dtype '>f4' is big-endian; little-endian is wanted$/,
  },
  {
    what: 'a Fortran-order array',
    change: (draft) =>
      draft.files.set('image.npy', withHeader("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 3, 2, 2), }")),
    error: /image\.npy \(case\.json: inputs\.image\): it is in Fortran order; C order is wanted$/,
  },
  {
    what: 'an array of another dtype',
    change: (draft) =>
      draft.files.set('image.npy', renderNpy({ dtype: 'f8', shape: [1, 3, 2, 2], data: new Float64Array(12) })),
    error: /image\.npy \(case\.json: inputs\.image\): its dtype is f8; f4 is wanted$/,
  },
  {
    what: 'an npz outside its folder',
    change: (draft) => Object.assign(probeOf(draft, 0).value!, { file: '../probes.npz' }),
    error:
      /case\.json: probes\[0\]\.value, probe y refers to "\.\.\/probes\.npz", which leaves the folder; a relative path within it is wanted$/,
  },
  {
    what: 'an absolute path',
    change: (draft) => Object.assign(probeOf(draft, 0).value!, { file: '/tmp/probes.npz' }),
    error: /refers to "\/tmp\/probes\.npz", which leaves the folder/,
  },
  {
    what: 'a hash of a file outside the folder',
    change: (draft) => draft.hashes.set('a/../../image.npy', 'a'.repeat(64)),
    error:
      /case\.json: sha256\["a\/\.\.\/\.\.\/image\.npy"\] refers to "a\/\.\.\/\.\.\/image\.npy", which leaves the folder/,
  },
  {
    what: 'a link out of the folder',
    spoil: async (folder) => {
      const outside = join(folder, '..', 'outside.npy');
      await writeFile(outside, await readFile(join(folder, 'image.npy')));
      await unlink(join(folder, 'image.npy'));
      await symlink(outside, join(folder, 'image.npy'));
    },
    error: /case\.json: sha256\["image\.npy"\] is a link that leaves the folder; a file within it is wanted$/,
  },
  {
    what: 'a folder in place of a file',
    spoil: async (folder) => {
      await unlink(join(folder, 'image.npy'));
      await mkdir(join(folder, 'image.npy'));
    },
    error: /case\.json: sha256\["image\.npy"\] is not a plain file; one is wanted$/,
  },
  {
    what: 'a file with a second hard link',
    spoil: (folder) => link(join(folder, 'image.npy'), join(folder, 'image-2.npy')),
    error:
      /case\.json: sha256\["image\.npy"\] has a second name elsewhere \(a hard link\); a file of its own is wanted\. Fix: copy it$/,
  },
  {
    what: 'a case.json that is a link out of the folder',
    spoil: async (folder) => {
      await rename(join(folder, 'case.json'), join(folder, '..', 'outside.json'));
      await symlink('../outside.json', join(folder, 'case.json'));
    },
    error: /case\.json: it is a link that leaves the folder; a file within it is wanted$/,
  },
  {
    what: 'a case.json that is a pipe',
    spoil: async (folder) => {
      await unlink(join(folder, 'case.json'));
      await execa('mkfifo', [join(folder, 'case.json')]);
    },
    error: /case\.json: it is not a plain file; one is wanted$/,
  },
  {
    what: 'an npz that claims a size it has not',
    change: (draft) => claimSize(draft, 1_000_000),
    error:
      /probes\.npz.*: entry y\.npy is 176 bytes by its local header and 1000000 by the directory; one size is wanted$/,
  },
  {
    what: 'an npz of another size than its header says',
    change: (draft) => claimSize(draft, 1000, true),
    error: /probes\.npz\[y\].*: the zip claims 1000 bytes; its header \(f4, shape \[1, 3, 2, 2\]\) needs 176$/,
  },
  {
    what: 'a key that the npz lacks',
    change: (draft) => Object.assign(probeOf(draft, 2).value!, { key: 'logit' }),
    error:
      /probes\.npz\[logit\] \(case\.json: probes\[2\]\.value, probe logits\): the \.npz has no such key; one of its 3 keys is wanted\. Did you mean logits\?$/,
  },
  {
    what: 'an npz without a key',
    change: (draft) => Reflect.deleteProperty(probeOf(draft, 2).value!, 'key'),
    error:
      /case\.json: probes\[2\]\.value, probe logits refers to probes\.npz without a key; a key of the \.npz is wanted$/,
  },
  {
    what: 'a key of an npy',
    change: (draft) => Object.assign(draft.json.inputs?.image ?? {}, { key: 'image' }),
    error: /case\.json: inputs\.image gives the key image for image\.npy; a key goes with a \.npz only$/,
  },
  {
    what: 'a file that sha256 does not list',
    change: (draft) => Object.assign(draft.json.inputs?.image ?? {}, { file: 'other.npy' }),
    error: /case\.json: inputs\.image refers to other\.npy, which sha256 does not list; a listed file is wanted$/,
  },
  {
    what: 'an image of zero height',
    change: (draft) => draft.files.set('image.npy', renderNpy(float32NdArray([1, 3, 0, 2], new Float32Array(0)))),
    error: /image\.npy \(case\.json: inputs\.image\): its shape is \[1, 3, 0, 2\]; no extent of zero is wanted$/,
  },
  {
    what: 'an image without a batch axis',
    change: (draft) => draft.files.set('image.npy', renderNpy(float32NdArray([3, 2, 2], new Float32Array(12)))),
    error: /image\.npy \(case\.json: inputs\.image\): its shape is \[3, 2, 2\]; \[b, 3, h, w\] is wanted$/,
  },
]);

function imageBytes(): Uint8Array {
  return renderNpy(float32NdArray([1, 3, 2, 2], new Float32Array(12)));
}

/** The image's file with another header of the same length. */
function withHeader(text: string): Uint8Array {
  const bytes = Buffer.from(imageBytes());
  bytes.write(text.padEnd(117), 10, 'latin1');
  return bytes;
}

function setProbeValue(draft: BundleDraft, at: number, value: number): void {
  const arrays = new Map<string, NdArray>();
  for (const [i, { name }] of (draft.json.probes ?? []).entries()) {
    const data = Float32Array.from({ length: 12 }, (_, element) => (i === at && element === 4 ? value : 1));
    arrays.set(name, float32NdArray([1, 3, 2, 2], data));
  }
  draft.files.set('probes.npz', renderNpz(arrays));
}

function setBuffers(draft: BundleDraft, variance: Float32Array): void {
  const mean = float32NdArray([3], new Float32Array(3));
  draft.files.set(
    'buffers.npz',
    renderNpz(
      new Map([
        ['norm._mean', mean],
        ['norm._variance', float32NdArray([3], variance)],
      ]),
    ),
  );
}

/** Writes a size for the first entry of probes.npz into the central directory, and into the local header too. */
function claimSize(draft: BundleDraft, size: number, local = false): void {
  const bytes = Buffer.from(draft.files.get('probes.npz') ?? []);
  bytes.writeUInt32LE(size, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24);
  if (local) bytes.writeUInt32LE(size, bytes.indexOf('PK\x03\x04', 0, 'latin1') + 22);
  draft.files.set('probes.npz', bytes);
}
