/** The page of adapter.mjs: it is asked by events, and posts its answers. */

// Counted and heard before the runtime is imported: where it has no shader it runs on the CPU in silence, and run()
// resolves although a shader did not compile.
let dispatches = 0;
const errors = [];
const devices = new Set();
let ort = null;
let session = null;
let outputs = [];
const arrays = { f4: Float32Array, f8: Float64Array, i8: BigInt64Array, i4: Int32Array };
const types = { f4: 'float32', f8: 'float64', i8: 'int64', i4: 'int32' };

function listen() {
  for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
    const dispatch = GPUComputePassEncoder.prototype[name];
    GPUComputePassEncoder.prototype[name] = function (...args) {
      dispatches += 1;
      return dispatch.apply(this, args);
    };
  }
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    const device = await requestDevice.apply(this, args);
    devices.add(device);
    device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    device.lost.then(({ reason, message }) => {
      devices.delete(device);
      if (reason !== 'destroyed') errors.push(`the device was lost: ${message}`);
    });
    return device;
  };
}

async function load({ module, device, threads, outputs: asked }) {
  const { info } = (await navigator.gpu?.requestAdapter()) ?? {};
  if (info === undefined) throw new Error('Chromium has no adapter for WebGPU');
  // Mesa's software renderer is no GPU either.
  const isSoftware =
    info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe/i.test(`${info.architecture} ${info.description}`);
  const used = isSoftware ? 'cpu' : 'gpu';
  if (device === 'gpu' && used === 'cpu') throw new Error('Chromium has no GPU; --device cpu or auto is wanted');
  if (ort === null) {
    listen();
    ort = await import(`./ort/${module}`);
  }
  if (threads !== null) ort.env.wasm.numThreads = threads;
  const last = session;
  const graph = new Uint8Array(await read('graph'));
  session = await ort.InferenceSession.create(graph, { executionProviders: ['webgpu'] });
  // Only now: with its last session the runtime may end its device.
  await last?.release();
  await refuseErrors();
  outputs = asked;
  const [, browser] = /Chrome\/(\d+)/.exec(navigator.userAgent);
  const provider = `webgpu of ${module}, Chromium ${browser}, ${info.vendor} ${info.architecture}`;
  const version = ort.env.versions.web ?? ort.env.versions.common;
  return { engine: 'onnxruntime-web', version, provider, device: used, precision: 'f32', notGiven: [] };
}

async function run({ index }) {
  const buffer = await read('data');
  const feeds = {};
  for (const { name, dtype, shape, offset } of index) {
    const length = shape.reduce((product, size) => product * size, 1);
    feeds[name] = new ort.Tensor(types[dtype], new arrays[dtype](buffer, offset, length), shape);
  }
  dispatches = 0;
  const values = await session.run(feeds, outputs);
  await refuseErrors();
  if (dispatches === 0)
    throw new Error('it was asked for shaders and dispatched none: all of the graph ran on the CPU');
  let offset = 0;
  const parts = [];
  const entries = outputs.map((name) => {
    const { type, dims, data } = values[name];
    parts.push(data);
    offset += data.byteLength;
    return { name, dtype: type === 'float32' ? 'f4' : type, shape: dims, offset: offset - data.byteLength };
  });
  await post('outputs', new Blob(parts));
  return { index: entries };
}

/** An error of a shader is told after the fact; a scope that was opened later is answered later. */
async function refuseErrors() {
  for (const device of devices) {
    device.pushErrorScope('validation');
    await device.popErrorScope();
  }
  if (errors.length > 0) throw new Error(`a shader failed, though the runtime went on: ${errors[0].slice(0, 1000)}`);
}

async function read(name) {
  return (await fetch(name, { cache: 'no-store' })).arrayBuffer();
}

function post(name, body) {
  return fetch(name, { method: 'POST', body });
}

new EventSource('questions').onmessage = async ({ data }) => {
  const question = JSON.parse(data);
  const answer = await (question.op === 'load' ? load(question) : run(question)).catch((error) => ({
    error: String(error?.message ?? error),
  }));
  await post('answer', JSON.stringify(answer));
};
