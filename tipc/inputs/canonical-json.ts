import { createHash } from 'node:crypto';

/**
 * SHA-256 of a value as JSON without blanks and with sorted keys: equal values have one. NaN and Inf, which YAML has,
 * are words.
 */
export function hashValue(value: unknown): string {
  return createHash('sha256').update(renderCanonical(value)).digest('hex');
}

/** Equal values have one text. */
export function renderCanonical(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'number' && !Number.isFinite(inner)) return `number ${inner}`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return text ?? 'missing';
}
