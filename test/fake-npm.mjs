// For tests: an npm whose registry has the releases that FAKE_RELEASES names, each the engine at FAKE_ENGINE, and a
// fault that stands there.
import { mkdirSync, writeFileSync } from 'node:fs';

const faults = JSON.parse(process.env.FAKE_RELEASES ?? '{}');
const [command, ...args] = process.argv.slice(2);
if (command === 'view') view();
else if (command === 'install') install(args.at(-1));
else throw new Error(`nobody taught ${command}`);

function view() {
  if (faults.offline !== undefined) fail('code ENOTFOUND');
  process.stdout.write(JSON.stringify(Object.keys(faults)));
}

function install(specification) {
  const [name, version] = specification.split('@');
  const folder = `node_modules/${name}`;
  const { platform, arch } = process;
  for (const machine of ['plan9/mips', ...(faults[version] === 'foreign' ? [] : [`${platform}/${arch}`])]) {
    mkdirSync(`${folder}/bin/napi-v3/${machine}`, { recursive: true });
    writeFileSync(`${folder}/bin/napi-v3/${machine}/library`, 'library');
  }
  if (faults[version] === 'broken off') fail('code ECONNRESET');
  writeFileSync(`${folder}/package.json`, JSON.stringify({ name, version, main: 'index.js' }));
  writeFileSync(`${folder}/index.js`, engineOf(version, faults[version]));
}

/** As releases before 1.22: it tells no types. */
function engineOf(version, fault) {
  const { layer = null, change = null } = fault?.layer === undefined ? {} : fault;
  return `
    const real = require(${JSON.stringify(process.env.FAKE_ENGINE)});
    const version = ${JSON.stringify(fault === 'another' ? '9.9.9' : version)};
    exports.env = { versions: { common: version, node: version } };
    exports.Tensor = real.Tensor;
    exports.InferenceSession = {
      async create(model, options) {
        const session = await real.InferenceSession.create(model, options);
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          async run(feeds, outputs) {
            const results = await session.run(feeds, outputs);
            const tensor = results[${JSON.stringify(layer)}];
            if (tensor !== undefined) {
              const data = Float32Array.from(tensor.data);
              data[0] = Math.fround(data[0] * ${change});
              results[${JSON.stringify(layer)}] = new real.Tensor('float32', data, tensor.dims);
            }
            return results;
          },
          release: () => session.release(),
        };
      },
    };`;
}

function fail(reason) {
  process.stderr.write(`npm error ${reason}\n`);
  process.exit(1);
}
