// A matrix of any size: only the cells in view are in the document, each an element that is changed
// where its content has changed. One cell takes the focus, arrows move it.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { whenIdle } from "../lib/idle.ts";
import type { CellView, Level } from "../lib/matrix.ts";
import { go, theme } from "../lib/session.ts";
import { useDark, useShared } from "./hooks.ts";
import { MatrixInk, type Part } from "./matrix_ink.ts";
import { MatrixRow } from "./matrix_row.ts";

/** What cells show. */
export interface Cells {
  view: (row: number, column: number) => CellView;
  level: (row: number, column: number) => Level;
  /** Tells which cells show something else than they showed there before. */
  changedFrom: (before: Cells) => (row: number, column: number) => boolean;
}

export interface MatrixGridProps {
  names: string[];
  /** What each name belongs to; names of one group stand together. */
  groups: string[] | undefined;
  cells: Cells;
  href: (from: string, to: string) => string;
}

const roomForGroups = 560; // pixels, as in the style sheet
const cellsAtOnce = 1000; // that are made without a pause
const step = 8; // cells by which the part in the document moves, and which it has to spare, once somebody scrolls

/** Pixels of a cell: what fits, between what can be hit and what still reads well. */
export function cellSize(regions: number, width: number): number {
  return Math.max(12, Math.min(64, Math.floor(width / Math.max(1, regions))));
}

interface Shown {
  row: number;
  column: number;
}

function around(begin: number, length: number, size: number, number: number, moves: boolean): [number, number] {
  const [by, spare] = moves ? [step, step] : [1, 0];
  const first = Math.floor(begin / size / by) * by - spare;
  const last = Math.ceil((begin + length) / size / by) * by + spare;
  return [Math.max(0, Math.min(number - 1, first)), Math.min(number - 1, last)];
}

function headName(name: string, group: string | undefined): string {
  return group === undefined ? name : `${group}: ${name}`;
}

