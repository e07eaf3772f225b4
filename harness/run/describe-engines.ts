import type { CaseResult } from '../result/record/case-result.js';

export function describeEngines(parts: readonly Pick<CaseResult, 'engine'>[]): string[] {
  return [
    ...new Set(
      parts.flatMap(({ engine }) =>
        engine === null ? [] : [`${engine.engine} ${engine.version}, ${engine.provider}`],
      ),
    ),
  ];
}
