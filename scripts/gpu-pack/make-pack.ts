import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { execa } from 'execa';
import { namedPorts } from '../../harness/hosts/read-ports.js';
import type { CudaMajor } from '../../harness/setup/cuda-sets.js';
import { type Engine, engineFolder, findEngine } from '../../harness/setup/engines.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { openScratch } from '../../harness/support/scratch.js';
import { torchScript } from '../gpu-proof/measure-torch.js';
import { readContent } from '../gpu-proof/read-content.js';

/** Some places take no larger file. */
const pieceBytes = 60 * 1024 * 1024;
const piecesAtMost = 5;

/**
 * Packs Node, tipcheck with what it imports, an engine with its CUDA provider, and the bundles that `gpu-proof`
 * judges. CUDA's own libraries are the machine's.
 * @param cuda null: the engine as it is for the CPU
 * @returns the files written
 */
export async function makePack(cuda: CudaMajor | null, folder: string, say: (line: string) => void): Promise<string[]> {
  if (existsSync(folder))
    throw new UserError(`Cannot pack into ${folder}: it is there already; a new folder is wanted. Fix: --out`);
  const packed = findPacked(cuda);
  const scratch = await openScratch();
  try {
    const whole = join(scratch.folder, 'tipcheck-gpu');
    say(`Copying Node, tipcheck and ${packed.engine.name} …`);
    await fill(whole, packed, cuda !== null);
    say('Compressing …');
    return await writePieces(whole, folder, packed.port);
  } finally {
    await scratch.close();
  }
}

interface Packed {
  readonly port: string;
  readonly engine: Engine;
  /** Whose node_modules hold the engine. */
  readonly place: string;
}

/** The port with engines by their CUDA, and where its engine lies. */
function findPacked(cuda: CudaMajor | null): Packed {
  const about = namedPorts.find(({ cudaEngines }) => cudaEngines !== undefined);
  if (about === undefined) throw new Error('no port has engines by their CUDA');
  const engine = cuda === null ? about.engines[0]! : about.cudaEngines![cuda];
  const place = findEngine(engine, cuda === null ? 'cpu' : 'gpu');
  if (place !== null) return { port: about.name, engine, place };
  throw new EnvironmentError(
    `Cannot pack ${engine.name}: it is not prepared. Fix: npx tipcheck prepare --port ${about.name}${cuda === null ? '' : ` --device gpu --cuda ${cuda}`}`,
  );
}

async function fill(whole: string, { engine, place }: Packed, isOfCard: boolean): Promise<void> {
  const program = join(whole, 'tipcheck');
  await mkdir(program, { recursive: true });
  await cp(process.execPath, join(whole, 'node'), { dereference: true });
  await copyPackage(program);
  for (const name of await listPackages()) await copyInto(join(packageRoot, name), join(program, name));
  const modules = join(place, 'node_modules');
  const { dependencies } = await readPackage(join(modules, engine.name));
  // An engine may lie in the clone, beside packages that its own script alone imports.
  for (const name of [engine.name, ...Object.keys(dependencies)])
    await copyInto(join(modules, name), join(program, 'node_modules', name));
  if (!isOfCard) return;
  // The same copy serves the CPU and the card.
  const folder = join(whole, 'cache', 'tipcheck', 'engines', basename(engineFolder(engine, 'gpu')));
  await mkdir(folder, { recursive: true });
  await cp(join(place, 'manifest.json'), join(folder, 'manifest.json'));
  await symlink(join('..', '..', '..', '..', 'tipcheck', 'node_modules'), join(folder, 'node_modules'));
}

/** What package.json publishes; of the bundles those that are judged. */
async function copyPackage(program: string): Promise<void> {
  const contents = [readContent(false), readContent(true)];
  const bundles = new Set(contents.flatMap(({ infer, train, forward }) => [...infer, ...train, forward.bundle]));
  const { files } = await readPackage(packageRoot);
  for (const path of ['package.json', ...files.filter((one) => !/^!|\*|^(docs|oracle|fixtures\/golden)$/.test(one))])
    await copyInto(join(packageRoot, path), join(program, path));
  // The machine's PyTorch, where it has one, runs this beside the port.
  await copyInto(join(packageRoot, 'oracle', torchScript), join(program, 'oracle', torchScript));
  for (const name of bundles)
    await copyInto(join(packageRoot, 'fixtures', 'golden', name), join(program, 'fixtures', 'golden', name));
  for (const room of ['harness', 'models'])
    await cp(join(packageRoot, room), join(program, room), {
      recursive: true,
      filter: (path) => !/\.[a-z]+$/.test(basename(path)) || /\.(schema\.json|css)$/.test(path),
    });
}

