/** What a command line says of preparing a mode. */
export interface PrepareModeOptions {
  /** Cityscapes; absent: where the ymls say. */
  readonly data?: string;
  readonly mirror?: string;
  /** `none`, or weights in place of those that the ymls name. */
  readonly pretrained?: string;
  /** In place of the user's cache; for tests. */
  readonly cache?: string;
}
