import { sameShape } from '../harness/contract/nd-array.js';

export type Shape = readonly number[];

/** What the rules of shapes read and note. */
export interface ShapeContext {
  /** A parameter or buffer. Throws where the model does not declare it. */
  read(name: string): Shape;
  /** Reads `<name>.<part>` of a layer that leaves x as it is. Throws where one is not a number per channel. */
  readPerChannel(x: Shape, name: string, parts: readonly string[]): Shape;
  /** Throws where the model does not declare it. */
  draw(name: string): Shape;
  recordProbe(name: string, shape: Shape): void;
}

export function mapSizes(x: Shape): [b: number, c: number, h: number, w: number] {
  if (x.length !== 4) throw new Error(`[${x.join(', ')}] is not a feature map`);
  return x as unknown as [number, number, number, number];
}

export function channelsOf(x: Shape): number {
  return mapSizes(x)[1];
}

/** [b, g·c, h, w] → [b·g, h·w, c] */
export function tokenSizes(x: Shape, groups: number): Shape {
  const [b, c, h, w] = mapSizes(x);
  return [b * groups, h * w, divide(c, groups, 'the tokens')];
}

export function equalShapes(a: Shape, b: Shape): Shape {
  expectShape(b, a, 'the second operand');
  return a;
}

export function divide(channels: number, groups: number, name: string): number {
  if (channels % groups !== 0) throw new Error(`${name}: ${channels} channels do not make ${groups} groups`);
  return channels / groups;
}

export function expectShape(actual: Shape, expected: Shape, name: string): void {
  if (!sameShape(actual, expected)) {
    throw new Error(`${name} is [${actual.join(', ')}]; [${expected.join(', ')}] is wanted`);
  }
}
