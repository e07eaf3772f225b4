import type { Result } from '../../result/record/result.js';
import { readPackageText } from '../../support/package-root.js';
import type { Reporter } from '../reporter.js';

/** All of the result, in the schema's order of keys, a line per probe. What is not finite is null. */
export function renderJson(result: Result): string {
  return `${renderValue(result, '', '')}\n`;
}

export const reporter: Reporter = { since: '0.1.0', fileName: 'result.json', render: renderJson };

function renderValue(value: unknown, key: string, indent: string): string {
  if (typeof value !== 'object' || value === null || isLine(key, value) || isLeaf(value)) return renderLine(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map(
      (item) => inner + (key === 'measurements' ? renderLine(item) : renderValue(item, '', inner)),
    );
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const entries = sortedEntries(value).map(
    ([name, item]) => `${inner}${JSON.stringify(name)}: ${renderValue(item, name, inner)}`,
  );
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

/** What was measured of one thing is read as a line. A step's own figures, by their names, are not. */
function isLine(key: string, value: object): boolean {
  return key === 'logits' || (key === 'figures' && Array.isArray(value));
}

/** Arrays of numbers and of words, and empty things, stay on their line. */
function isLeaf(value: object): boolean {
  const items = Object.values(value);
  return (
    items.length === 0 || (Array.isArray(value) && items.every((item) => typeof item !== 'object' || item === null))
  );
}

function renderLine(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'number') return Number.isFinite(item) ? item : null;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(sortedEntries(item));
  });
}

/** What a thing is called, then the schema's order; names that it leaves open (an engine's details) follow by name. */
function sortedEntries(value: object): [string, unknown][] {
  const order = keyOrder();
  const rank = (name: string) => order.get(name) ?? order.size;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

let order: ReadonlyMap<string, number> | null = null;

function keyOrder(): ReadonlyMap<string, number> {
  order ??= new Map(schemaKeys().map((name, i) => [name, i]));
  return order;
}

function schemaKeys(): string[] {
  const schema: unknown = JSON.parse(readPackageText('harness/result/result.schema.json'));
  return [...new Set(['id', 'name', ...propertyNames(schema)])];
}

function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(propertyNames)];
}
