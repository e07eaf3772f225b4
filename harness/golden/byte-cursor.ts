/** Lives for one parse: a position in bytes, little-endian. Reading past the end throws what `truncated` makes. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #truncated: () => Error;
  #at = 0;

  constructor(bytes: Uint8Array, truncated: () => Error) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#truncated = truncated;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  /** Exact up to 2^53. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** A view of the next `count` bytes. */
  take(count: number): Uint8Array {
    const start = this.#skip(count);
    return this.#bytes.subarray(start, start + count);
  }

  text(count: number, encoding: 'utf8' | 'latin1'): string {
    return Buffer.from(this.take(count)).toString(encoding);
  }

  /** Text up to the next line feed, which is skipped. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#truncated();
    const text = this.text(end - this.#at, 'utf8');
    this.#at++;
    return text;
  }

  #skip(count: number): number {
    const start = this.#at;
    if (count > this.remaining) throw this.#truncated();
    this.#at += count;
    return start;
  }
}
