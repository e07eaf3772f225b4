/**
 * What the page's script does, in the browser: pointing at a layer of a chart, sorting and searching the table. The
 * function is put into the page as text, so it uses nothing from outside itself. All its data is the table that the
 * page holds anyway.
 */
export function enhance(): void {
  const table = document.querySelector<HTMLTableElement>('table.all');
  const toolbar = document.querySelector<HTMLElement>('.toolbar');
  if (table === null || toolbar === null) return;
  const ports = [...table.tHead!.rows[0]!.querySelectorAll('th.group')].map(textOf);
  const bodies = [...table.tBodies].map((body) => [...body.rows]);
  const rows = bodies.flat();
  const firstFigure = 5;

  for (const plot of document.querySelectorAll<HTMLElement>('.plot')) {
    explore(plot, bodies[Number(plot.dataset.bundle)] ?? []);
  }
  makeTable(table, toolbar);

  /** Pointing, touching or the arrow keys choose a layer; its figures stand below the chart. Enter goes to its row. */
  function explore(plot: HTMLElement, layers: readonly HTMLTableRowElement[]): void {
    const svg = plot.querySelector('svg')!;
    const readout = plot.parentElement!.querySelector<HTMLElement>('.readout')!;
    const cross = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    cross.setAttribute('class', 'pointer');
    svg.prepend(cross);
    const left = Number(plot.dataset.left);
    const step = Number(plot.dataset.step);
    const usual = 'Point at a layer, or use the arrow keys; Enter shows its row in the table.';
    let chosen = -1;
    readout.textContent = usual;
    plot.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: 'slider',
      'aria-label': 'Layer',
      'aria-valuemin': '1',
      'aria-valuemax': String(layers.length),
    })) {
      plot.setAttribute(name, value);
    }

    const choose = (index: number): void => {
      chosen = Math.max(0, Math.min(layers.length - 1, index));
      const x = left + chosen * step;
      cross.setAttribute('d', `M${x} ${plot.dataset.top}V${plot.dataset.bottom}`);
      const row = layers[chosen]!;
      readout.replaceChildren(...describe(row));
      plot.setAttribute('aria-valuenow', String(chosen + 1));
      plot.setAttribute('aria-valuetext', readout.textContent ?? '');
    };
    const at = (event: PointerEvent | MouseEvent): number => {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
      return step === 0 ? 0 : Math.round((x - left) / step);
    };
    svg.addEventListener('pointermove', (event) => choose(at(event)));
    svg.addEventListener('click', (event) => {
      choose(at(event));
      show(layers[chosen]!);
    });
    plot.addEventListener('keydown', (event) => {
      const moves: Record<string, number> = {
        ArrowRight: chosen + 1,
        ArrowUp: chosen + 1,
        ArrowLeft: chosen - 1,
        ArrowDown: chosen - 1,
        PageUp: chosen + 10,
        PageDown: chosen - 10,
        Home: 0,
        End: layers.length - 1,
      };
      const target = moves[event.key];
      if (target !== undefined) choose(target);
      else if (event.key === 'Enter' && chosen >= 0) show(layers[chosen]!);
      else return;
      event.preventDefault();
    });
  }

  function describe(row: HTMLTableRowElement): Node[] {
    const cells = [...row.cells].map(textOf);
    const name = document.createElement('code');
    name.textContent = cells[0]!;
    const nodes: Node[] = [name, text(`  ${cells[2]}  1× is ${cells[3]}`)];
    for (const [i, port] of ports.entries()) {
      const [accumulated, own, largest] = cells.slice(firstFigure + 3 * i, firstFigure + 3 * i + 3);
      if (accumulated === '') continue;
      const part = document.createElement('span');
      part.className = `reading r${i % 4}`;
      const name = document.createElement('b');
      name.textContent = port;
      part.append(name, ` ${accumulated} accumulated, ${own} own, ${largest} largest`);
      nodes.push(text(' '), part);
    }
    return nodes;
  }

  function textOf(cell: Element): string {
    return (cell.textContent ?? '').trim();
  }

  function text(value: string): Text {
    return document.createTextNode(value);
  }

  function show(row: HTMLTableRowElement): void {
    row.hidden = false;
    row.tabIndex = -1;
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
  }

  function makeTable(table: HTMLTableElement, toolbar: HTMLElement): void {
    const search = toolbar.querySelector<HTMLInputElement>('input')!;
    const kind = toolbar.querySelector<HTMLSelectElement>('select')!;
    const count = toolbar.querySelector<HTMLElement>('output')!;
    const heads = [
      ...[...table.tHead!.rows[0]!.cells].filter((cell) => !cell.classList.contains('group')),
      ...table.tHead!.rows[1]!.cells,
    ];
    let facts: { row: HTMLTableRowElement; kinds: string; words: string }[] = [];
    let sort: { readonly column: number; readonly descending: boolean } | null = null;

    toolbar.hidden = false;
    for (const [column, head] of heads.entries()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      button.addEventListener('click', () => {
        sort = next(column);
        apply();
      });
      head.append(button);
    }
    search.addEventListener('input', filter);
    kind.addEventListener('input', filter);
    addEventListener('hashchange', restore);
    count.textContent = `${rows.length} rows`;
    if (location.hash.includes('=')) restore();

    /** Read when first needed, so that the page is there at once. */
    function readFacts(): void {
      facts = rows.map((row) => {
        const kinds = [...row.querySelectorAll<HTMLElement>('td[class]')].map((cell) => cell.className).join('');
        return { row, kinds, words: `${row.cells[0]!.textContent} ${row.cells[1]!.textContent}`.toLowerCase() };
      });
    }

    /** Numbers start with the largest, words with the first; a third click gives the reference's order back. */
    function next(column: number): typeof sort {
      const largestFirst = column >= 2;
      if (sort?.column !== column) return { column, descending: largestFirst };
      return sort.descending === largestFirst ? { column, descending: !largestFirst } : null;
    }

    function apply(): void {
      for (const [column, head] of heads.entries()) {
        if (sort?.column === column) head.setAttribute('aria-sort', sort.descending ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      }
      if (sort === null) {
        for (const [i, body] of [...table.tBodies].entries()) body.replaceChildren(...bodies[i]!);
      } else {
        const { column, descending } = sort;
        const keyed = rows.map((row) => ({ row, key: keyOf(row.cells[column]!, column) }));
        keyed.sort((a, b) => compare(a.key, b.key, descending));
        table.tBodies[0]!.replaceChildren(...keyed.map(({ row }) => row));
      }
      remember();
    }

    function keyOf(cell: HTMLTableCellElement, column: number): number | string {
      const content = textOf(cell);
      if (column < 2) return content.toLowerCase();
      if (column === 2) return content.split('×').reduce((product, extent) => product * Number(extent), 1);
      if (/missing|not finite/.test(content)) return Number.POSITIVE_INFINITY;
      const found = /(<?)([\d.]+(?:e-?\d+)?)/.exec(content);
      return found === null ? Number.NaN : Number(found[2]) - (found[1] === '' ? 0 : 1e-9);
    }

    /** What has no number stays last, whichever way. */
    function compare(a: number | string, b: number | string, descending: boolean): number {
      const aNone = Number.isNaN(a);
      const bNone = Number.isNaN(b);
      if (aNone || bNone) return Number(aNone) - Number(bNone);
      const order = a < b ? -1 : a > b ? 1 : 0;
      return descending ? -order : order;
    }

    function filter(): void {
      const wanted = search.value.toLowerCase().split(/\s+/);
      let shown = 0;
      if (facts.length === 0) readFacts();
      for (const { row, kinds, words } of facts) {
        row.hidden = !(wanted.every((word) => words.includes(word)) && matches(kinds));
        if (!row.hidden) shown += 1;
      }
      count.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
      remember();
    }

    function matches(kinds: string): boolean {
      return kind.value === '' || [...kind.value].some((letter) => kinds.includes(letter));
    }

    /** The view is in the address, so that it can be sent: `#q=attn&kind=f&sort=5-`. */
    function remember(): void {
      const state = new URLSearchParams();
      if (search.value !== '') state.set('q', search.value);
      if (kind.value !== '') state.set('kind', kind.value);
      if (sort !== null) state.set('sort', `${sort.column}${sort.descending ? '-' : ''}`);
      const hash = state.toString();
      const current = location.hash.slice(1);
      if (hash === current || (hash === '' && !current.includes('='))) return;
      history.replaceState(null, '', `#${hash}`);
    }

    function restore(): void {
      const hash = location.hash.slice(1);
      const state = new URLSearchParams(hash.includes('=') ? hash : '');
      search.value = state.get('q') ?? '';
      kind.value = state.get('kind') ?? '';
      const column = Number.parseInt(state.get('sort') ?? '', 10);
      sort = column >= 0 && column < heads.length ? { column, descending: state.get('sort')!.endsWith('-') } : null;
      apply();
      filter();
    }
  }
}
