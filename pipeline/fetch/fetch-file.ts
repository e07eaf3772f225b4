import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { explainUnwritable } from '../../harness/support/atomic-file.js';
import { cacheFolder } from '../../harness/support/cache-folder.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { withNativeLock } from '../../harness/support/native-lock.js';
import { placeInside } from '../../harness/support/place-inside.js';
import { type DownloadFailure, downloadOnce } from './download-once.js';
import type { FetchProgress } from './fetch-progress.js';
import { discardPartial, partialPath, readPartial } from './partial.js';
import { readSha256Record, sha256RecordPath, writeSha256Record } from './sha256-record.js';

export interface FetchOptions {
  /** Where the file goes; without it, its place in the cache (`cachedPath`). */
  readonly to?: string;
  /** The folder of the cache; tests give their own. */
  readonly cache?: string;
  /** What the file must hash to, where that is known beforehand; 64 hex digits. */
  readonly sha256?: string;
  /** Says what is wrong with what was fetched (`it is a web page; … is wanted`), or null. */
  readonly refuse?: (path: string) => Promise<string | null>;
  /** Ends the error of a file that cannot be fetched: the flag that does without it. */
  readonly otherwise?: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Silence after which a connection is given up, in ms. */
  readonly stallMs?: number;
  /** The wait before try `n` (2, 3, …), in ms. */
  readonly backoffMs?: (attempt: number) => number;
}

export interface FetchedFile {
  readonly path: string;
  readonly sha256: string;
  /** Whether it lay there already. */
  readonly fromCache: boolean;
}

/** Slow mirrors pause for some seconds; half a minute of silence is a dead connection. */
const defaultStallMs = 30_000;
/** Tries in a row that bring less than `worthwhileBytes`; waits of 1, 2, 4 and 8 s lie between. */
const maxAttempts = 5;
/** Where nothing answers at all, there is most likely no network: one more try, so that the user hears of it soon. */
const maxUnreachable = 2;
/** A try that brought this much counts as a fresh start: a large file over a bad line comes in many pieces. */
const worthwhileBytes = 1 << 20;
const longestWaitMs = 60_000;

/**
 * Fetches a file by http or https, or takes it from the cache. A download that broke off is resumed where the server's
 * validator says that the file is the same. The sha256 of the first use is recorded beside the file (`<file>.sha256`,
 * as `sha256sum -c` reads it) and verified in every later one. One of several processes fetches; the others wait.
 * @throws UserError for an address that holds no such file, another sha256, contents that `refuse` names
 * @throws EnvironmentError where the server cannot be reached or keeps breaking off; it says what to put where
 * Differs: the proxy variables of the environment are Node's business (NODE_USE_ENV_PROXY=1, from Node 24).
 */
export async function fetchFile(address: string, options: FetchOptions = {}): Promise<FetchedFile> {
  const url = parseAddress(address);
  const path = options.to ?? (await placeInCache(url.href, options.cache));
  if (existsSync(path) && existsSync(sha256RecordPath(path))) return verifyStored(url.href, path, options);
  const onWait = (status: string) => options.onProgress?.({ kind: 'wait', url: url.href, status });
  try {
    await mkdir(dirname(path), { recursive: true });
    return await withNativeLock(path, () => fetchOrVerify(url.href, path, options), onWait);
  } catch (error) {
    throw explainDisk(error, url.href, path);
  }
}

