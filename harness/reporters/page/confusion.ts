import { type Markup, markup } from '../markup.js';

/** A confusion matrix as a heat map: the darker, the larger the share of its row. Ignored rows are empty. */
export function renderConfusion(rows: readonly (readonly number[])[], names: readonly string[]): Markup {
  const side = rows.length * cell;
  const cells = rows.flatMap((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, prediction) => {
      if (count === 0) return [];
      const share = count / total;
      const title = `${names[label]} taken for ${names[prediction]}: ${(share * 100).toFixed(2)} % (${count} pixels)`;
      return [
        markup`<rect class="${label === prediction ? 'right' : 'wrong'}" x="${left + prediction * cell}" y="${top + label * cell}" width="${cell - 1}" height="${cell - 1}" fill-opacity="${shade(share).toFixed(3)}"><title>${title}</title></rect>`,
      ];
    });
  });
  const rowLabels = names.map(
    (name, at) => markup`<text class="end" x="${left - 5}" y="${top + at * cell + cell - 5}">${name}</text>`,
  );
  const columnLabels = names.map(
    (name, at) =>
      markup`<text transform="translate(${left + at * cell + cell - 5} ${top - 5}) rotate(-60)">${name}</text>`,
  );
  return markup`<svg class="confusion" viewBox="0 0 ${left + side + 40} ${top + side + 4}" role="img" aria-label="confusion matrix">${rowLabels}${columnLabels}${cells}</svg>`;
}

const cell = 18;
const left = 92;
const top = 78;

/** A square root, so that a share of one percent is seen. */
function shade(share: number): number {
  return 0.06 + 0.94 * Math.sqrt(share);
}
