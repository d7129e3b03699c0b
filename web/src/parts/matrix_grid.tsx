// A matrix of any size: only the rows in view are in the document, each cell an element that is
// changed where its content has changed. One cell takes the focus, arrows move it.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { CellView } from "../lib/matrix.ts";
import { go } from "../lib/session.ts";

export interface MatrixGridProps {
  names: string[];
  /** What each name belongs to; names of one group stand together. */
  groups?: string[] | undefined;
  cell: (row: number, column: number) => CellView;
  href: (from: string, to: string) => string;
}

const headSize = 96; // pixels of the row of names above
const spare = 4; // rows beyond those in view

/** Pixels of a cell: what fits, between what can be hit and what still reads well. */
export function cellSize(regions: number, width: number): number {
  return Math.max(12, Math.min(64, Math.floor(width / Math.max(1, regions))));
}

interface Shown {
  row: number;
  column: number;
}

function paint(cell: HTMLElement, view: CellView, from: string, to: string, text: boolean, begins: boolean): void {
  const set = (name: string, value: string) => {
    if (cell.getAttribute(name) !== value) {
      cell.setAttribute(name, value);
    }
  };
  set("data-from", from);
  set("data-to", to);
  set("data-state", view.state);
  set("class", `cell ${view.level}${begins ? " begins" : ""}`);
  const said = view.spoken.includes(view.text) ? view.spoken : `${view.text}, ${view.spoken}`;
  set("aria-label", `${from} to ${to}: ${said}`);
  const content = text ? view.text : "";
  if (cell.textContent !== content) {
    cell.textContent = content;
  }
}

function makeRow(columns: number): HTMLElement {
  const row = document.createElement("div");
  row.className = "matrix-row";
  row.setAttribute("role", "row");
  const name = document.createElement("span");
  name.className = "matrix-name";
  name.setAttribute("role", "rowheader");
  row.append(name);
  for (let column = 0; column < columns; ++column) {
    const cell = document.createElement("i");
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("tabindex", "-1");
    row.append(cell);
  }
  return row;
}

