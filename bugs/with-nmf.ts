import type { ModelSection } from '../harness/contract/port.js';

/** The section with some of `decoder_cfg.ham_kwargs` changed. */
export function withNmf(section: ModelSection, changed: ModelSection): ModelSection {
  const { decoder_cfg } = section as { readonly decoder_cfg?: { readonly ham_kwargs?: ModelSection } };
  return { ...section, decoder_cfg: { ...decoder_cfg, ham_kwargs: { ...decoder_cfg?.ham_kwargs, ...changed } } };
}
