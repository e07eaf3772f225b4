import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TestServer {
  /** `http://127.0.0.1:<port>`, without an end. */
  readonly base: string;
  /** Every request so far. */
  readonly requests: readonly IncomingMessage[];
  /** What the next requests get; the last of the list stays. */
  answer(...behaviours: readonly Behaviour[]): void;
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine, closed with the test. */
export async function serveForTests(t: { teardown(fn: () => void): void }): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  let behaviours: Behaviour[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const behave = behaviours.length > 1 ? behaviours.shift()! : behaviours[0];
    if (behave === undefined) response.writeHead(500).end();
    else behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (...next) => {
      behaviours = [...next];
    },
  };
}

/** A server as it should be: ranges, If-Range, an ETag. */
export function serveBytes(bytes: Uint8Array, etag = '"1"'): Behaviour {
  return (request, response) => {
    const start = rangeStart(request);
    const ifRange = request.headers['if-range'];
    if (start === null || (ifRange !== undefined && ifRange !== etag)) {
      response.writeHead(200, { 'content-length': bytes.length, etag }).end(bytes);
    } else if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    } else {
      const piece = bytes.subarray(start);
      const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
      response.writeHead(206, { 'content-length': piece.length, 'content-range': range, etag }).end(piece);
    }
  };
}

/** Sends `count` bytes and drops the connection. */
export function dropAfter(
  bytes: Uint8Array,
  count: number,
  headers: Record<string, string> = { etag: '"1"' },
): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, ...headers });
    response.write(bytes.subarray(0, count), () => setTimeout(() => response.destroy(), 200));
  };
}

/** Sends `count` bytes and then nothing, with the connection left open. */
export function stallAfter(bytes: Uint8Array, count: number): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' });
    response.write(bytes.subarray(0, count));
  };
}

export function status(code: number, headers: Record<string, string> = {}): Behaviour {
  return (_request, response) => void response.writeHead(code, headers).end();
}

export function rangeStart({ headers }: IncomingMessage): number | null {
  const start = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
  return start === undefined ? null : Number(start);
}
