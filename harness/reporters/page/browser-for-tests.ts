import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A page in a real browser, driven over Chromium's debugging pipe; only tests use it. */
export interface BrowserPage {
  open(url: string): Promise<void>;
  /** The value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Calls a method of the DevTools protocol. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The path of a Chromium or Chrome, or null: `$CHROMIUM`, else the usual names. */
export function findChromium(): string | null {
  const { CHROMIUM } = process.env;
  for (const name of CHROMIUM === undefined ? ['chromium', 'chromium-browser', 'google-chrome'] : [CHROMIUM]) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch (error) {
      if (!(error instanceof Error && 'status' in error)) throw error;
    }
  }
  return null;
}

export async function openBrowser(chromium: string, width = 1280, height = 900): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), 'tipcheck-chromium-'));
  const child = spawn(
    chromium,
    [...flags, `--user-data-dir=${profile}`, `--window-size=${width},${height}`, 'about:blank'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { call, onEvent } = connect(child.stdio[3] as Writable, child.stdio[4] as Readable);
  const { targetInfos } = (await call('Target.getTargets')) as { targetInfos: { type: string; targetId: string }[] };
  const { targetId } = targetInfos.find(({ type }) => type === 'page')!;
  const { sessionId } = (await call('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
  const send = (method: string, params: object = {}) => call(method, params, sessionId);
  await send('Page.enable');
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  return {
    send,
    async open(url) {
      const loaded = onEvent('Page.loadEventFired');
      await send('Page.navigate', { url });
      await loaded;
    },
    async evaluate(expression) {
      const params = { expression, returnByValue: true, awaitPromise: true };
      const { result, exceptionDetails } = (await send('Runtime.evaluate', params)) as {
        result: { value: never };
        exceptionDetails?: { text: string; exception?: { description?: string } };
      };
      if (exceptionDetails === undefined) return result.value;
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    },
    async close() {
      await call('Browser.close');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Nothing goes to the network, and no window is shown. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

type Answer = Record<string, unknown>;

/** Messages are JSON, each ended by a zero byte. */
function connect(input: Writable, output: Readable) {
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  const listeners = new Map<string, () => void>();
  let buffered = '';
  let last = 0;
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (buffered + chunk).split('\0');
    buffered = messages.pop()!;
    for (const text of messages) receive(JSON.parse(text));
  });
  function receive(message: { id?: number; method?: string; result?: Answer; error?: { message: string } }): void {
    if (message.method !== undefined) listeners.get(message.method)?.();
    if (message.id === undefined) return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.result ?? {});
    else asked?.reject(new Error(message.error.message));
  }
  return {
    call(method: string, params: object = {}, sessionId?: string): Promise<Answer> {
      last += 1;
      const id = last;
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    onEvent(method: string): Promise<void> {
      return new Promise((resolve) => listeners.set(method, resolve));
    },
  };
}