export function MatrixGrid({ names, groups, cell, href }: MatrixGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const rows = useRef(new Map<number, HTMLElement>());
  const [active, setActive] = useState<Shown>({ row: 0, column: Math.min(1, names.length - 1) });
  const tip = useRef<HTMLParagraphElement>(null);
  const painted = useRef(new WeakMap<HTMLElement, object>());
  const focusable = useRef<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  const [scrolled, setScrolled] = useState({ top: 0, height: 600 });
  const labels = Math.min(170, 24 + 7.2 * Math.max(9, ...names.map((name) => name.length)));
  // The last column's name leans over the end by half its length.
  const overhang = Math.min(52, 3.2 * Math.max(0, ...names.map((name) => name.length)));
  const size = cellSize(names.length, width - labels - overhang - 2);
  const text = size >= 40;
  // What is painted is of this content; another one is painted anew.
  const content = useMemo(() => ({}), [names, groups, cell, text]);
  const begins = (at: number) => groups !== undefined && at > 0 && groups[at] !== groups[at - 1];

  useLayoutEffect(() => {
    const at = box.current;
    if (!at) {
      return undefined;
    }
    const look = () => {
      setWidth(at.clientWidth);
      setScrolled({ top: at.scrollTop, height: at.clientHeight });
    };
    look();
    const sized = new ResizeObserver(look);
    sized.observe(at);
    at.addEventListener("scroll", look, { passive: true });
    return () => {
      sized.disconnect();
      at.removeEventListener("scroll", look);
    };
  }, []);

  // Custom properties set by script are allowed where style attributes in HTML are not.
  useLayoutEffect(() => {
    const at = box.current;
    at?.style.setProperty("--cell", `${size}px`);
    at?.style.setProperty("--labels", `${labels}px`);
    at?.style.setProperty("--overhang", `${overhang}px`);
    at?.style.setProperty("--columns", String(names.length));
  }, [size, labels, overhang, names.length]);

  useLayoutEffect(() => {
    const at = body.current;
    if (!at || width === 0) {
      return;
    }
    const first = Math.max(0, Math.floor((scrolled.top - headSize) / size) - spare);
    const last = Math.min(names.length - 1, Math.ceil((scrolled.top + scrolled.height) / size) + spare);
    for (const [row, element] of rows.current) {
      if (((row < first || row > last) && row !== active.row) || element.childElementCount !== names.length + 1) {
        element.remove();
        rows.current.delete(row);
      }
    }
    for (let row = first; row <= last; ++row) {
      let element = rows.current.get(row);
      if (!element) {
        element = makeRow(names.length);
        element.style.top = `${row * size}px`;
        rows.current.set(row, element);
        const after = [...rows.current.keys()].filter((other) => other > row).sort((a, b) => a - b)[0];
        at.insertBefore(element, after === undefined ? null : rows.current.get(after)!);
      }
      element.style.top = `${row * size}px`;
      element.setAttribute("aria-rowindex", String(row + 2));
      const name = element.firstElementChild!;
      name.textContent = names[row]!;
      name.setAttribute("title", groups?.[row] === undefined ? names[row]! : `${groups[row]}: ${names[row]}`);
      element.className = `matrix-row${begins(row) ? " begins" : ""}`;
      element.dataset["group"] = groups?.[row] ?? "";
      if (painted.current.get(element) !== content) {
        painted.current.set(element, content);
        for (let column = 0; column < names.length; ++column) {
          paint(element.children[column + 1] as HTMLElement, cell(row, column), names[row]!, names[column]!, text, begins(column));
        }
      }
    }
    const next = (rows.current.get(active.row)?.children[active.column + 1] ?? null) as HTMLElement | null;
    if (next !== focusable.current) {
      focusable.current?.setAttribute("tabindex", "-1");
      next?.setAttribute("tabindex", "0");
      focusable.current = next;
    }
  }, [content, scrolled, width, size, active]);

  useEffect(() => {
    const row = Math.min(active.row, names.length - 1);
    const column = Math.min(active.column, names.length - 1);
    if (row !== active.row || column !== active.column) {
      setActive({ row, column });
    }
  }, [names.length]);

  const move = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -names.length], End: [0, names.length] };
    const step = steps[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      go(href(names[active.row]!, names[active.column]!));
    } else if (step) {
      event.preventDefault();
      const clamp = (value: number) => Math.max(0, Math.min(names.length - 1, value));
      const next = { row: clamp(active.row + step[0]), column: clamp(active.column + step[1]) };
      setActive(next);
      requestAnimationFrame(() => {
        const top = next.row * size;
        const at = box.current!;
        if (top < at.scrollTop || top + headSize + size > at.scrollTop + at.clientHeight) {
          at.scrollTop = Math.max(0, top - at.clientHeight / 2);
        }
        requestAnimationFrame(() => (rows.current.get(next.row)?.children[next.column + 1] as HTMLElement | undefined)?.focus());
      });
    }
  };

  const cellAt = (event: Event) => (event.target as HTMLElement).closest<HTMLElement>("[data-from]");
  // Set by hand: the mouse passes over many cells, and nothing else changes.
  const tell = (event: Event) => {
    const label = cellAt(event)?.getAttribute("aria-label");
    if (label && tip.current) {
      tip.current.textContent = label;
    }
  };
  return (
    <>
      <div
        class={`matrix${text ? " wide" : ""}`}
        ref={box}
        onKeyDown={move}
        onClick={(event) => {
          const at = cellAt(event);
          if (at) {
            go(href(at.dataset["from"]!, at.dataset["to"]!));
          }
        }}
        onMouseOver={tell}
        onFocusIn={tell}
      >
        <div class="matrix-all" role="grid" aria-label="From the region of a row to that of a column" aria-rowcount={names.length + 1} aria-colcount={names.length + 1}>
          <div class="matrix-head" role="row" aria-rowindex={1}>
            <span class="matrix-corner" role="columnheader">
              from ↓ to →
            </span>
            {names.map((name, at) => (
              <span key={name} class={`matrix-to${begins(at) ? " begins" : ""}`} role="columnheader" title={groups?.[at] === undefined ? name : `${groups[at]}: ${name}`}>
                <span>{name}</span>
              </span>
            ))}
          </div>
          <div class="matrix-body" ref={body} role="rowgroup" />
        </div>
      </div>
      <p class="tip" ref={tip}>
        A cell leads to its pair. Arrows move, Enter opens.
      </p>
    </>
  );
}
