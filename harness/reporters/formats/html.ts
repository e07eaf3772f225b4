import type { Result } from '../../result/record/result.js';
import { readPackageText } from '../../support/package-root.js';
import { whatOneTimesIs } from '../explain.js';
import { type Markup, markup, raw } from '../markup.js';
import { arrangePage } from '../page/arrange.js';
import { renderBaseline } from '../page/baseline.js';
import { renderBundle } from '../page/bundle.js';
import { enhance } from '../page/enhance.js';
import { renderFacts } from '../page/facts.js';
import { renderFaults } from '../page/faults.js';
import { renderHeader } from '../page/header.js';
import { renderLayers } from '../page/layers.js';
import { renderOverview } from '../page/overview.js';
import { renderSteps } from '../page/steps.js';
import type { Reporter } from '../reporter.js';

/**
 * One page that needs nothing else: no network, no script for what matters. A chart per bundle over the layers in the
 * reference's order, a table of all probes, and what ran on what. The script adds pointing, sorting and searching.
 */
export function renderHtml(result: Result): string {
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${result.verdict} · tipcheck ${result.runId}</title>
<link rel="icon" href="data:,">
<style>${raw(readPackageText('harness/reporters/page/style.css'))}</style>
${renderHeader(result)}
<main>
${result.tipc === undefined ? null : renderSteps(result.tipc)}
${result.cases.length === 0 && result.tipc !== undefined ? null : renderCases(result)}
</main>
<script>(${raw(enhance.toString())})()</script>
</html>
`.source;
}

export const reporter: Reporter = { since: '0.1.0', fileName: 'report.html', render: renderHtml };

/** What was judged by goldens. */
function renderCases(result: Result): Markup {
  const page = arrangePage(result);
  return markup`<p class="note">${whatOneTimesIs(result)}. <em>Accumulated</em> is the error when the whole network has run; <em>own</em> is a layer’s error when every
complete probe before it was replaced by Paddle’s value, so that only the layer itself can be wrong.</p>
${renderFaults(result)}
${renderBaseline(result)}
${renderOverview(page)}
${page.bundles.map((bundle) => renderBundle(bundle))}
${renderLayers(page)}
${renderFacts(page)}`;
}
