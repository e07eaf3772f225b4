import { describeTail } from '../support/describe-end.js';
import { cannot, EnvironmentError, messageOf, UserError } from '../support/errors.js';
import type { Scratch } from '../support/scratch.js';
import { within } from '../support/within.js';
import { describeTooLarge } from './message-size.js';
import type { HostReply, HostRequest, RecordedProbeSink } from './messages.js';
import { keepTail, startWorker, type Worker, waitForEnd } from './worker-process.js';

export interface ChannelOptions {
  /** A request that neither answers nor sends a probe for this long has hung. */
  readonly silenceMs: number;
  /** What the request `start` is called where it is a program that is asked; absent: start. */
  readonly firstQuestion?: string;
}

export type Done = Extract<HostReply, { kind: 'done' }>;

/** Messages to and from a port's process, one request at a time. It lives from the start of the process to its end. */
export class PortChannel {
  readonly #name: string;
  readonly #options: ChannelOptions;
  readonly #scratch: Scratch;
  readonly #worker: Worker;
  readonly #stderr: () => string;
  readonly #ended: Promise<void>;
  #pending: Pending | null = null;
  /** How the process ended, or why it is ended; null while it runs. */
  #end: string | null = null;

  constructor(name: string, options: ChannelOptions, scratch: Scratch) {
    this.#name = name;
    this.#options = options;
    this.#scratch = scratch;
    this.#worker = startWorker(scratch);
    this.#stderr = keepTail(this.#worker);
    this.#worker.on('message', (message) => {
      // What it says while it is ended is not its own doing.
      if (this.#end === null) this.#receive(message as unknown as HostReply);
    });
    this.#ended = waitForEnd(this.#worker).then((described) => {
      this.#end ??= described;
      const failure = this.#failure(this.#end);
      this.#settle((current) => (current.kind === 'close' ? current.resolve(nothing) : current.reject(failure)));
    });
  }

  get alive(): boolean {
    return this.#end === null;
  }

  /** Rejects with an EnvironmentError after a crash, a hang or a kill, and with a UserError for what is too large. */
  async request(request: HostRequest, onProbe: RecordedProbeSink = () => undefined): Promise<Done> {
    if (this.#end !== null) throw this.#failure(this.#end);
    if (this.#pending !== null) throw new Error(`port ${this.#name} is still at ${this.#pending.kind}`);
    const tooLarge = describeTooLarge(request);
    if (tooLarge !== null)
      throw cannot(
        'ask',
        `port ${this.#name} to ${request.kind}`,
        `its inputs have ${tooLarge}`,
        'fewer are wanted',
        'smaller pictures, or fewer at a time',
      );
    return new Promise<Done>((resolve, reject) => {
      this.#pending = { kind: request.kind, onProbe, resolve, reject, timer: null };
      this.#watch();
      this.#worker.send(request as never, (error) => {
        if (error !== null && this.#end === null)
          this.#settle((current) => current.reject(new EnvironmentError(error.message)));
      });
    });
  }

  /**
   * Ends the process and all that it started; safe to call twice and after a crash.
   * @returns what the port did wrong after its last answer; else null
   */
  async close(): Promise<string | null> {
    const asked = this.#end === null && this.#pending === null;
    if (asked) this.#scratch.look();
    const found = asked ? await this.#askToClose() : null;
    await this.#scratch.close();
    await this.#ended;
    return found;
  }

  async #askToClose(): Promise<string | null> {
    const answer = this.request({ kind: 'close' }).then(
      () => null,
      (error: unknown) => messageOf(error),
    );
    const found = await within(answer, closeMs);
    await within(this.#ended, exitMs);
    return found;
  }

  #receive(reply: HostReply): void {
    if (reply.kind === 'done') this.#settle((current) => current.resolve(reply));
    else if (reply.kind === 'failed') this.#settle((current) => current.reject(failureOf(this.#name, reply)));
    else if (this.#pending !== null) {
      this.#watch();
      try {
        this.#pending.onProbe(reply);
      } catch (error) {
        this.#settle((current) => current.reject(error instanceof Error ? error : new Error(messageOf(error))));
      }
    }
  }

  #settle(act: (current: Pending) => void): void {
    const current = this.#pending;
    if (current === null) return;
    if (current.timer !== null) clearTimeout(current.timer);
    this.#pending = null;
    act(current);
  }

  /** Begins to wait anew for a sign of life. */
  #watch(): void {
    if (this.#pending === null) return;
    if (this.#pending.timer !== null) clearTimeout(this.#pending.timer);
    const { kind } = this.#pending;
    const { silenceMs, firstQuestion = 'start' } = this.#options;
    this.#pending.timer = setTimeout(() => {
      const asked = kind === 'start' ? firstQuestion : kind;
      this.#end = `it hung: no answer to ${asked} for ${Math.round(silenceMs / 1000)} s`;
      void this.#scratch.endProcesses();
    }, silenceMs);
  }

  #failure(end: string): EnvironmentError {
    return new EnvironmentError(`Cannot run port ${this.#name}: ${end}${describeTail(this.#stderr())}`);
  }
}

interface Pending {
  readonly kind: HostRequest['kind'];
  readonly onProbe: RecordedProbeSink;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | null;
}

/** A program has five seconds of them to end (ports/exec/conversation.ts). */
const closeMs = 10_000;
/** A process that has answered `close` ends by itself, if it can. */
const exitMs = 1000;

const nothing: Done = { kind: 'done', durationMs: 0, buildMs: 0, peakRssMb: 0 };

function failureOf(name: string, reply: Extract<HostReply, { kind: 'failed' }>): Error {
  if (reply.user) return new UserError(reply.message);
  return new EnvironmentError(
    reply.message.startsWith('Cannot') ? reply.message : `Cannot run port ${name}: ${reply.message}`,
  );
}
