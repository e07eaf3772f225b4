/** What a download is doing, for a bar or a line. */
export type FetchProgress =
  | {
      readonly kind: 'bytes';
      readonly url: string;
      /** Bytes that are there, those of an earlier try included. */
      readonly done: number;
      /** Null where the server does not tell. */
      readonly total: number | null;
      readonly resumedFrom: number;
    }
  | { readonly kind: 'retry'; readonly url: string; readonly reason: string; readonly waitMs: number }
  | { readonly kind: 'wait'; readonly url: string; readonly status: string };

/** One line without an end; that of kind `bytes` is drawn over, the others stay. */
export function renderFetchProgress(progress: FetchProgress): string {
  const name = renderName(progress.url);
  if (progress.kind === 'wait') return `Another process fetches ${name}: ${progress.status}`;
  if (progress.kind === 'retry') {
    return `${name}: ${progress.reason}; next try in ${(progress.waitMs / 1000).toFixed(0)} s`;
  }
  const { done, total, resumedFrom } = progress;
  const share =
    total === null || total === 0 ? '' : ` of ${renderBytes(total)} (${Math.floor((100 * done) / total)} %)`;
  const resumed = resumedFrom === 0 ? '' : `, resumed at ${renderBytes(resumedFrom)}`;
  return `${name}: ${renderBytes(done)}${share}${resumed}`;
}

/** The last two parts: half of the reference's weights are called model.pdparams. */
function renderName(url: string): string {
  return new URL(url).pathname.split('/').filter(Boolean).slice(-2).join('/');
}

function renderBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
