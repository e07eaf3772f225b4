import { type FileHandle, open } from 'node:fs/promises';
import { codeOf, messageOf } from '../../harness/support/errors.js';
import { discardPartial, type Partial, partialPath, type Remote, readPartial, writeRemote } from './partial.js';

export interface DownloadFailure {
  /** `refused` by the server for good, nobody there to answer, or a try that another may mend. */
  readonly kind: 'refused' | 'unreachable' | 'broken';
  readonly reason: string;
  /** What the server asks for. */
  readonly retryAfterMs: number | null;
}

export interface DownloadOutcome {
  readonly failure: DownloadFailure | null;
  /** Whether the partial file holds bytes of an earlier try. */
  readonly resumed: boolean;
}

export interface DownloadOptions {
  readonly stallMs: number;
  readonly onBytes: (done: number, total: number | null) => void;
}

/**
 * One try to make the partial file of `path` whole. It goes on from what is there only where the server confirms by
 * If-Range that it is the same file; else it starts afresh. Failures of the network are returned, those of the disk
 * thrown.
 */
export async function downloadOnce(url: string, path: string, options: DownloadOptions): Promise<DownloadOutcome> {
  const partial = await findResumable(url, path);
  if (partial !== null && partial.bytes === partial.remote.total) return { failure: null, resumed: true };
  const watch = watchSilence(options.stallMs);
  try {
    const response = await request(url, partial, watch.signal);
    if ('failure' in response) return { failure: watch.explain(response.failure), resumed: false };
    return await receive(url, path, partial, response, watch, options);
  } finally {
    watch.stop();
  }
}

async function findResumable(url: string, path: string): Promise<Partial | null> {
  const partial = await readPartial(path);
  if (partial === null || partial.bytes === 0 || partial.remote.url !== url) return null;
  const { validator, total } = partial.remote;
  return validator === null || (total !== null && partial.bytes > total) ? null : partial;
}

async function request(
  url: string,
  partial: Partial | null,
  signal: AbortSignal,
): Promise<Response | { failure: DownloadFailure }> {
  // A packed answer would have neither the length nor the ranges of the file.
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': 'tipcheck' };
  if (partial !== null) {
    headers.range = `bytes=${partial.bytes}-`;
    headers['if-range'] = partial.remote.validator!;
  }
  try {
    return await fetch(url, { headers, signal });
  } catch (error) {
    return { failure: explainRequest(error, url) };
  }
}

async function receive(
  url: string,
  path: string,
  partial: Partial | null,
  response: Response,
  watch: SilenceWatch,
  options: DownloadOptions,
): Promise<DownloadOutcome> {
  const stale = partial !== null && isStale(partial, response);
  if (response.status === 416 || stale) {
    await response.body?.cancel();
    await discardPartial(path);
    return fail('broken', 'the file has changed since the download began');
  }
  if (!response.ok) {
    await response.body?.cancel();
    return { failure: explainStatus(response), resumed: false };
  }
  const resumed = partial !== null && response.status === 206;
  const remote = resumed ? partial.remote : readRemoteOf(url, response);
  if (!resumed) await discardPartial(path);
  const handle = await open(partialPath(path), resumed ? 'a' : 'w');
  try {
    if (!resumed) await writeRemote(path, remote);
    const start = resumed ? partial.bytes : 0;
    const { bytes, failure } = await writeBody(handle, response, start, remote.total, watch, options);
    await handle.sync();
    if (failure !== null) return { failure, resumed };
    if (remote.total === null || bytes === remote.total) return { failure: null, resumed };
    return fail('broken', `it ended after ${bytes} of ${remote.total} bytes`, resumed);
  } finally {
    await handle.close();
  }
}