export function MatrixGrid({ names, groups, cells, href }: MatrixGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const rows = useRef(new Map<number, MatrixRow>());
  const [active, setActive] = useState<Shown>({ row: 0, column: Math.min(1, names.length - 1) });
  const tip = useRef<HTMLParagraphElement>(null);
  const focusable = useRef<HTMLElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const ink = useRef<MatrixInk | null>(null);
  const drawn = useRef<unknown[]>([]);
  const last = useRef<Cells>(cells); // which rows show
  const shade = `${useShared(theme)} ${useDark()}`;
  const focusing = useRef(false); // the active cell, once it is there
  const [width, setWidth] = useState(0);
  const moved = useRef(false); // somebody has scrolled
  const [turn, setTurn] = useState(0); // of making rows that are in view
  const [view, setView] = useState<Part>({ top: 0, bottom: -1, left: 0, right: -1 });
  const longest = useMemo(() => Math.max(0, ...names.map((name) => name.length)), [names]);
  // On small screens the names of groups stand in titles alone.
  const longestGroup = useMemo(() => Math.max(0, ...(groups ?? []).map((name) => name.length)), [groups]);
  const labels = Math.min(170, 24 + 7.2 * Math.max(9, longest)) + (groups === undefined || width < roomForGroups ? 0 : Math.min(120, 16 + 7.6 * longestGroup));
  // The last column's name leans over the end by half its length.
  const overhang = Math.min(52, 3.2 * longest);
  const head = Math.round(Math.max(26, Math.min(96, 14 + 5.5 * longest))); // pixels of the row of names above
  const size = cellSize(names.length, width - labels - overhang - 2);
  const text = size >= 40;
  const begins = (at: number) => groups !== undefined && at > 0 && groups[at] !== groups[at - 1];

  /** Where it stands now. */
  const look = () => {
    const at = box.current!;
    setWidth(at.clientWidth);
    const moves = (moved.current ||= at.scrollTop > 0 || at.scrollLeft > 0);
    const [top, bottom] = around(at.scrollTop, at.clientHeight - head, size, names.length, moves);
    const [left, right] = around(at.scrollLeft, at.clientWidth - labels, size, names.length, moves);
    setView((before) => (before.top === top && before.bottom === bottom && before.left === left && before.right === right ? before : { top, bottom, left, right }));
  };
  const latest = useRef(look);
  latest.current = look;
  useLayoutEffect(() => {
    const at = box.current!;
    const told = () => latest.current();
    const sized = new ResizeObserver(told);
    sized.observe(at);
    at.addEventListener("scroll", told, { passive: true });
    return () => {
      sized.disconnect();
      at.removeEventListener("scroll", told);
    };
  }, []);
  // Custom properties set by script are allowed where style attributes in HTML are not.
  useLayoutEffect(() => {
    const at = box.current!;
    at.style.setProperty("--cell", `${size}px`);
    at.style.setProperty("--labels", `${labels}px`);
    at.style.setProperty("--overhang", `${overhang}px`);
    at.style.setProperty("--head", `${head}px`);
    at.style.setProperty("--columns", String(names.length));
    look();
  }, [size, labels, overhang, head, names.length]);

  useLayoutEffect(() => {
    const at = body.current!;
    if (width === 0) {
      return undefined;
    }
    for (const [row, made] of rows.current) {
      if (((row < view.top || row > view.bottom) && row !== active.row) || row >= names.length) {
        made.element.remove();
        rows.current.delete(row);
      }
    }
    // Cells with a text have their own colours: there are few of them.
    const drawing = [names, groups, text, view, size, labels, head, shade];
    const all = drawing.some((each, place) => each !== drawn.current[place]);
    drawn.current = drawing;
    const pen = (ink.current ??= new MatrixInk(canvas.current!));
    const draw = text || all ? undefined : (row: number, column: number, level: Level) => pen.cell(row, column, level);
    const before = last.current;
    const changed = before === cells ? undefined : cells.changedFrom(before);
    last.current = cells;
    const wanted = Array.from({ length: view.bottom - view.top + 1 }, (_, at) => view.top + at);
    // The colours and names are there at once. What can be hit and is read aloud comes row by row as there is time for
    // it, that of the focus first.
    let spare = cellsAtOnce;
    let waiting = false;
    const cost = view.right - view.left + 1;
    for (const row of wanted.includes(active.row) || !rows.current.has(active.row) ? wanted : [...wanted, active.row]) {
      let made = rows.current.get(row);
      if (!made) {
        made = new MatrixRow(row);
        rows.current.set(row, made);
        const after = [...rows.current.keys()].filter((other) => other > row).sort((a, b) => a - b)[0];
        at.insertBefore(made.element, after === undefined ? null : rows.current.get(after)!.element);
      }
      const here = row === active.row;
      const later = !here && made.empty && spare <= 0;
      spare -= made.empty && !later ? cost : 0;
      waiting ||= later;
      const columns = { from: here ? Math.min(view.left, active.column) : view.left, to: later ? view.left - 1 : here ? Math.max(view.right, active.column) : view.right };
      made.show({ names, groups, cells, text, size, begins, draw, changed }, columns);
      for (let column = view.left; later && draw && changed && column <= view.right; ++column) {
        if (changed(row, column)) {
          draw(row, column, cells.level(row, column));
        }
      }
    }
    if (all && !text) {
      pen.begin(view, size, labels, head, cells.level.bind(cells));
    }
    const next = rows.current.get(active.row)?.cell(active.column) ?? null;
    if (next !== focusable.current) {
      focusable.current?.setAttribute("tabindex", "-1");
      next?.setAttribute("tabindex", "0");
      focusable.current = next;
    }
    if (focusing.current && next) {
      focusing.current = false;
      next.focus({ preventScroll: true });
    }
    if (!waiting) {
      return undefined;
    }
    return whenIdle(() => setTurn((before) => before + 1));
  }, [names, groups, cells, text, view, width, size, labels, head, shade, active, turn]);

  useEffect(() => {
    const row = Math.min(active.row, names.length - 1);
    const column = Math.min(active.column, names.length - 1);
    if (row !== active.row || column !== active.column) {
      setActive({ row, column });
    }
  }, [names.length]);

  const move = (event: KeyboardEvent) => {
    const all = names.length;
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -all], End: [0, all] };
    const way = steps[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      go(href(names[active.row]!, names[active.column]!));
    } else if (way) {
      event.preventDefault();
      const clamp = (value: number) => Math.max(0, Math.min(all - 1, value));
      const next = { row: clamp(active.row + way[0]), column: clamp(active.column + way[1]) };
      const at = box.current!;
      const [top, left] = [next.row * size, next.column * size];
      if (top < at.scrollTop || top + head + size > at.scrollTop + at.clientHeight) {
        at.scrollTop = Math.max(0, top - at.clientHeight / 2);
      }
      if (left < at.scrollLeft || left + labels + size > at.scrollLeft + at.clientWidth) {
        at.scrollLeft = Math.max(0, left - (at.clientWidth - labels) / 2);
      }
      focusing.current = true;
      setActive(next);
      look();
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
  const { left, right } = view;
  const heading = useMemo(
    () => (
      <span class="matrix-cells" role="presentation" style={{ marginLeft: `${left * size}px` }}>
        {names.slice(left, right + 1).map((name, at) => (
          <span key={name} class={`matrix-to${begins(left + at) ? " begins" : ""}`} role="columnheader" aria-colindex={left + at + 2} title={headName(name, groups?.[left + at])}>
            <span>{name}</span>
          </span>
        ))}
      </span>
    ),
    [names, groups, left, right, size],
  );
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
            <span class="matrix-corner" role="columnheader" aria-colindex={1}>
              from ↓ to →
            </span>
            {heading}
          </div>
          <canvas class="matrix-ink" ref={canvas} aria-hidden="true" hidden={text} />
          <div class="matrix-body" ref={body} role="rowgroup" />
        </div>
      </div>
      <p class="tip" ref={tip}>
        A cell leads to its pair. Arrows move, Enter opens.
      </p>
    </>
  );
}
