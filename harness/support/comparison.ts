/** What a comparison found, for people and for programs. */
export interface Comparison {
  /** `inconclusive`: what was compared says nothing, so that nothing passes. */
  readonly verdict: 'agree' | 'differ' | 'inconclusive';
  readonly text: string;
  /** Beside the verdict, for --json. */
  readonly json: Readonly<Record<string, unknown>>;
}