/** A file's place in the cache, by its address, so that a person can find it and put it there. */
export function cachedPath(address: string, cache: string = cacheFolder('downloads')): string {
  const url = parseAddress(address);
  // What stands after the question mark is one name: a slash in it begins no folder.
  const name = `${url.pathname}${url.search.replaceAll('/', '_')}`;
  const parts = `${url.host.replace(':', '_')}${name}`.split('/').filter((part) => part !== '');
  return join(cache, ...parts.map((part) => part.replace(/[?*:"<>|\\]/g, '_')));
}

/** An address decides where a file is written: never outside the cache, nor through a link in it that leads out. */
async function placeInCache(address: string, cache: string = cacheFolder('downloads')): Promise<string> {
  return placeInside(cache, relative(cache, cachedPath(address, cache)), `what ${address} sends`);
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UserError(
      `Cannot fetch ${address}: it is not an address; one that begins with https:// or http:// is wanted`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError(`Cannot fetch from ${url.host}: the address holds a user's name; one without is wanted`);
  }
  if (url.pathname.endsWith('/')) throw new UserError(`Cannot fetch ${address}: it names a folder; a file is wanted`);
  url.hash = '';
  return url;
}

async function fetchOrVerify(url: string, path: string, options: FetchOptions): Promise<FetchedFile> {
  if (existsSync(path)) return verifyStored(url, path, options);
  const resumed = await download(url, path, options);
  const partial = partialPath(path);
  let sha256 = await hashFile(partial);
  const wanted = options.sha256 ?? (await readSha256Record(path));
  if (resumed && wanted !== null && sha256 !== wanted) {
    await discardPartial(path);
    await download(url, path, options);
    sha256 = await hashFile(partial);
  }
  await validateFetched(url, path, sha256, wanted, options);
  await rename(partial, path);
  await discardPartial(path);
  await writeSha256Record(path, sha256);
  return { path, sha256, fromCache: false };
}

/** Two hashes may bind a file that lies there: the one that is asked for and the one that was recorded. */
async function verifyStored(url: string, path: string, options: FetchOptions): Promise<FetchedFile> {
  const sha256 = await hashFile(path);
  const recorded = await readSha256Record(path);
  if (recorded !== null && sha256 !== recorded) {
    throw new UserError(
      `Cannot use ${path}: its sha256 is ${sha256}; ${recorded} was recorded at its first use. Fix: delete the file to fetch it again, or ${sha256RecordPath(path)} if the change is wanted`,
    );
  }
  if (options.sha256 !== undefined && sha256 !== options.sha256) {
    throw new UserError(
      `Cannot use ${path}: its sha256 is ${sha256}; ${options.sha256} is wanted. Fix: delete it and ${basename(sha256RecordPath(path))} to fetch it again`,
    );
  }
  if (recorded === null) {
    const reason = (await options.refuse?.(path)) ?? null;
    if (reason !== null) throw new UserError(`Cannot use ${path}: ${reason}. Fix: delete it, and ${url} is fetched`);
    await writeSha256Record(path, sha256);
  }
  return { path, sha256, fromCache: true };
}

async function validateFetched(
  url: string,
  path: string,
  sha256: string,
  wanted: string | null,
  { refuse, sha256: asked }: FetchOptions,
): Promise<void> {
  const reason = (await refuse?.(partialPath(path))) ?? null;
  if (reason === null && (wanted === null || sha256 === wanted)) return;
  await discardPartial(path);
  if (reason !== null) throw new UserError(`Cannot use what ${url} sends: ${reason}`);
  const whose = asked === undefined ? `was recorded in ${sha256RecordPath(path)} at the first use` : 'is wanted';
  throw new UserError(`Cannot use what ${url} sends: its sha256 is ${sha256}; ${wanted} ${whose}`);
}

/** Returns whether any of the file came from an earlier try. */
async function download(url: string, path: string, options: FetchOptions): Promise<boolean> {
  const stallMs = options.stallMs ?? defaultStallMs;
  const backoffMs = options.backoffMs ?? ((attempt: number) => 1000 * 2 ** (attempt - 2));
  let resumed = false;
  for (let attempt = 1; ; attempt++) {
    const before = (await readPartial(path))?.bytes ?? 0;
    const onBytes = (done: number, total: number | null) =>
      options.onProgress?.({ kind: 'bytes', url, done, total, resumedFrom: before });
    const outcome = await downloadOnce(url, path, { stallMs, onBytes });
    resumed ||= outcome.resumed;
    if (outcome.failure === null) return resumed;
    const { failure } = outcome;
    const after = (await readPartial(path))?.bytes ?? 0;
    if (after - before >= worthwhileBytes) attempt = 1;
    if (attempt >= attemptsFor(failure)) throw explainFailure(failure, attempt, url, path, options);
    const waitMs = Math.min(failure.retryAfterMs ?? backoffMs(attempt + 1), longestWaitMs);
    options.onProgress?.({ kind: 'retry', url, reason: failure.reason, waitMs });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

function attemptsFor({ kind }: DownloadFailure): number {
  if (kind === 'refused') return 1;
  return kind === 'unreachable' ? maxUnreachable : maxAttempts;
}

function explainFailure(failure: DownloadFailure, attempts: number, url: string, path: string, options: FetchOptions) {
  const tries = attempts === 1 ? '' : ` (${attempts} tries)`;
  const otherwise = options.otherwise === undefined ? '' : `, or ${options.otherwise}`;
  const text = `Cannot fetch ${url}: ${failure.reason}${tries}; the file is wanted. Fix: download it elsewhere and put it at ${path}${otherwise}`;
  return failure.kind === 'refused' ? new UserError(text) : new EnvironmentError(text);
}

function explainDisk(error: unknown, url: string, path: string): unknown {
  return error instanceof UserError || error instanceof EnvironmentError
    ? error
    : explainUnwritable(error, `${url} to ${path}`, path);
}
