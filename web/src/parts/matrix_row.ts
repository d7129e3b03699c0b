// A row of the map: the cells in view, each an element that is changed where what it shows has changed.

import type { CellView, Level } from "../lib/matrix.ts";
import type { Cells } from "./matrix_grid.tsx";

/** What rows are made of. */
export interface RowContent {
  names: string[];
  groups: string[] | undefined;
  cells: Cells;
  /** Whether cells have room for it. */
  text: boolean;
  /** Pixels of a cell. */
  size: number;
  /** Whether a group begins there. */
  begins: (at: number) => boolean;
  /** Tells how bad a cell is that has changed; undefined: nobody draws it elsewhere, or all are drawn anew. */
  draw: ((row: number, column: number, level: Level) => void) | undefined;
  /** Which cells show something else than before; undefined: none does. */
  changed: ((row: number, column: number) => boolean) | undefined;
}

function make(tag: string, name: string, role: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = name;
  made.setAttribute("role", role);
  return made;
}

// Copied: that is quicker than to make thousands from nothing.
const blankRow = make("div", "matrix-row", "row");
blankRow.append(make("span", "matrix-name", "rowheader"), make("span", "matrix-cells", "presentation"));
const blankCell = make("i", "cell", "gridcell");
blankCell.tabIndex = -1;

const none = new Set<HTMLElement>();

export class MatrixRow {
  readonly element = blankRow.cloneNode(true) as HTMLElement;
  private readonly name = this.element.firstElementChild as HTMLElement;
  private readonly inside = this.element.lastElementChild as HTMLElement;
  private cells: HTMLElement[] = [];
  private first = 0;
  private shown: RowContent | null = null;

  constructor(private readonly row: number) {}

  /** None of its cells is there yet. */
  get empty(): boolean {
    return this.cells.length === 0;
  }

  cell(column: number): HTMLElement | undefined {
    return this.cells[column - this.first];
  }

  show(content: RowContent, columns: { from: number; to: number }): void {
    const before = this.shown;
    const { names, groups, size } = content;
    const alike = before !== null && before.names === names && before.groups === groups && before.text === content.text;
    if (!alike) {
      const name = names[this.row]!;
      this.element.setAttribute("aria-rowindex", String(this.row + 2));
      this.element.className = `matrix-row${content.begins(this.row) ? " begins" : ""}`;
      this.element.dataset["group"] = groups?.[this.row] ?? "";
      this.name.textContent = name;
      if (groups !== undefined && (this.row === 0 || content.begins(this.row))) {
        this.name.dataset["begins"] = groups[this.row]!; // the style sheet shows it before the name
      } else {
        delete this.name.dataset["begins"];
      }
      this.name.title = groups?.[this.row] === undefined ? name : `${groups[this.row]}: ${name}`;
    }
    if (before?.size !== size) {
      this.element.style.top = `${this.row * size}px`;
    }
    const stays = this.first === columns.from && this.cells.length === columns.to + 1 - columns.from;
    const fresh = stays ? none : this.move(columns.from, columns.to);
    if (!stays || before?.size !== size) {
      this.inside.style.marginLeft = `${this.first * size}px`;
    }
    this.shown = content;
    if (alike && fresh.size === 0 && !content.changed) {
      return;
    }
    for (let at = 0; at < this.cells.length; ++at) {
      const column = this.first + at;
      const cell = this.cells[at]!;
      const changed = content.changed?.(this.row, column) ?? false;
      if (changed) {
        content.draw?.(this.row, column, content.cells.level(this.row, column));
      }
      if (!alike || fresh.has(cell)) {
        this.paint(cell, column, content);
      } else if (changed) {
        this.change(cell, content.cells.view(this.row, column), column, content);
      }
    }
  }

  /** Takes cells away that are not in view any more, and gives them to those that are; which are new. */
  private move(from: number, to: number): Set<HTMLElement> {
    const spare: HTMLElement[] = [];
    const begin = Math.max(0, from - this.first);
    const end = Math.max(begin, to + 1 - this.first);
    spare.push(...this.cells.slice(0, begin), ...this.cells.slice(end));
    this.cells = this.cells.slice(begin, end);
    this.first = this.cells.length === 0 ? from : Math.max(from, this.first);
    const fresh = new Set<HTMLElement>();
    const next = () => {
      const cell = spare.pop() ?? (blankCell.cloneNode(false) as HTMLElement);
      fresh.add(cell);
      return cell;
    };
    const ahead: HTMLElement[] = [];
    while (this.first - ahead.length > from) {
      ahead.push(next());
    }
    const behind: HTMLElement[] = [];
    while (this.first + this.cells.length + behind.length <= to) {
      behind.push(next());
    }
    spare.forEach((cell) => cell.remove());
    if (ahead.length > 0) {
      this.inside.prepend(...ahead);
    }
    if (behind.length > 0) {
      this.inside.append(...behind);
    }
    this.first -= ahead.length;
    this.cells = [...ahead, ...this.cells, ...behind];
    return fresh;
  }

  private paint(cell: HTMLElement, column: number, content: RowContent): void {
    cell.setAttribute("data-from", content.names[this.row]!);
    cell.setAttribute("data-to", content.names[column]!);
    cell.setAttribute("aria-colindex", String(column + 2));
    this.change(cell, content.cells.view(this.row, column), column, content);
  }

  private change(cell: HTMLElement, view: CellView, column: number, content: RowContent): void {
    cell.setAttribute("data-state", view.state);
    // Those that are drawn elsewhere look alike.
    const name = `cell${content.text || view.level === "none" ? ` ${view.level}` : ""}${content.begins(column) ? " begins" : ""}`;
    if (cell.className !== name) {
      cell.className = name;
    }
    const said = view.spoken.includes(view.text) ? view.spoken : `${view.text}, ${view.spoken}`;
    cell.setAttribute("aria-label", `${content.names[this.row]!} to ${content.names[column]!}: ${said}`);
    const inside = content.text ? view.text : "";
    if (cell.textContent !== inside) {
      cell.textContent = inside;
    }
  }
}