async function readPackage(folder: string) {
  const { files = [], dependencies = {} } = parseJson(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly files?: readonly string[];
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  return { files, dependencies };
}

/** Places in node_modules of all that tipcheck imports; koffi asks the driver, and sharp reads the street scenes. */
async function listPackages(): Promise<string[]> {
  const lock = join(packageRoot, 'package-lock.json');
  if (!existsSync(lock))
    throw new EnvironmentError(`Cannot pack: ${packageRoot} is no clone, and only there it is known what is imported`);
  const { packages } = parseJson(await readFile(lock, 'utf8')) as { readonly packages: Packages };
  const own = Object.entries(packages).flatMap(([place, { dev }]) => (place !== '' && dev !== true ? [place] : []));
  return [...new Set([...own, ...['koffi', 'sharp'].flatMap((name) => withDependencies(packages, name))])];
}

type Packages = Readonly<
  Record<
    string,
    {
      readonly dev?: true;
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly optionalDependencies?: Readonly<Record<string, string>>;
    }
  >
>;

function withDependencies(packages: Packages, name: string, seen = new Set<string>()): string[] {
  const place = `node_modules/${name}`;
  if (seen.has(place) || packages[place] === undefined) return [];
  seen.add(place);
  const { dependencies = {}, optionalDependencies = {} } = packages[place];
  for (const one of Object.keys({ ...dependencies, ...optionalDependencies })) withDependencies(packages, one, seen);
  return [...seen];
}

/** Does nothing where there is no such file: of another system, say. */
async function copyInto(from: string, to: string): Promise<void> {
  if (existsSync(from)) await cp(from, to, { recursive: true, filter: (path) => !leftOut.test(path) });
}

/** Tests, and libraries of other systems. */
const leftOut = new RegExp(
  `\\.test\\.|-for-tests\\.|\\.map$|/dist/(bugs|test)$|/bin/[^/]+/(darwin|win32|linux/${process.arch === 'x64' ? 'arm64' : 'x64'})$`,
);

/** `piece-1 …`, their hashes, and the script that joins them. */
async function writePieces(whole: string, folder: string, port: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const archive = `${whole}.tar.gz`;
  const tar = execa('tar', ['-cf', '-', '-C', join(whole, '..'), basename(whole)], { buffer: false, reject: false });
  await pipeline(tar.stdout!, createGzip({ level: 6 }), createWriteStream(archive));
  const { exitCode } = await tar;
  if (exitCode !== 0) throw new EnvironmentError(`Cannot pack: tar ended with ${exitCode}`);
  const pieces = await split(archive, folder);
  const script = join(folder, 'run.sh');
  await writeFile(join(folder, 'pieces.sha256'), pieces.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''));
  const text = await readFile(join(packageRoot, 'scripts', 'gpu-pack', 'run.sh'), 'utf8');
  await writeFile(script, text.replace('@PORT@', port));
  await chmod(script, 0o755);
  return [...pieces.map(({ name }) => name), 'pieces.sha256', 'run.sh'].map((name) => join(folder, name));
}

async function split(archive: string, folder: string): Promise<{ name: string; sha256: string }[]> {
  const pieces: { name: string; sha256: string }[] = [];
  const { size } = await stat(archive);
  const count = Math.ceil(size / pieceBytes);
  if (count > piecesAtMost)
    throw new EnvironmentError(
      `Cannot pack: it comes to ${count} pieces of 60 MiB; at most ${piecesAtMost} are wanted`,
    );
  for (let at = 0; at < count; at++) {
    const name = `piece-${at + 1}`;
    const hash = createHash('sha256');
    const part = createReadStream(archive, { start: at * pieceBytes, end: Math.min(size, (at + 1) * pieceBytes) - 1 });
    const hashed = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(part, hashed, createWriteStream(join(folder, name)));
    pieces.push({ name, sha256: hash.digest('hex') });
  }
  return pieces;
}