async function writeBody(
  handle: FileHandle,
  response: Response,
  start: number,
  total: number | null,
  watch: SilenceWatch,
  { onBytes }: DownloadOptions,
): Promise<{ bytes: number; failure: DownloadFailure | null }> {
  let bytes = start;
  onBytes(bytes, total);
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    let chunk: Uint8Array | undefined;
    try {
      ({ value: chunk } = await reader.read());
    } catch (error) {
      const of = total === null ? '' : ` of ${total}`;
      const reason = `it broke off after ${bytes}${of} bytes (${causeOf(error)})`;
      return { bytes, failure: watch.explain({ kind: 'broken', reason, retryAfterMs: null }) };
    }
    if (chunk === undefined) break;
    watch.hear();
    await handle.write(chunk);
    bytes += chunk.length;
    onBytes(bytes, total);
  }
  return { bytes, failure: null };
}

/** A server that ignores If-Range sends a piece of another file; what the piece says of its file tells. */
function isStale({ bytes, remote }: Partial, response: Response): boolean {
  if (response.status !== 206) return false;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (range === null || Number(range[1]) !== bytes) return true;
  if (range[2] !== '*' && remote.total !== null && Number(range[2]) !== remote.total) return true;
  const validator = validatorOf(response);
  return validator !== null && validator !== remote.validator;
}

function readRemoteOf(url: string, response: Response): Remote {
  const encoding = response.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') return { url, validator: null, total: null };
  const length = response.headers.get('content-length');
  const total = length !== null && /^\d+$/.test(length) ? Number(length) : null;
  return { url, validator: validatorOf(response), total };
}

/** RFC 9110, 13.1.5: a weak ETag may not be used with If-Range. */
function validatorOf({ headers }: Response): string | null {
  const etag = headers.get('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
}

function explainStatus(response: Response): DownloadFailure {
  const { status, headers } = response;
  const mayMend = status >= 500 || status === 408 || status === 425 || status === 429;
  const what = status === 404 || status === 410 ? 'there is no such file' : 'the server refuses it';
  const reason = mayMend ? `the server answers ${status}` : `${what} (${status})`;
  const seconds = headers.get('retry-after');
  const retryAfterMs = seconds !== null && /^\d+$/.test(seconds) ? 1000 * Number(seconds) : null;
  return { kind: mayMend ? 'broken' : 'refused', reason, retryAfterMs };
}

/** Codes of a connection that never came about. */
const unreachableCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has no address here (is there a network?)',
  EAI_AGAIN: 'has no address here (is there a network?)',
  ECONNREFUSED: 'refuses the connection',
  ENETUNREACH: 'cannot be reached (is there a network?)',
  EHOSTUNREACH: 'cannot be reached (is there a network?)',
};

function explainRequest(error: unknown, url: string): DownloadFailure {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = codeOf(cause) ?? firstCode(cause);
  const told = code === null ? undefined : unreachableCodes[code];
  if (told !== undefined) {
    return { kind: 'unreachable', reason: `${new URL(url).host} ${told}`, retryAfterMs: null };
  }
  const text = causeOf(error);
  const kind = /redirect/.test(text) ? 'refused' : 'broken';
  return {
    kind,
    reason: kind === 'refused' ? 'its redirects lead nowhere' : `no answer (${text})`,
    retryAfterMs: null,
  };
}

/** A host with several addresses fails with an error for each. */
function firstCode(cause: unknown): string | null {
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : null;
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function fail(kind: DownloadFailure['kind'], reason: string, resumed = false): DownloadOutcome {
  return { failure: { kind, reason, retryAfterMs: null }, resumed };
}

interface SilenceWatch {
  readonly signal: AbortSignal;
  hear(): void;
  stop(): void;
  /** The failure itself, or that it was silence. */
  explain(failure: DownloadFailure): DownloadFailure;
}

function watchSilence(stallMs: number): SilenceWatch {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), stallMs);
  return {
    signal: abort.signal,
    hear: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
    explain(failure) {
      if (!abort.signal.aborted) return failure;
      return { kind: 'broken', reason: `the server was silent for ${stallMs / 1000} s`, retryAfterMs: null };
    },
  };
}
