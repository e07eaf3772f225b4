import { InvalidArgumentError } from 'commander';

/** @returns a parser of whole numbers */
export function wholeNumber(from: 0 | 1, digits = 9): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && text.length <= digits && (from === 0 || !text.startsWith('0'))) return Number(text);
    throw new InvalidArgumentError(`A whole number from ${from} is wanted.`);
  };
}

export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('A number above 0 is wanted.');
}
