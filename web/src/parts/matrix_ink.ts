// The colours of a dense map, on one canvas below its cells: to paint thousands of elements anew because
// one of them has changed took the engine longer than all else together.

import type { Level } from "../lib/matrix.ts";

export interface Part {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

interface Colors {
  line: string;
  back: string;
  ok: string;
  worse: string;
  bad: string;
  down: string;
  unknown: CanvasPattern | string;
}

export class MatrixInk {
  private readonly pen: CanvasRenderingContext2D;
  private colors: Colors | null = null;
  private part: Part = { top: 0, bottom: -1, left: 0, right: -1 };
  private size = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d")!;
  }

  /** Draws a part of the map from nothing; `labels`: pixels left of its cells, `head` above. */
  begin(part: Part, size: number, labels: number, head: number, level: (row: number, column: number) => Level): void {
    const { canvas, pen } = this;
    const width = (part.right - part.left + 1) * size;
    const height = (part.bottom - part.top + 1) * size;
    const scale = Math.max(1, devicePixelRatio);
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.style.left = `${labels + part.left * size}px`;
    canvas.style.top = `${head + part.top * size}px`;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.part = part;
    this.size = size;
    this.colors = this.read();
    const rest = this.fill(level, this.colors);
    // What is between all cells, at once.
    for (let row = part.top; row <= part.bottom + 1; ++row) {
      pen.clearRect(0, (row - part.top) * size - 0.5, width, 1);
    }
    for (let column = part.left; column <= part.right + 1; ++column) {
      pen.clearRect((column - part.left) * size - 0.5, 0, 1, height);
    }
    rest.forEach(([row, column, found]) => this.cell(row, column, found));
  }

  /** Fills cells that are one colour, those of a level as one path and neighbours as one shape; gives the others. */
  private fill(level: (row: number, column: number) => Level, colors: Colors): [row: number, column: number, level: Level][] {
    const { part, pen, size } = this;
    const paths = { ok: new Path2D(), worse: new Path2D(), unknown: new Path2D() };
    const cuts = new Path2D();
    const rest: [row: number, column: number, level: Level][] = [];
    for (let row = part.top; row <= part.bottom; ++row) {
      let column = part.left;
      while (column <= part.right) {
        const [first, found] = [column, level(row, column)];
        do {
          ++column;
        } while (column <= part.right && level(row, column) === found);
        if (found === "ok" || found === "worse" || found === "unknown") {
          paths[found].rect((first - part.left) * size, (row - part.top) * size, (column - first) * size, size);
          for (let at = first; found === "worse" && at < column; ++at) {
            this.cut(cuts, ...this.place(row, at));
          }
        } else {
          for (let at = first; at < column; ++at) {
            rest.push([row, at, found]);
          }
        }
      }
    }
    for (const found of ["ok", "worse", "unknown"] as const) {
      pen.fillStyle = colors[found];
      pen.fill(paths[found]);
    }
    pen.fillStyle = colors.back;
    pen.fill(cuts);
    return rest;
  }

  /** Draws one cell anew. */
  cell(row: number, column: number, level: Level): void {
    const { pen, colors, part } = this;
    if (!colors || row < part.top || row > part.bottom || column < part.left || column > part.right) {
      return;
    }
    const [x, y, side] = this.place(row, column);
    pen.clearRect(x - 0.5, y - 0.5, this.size, this.size);
    if (level === "none") {
      pen.strokeStyle = colors.line;
      pen.lineWidth = 0.6;
      pen.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
      return;
    }
    pen.fillStyle = colors[level];
    pen.fillRect(x, y, side, side);
    if (level === "worse") {
      const corner = new Path2D();
      this.cut(corner, x, y, side);
      pen.fillStyle = colors.back;
      pen.fill(corner);
    } else if (level === "bad") {
      pen.fillStyle = colors.worse;
      this.shape([[x + side, y], [x + side, y + side], [x, y + side]]);
    } else if (level === "down") {
      const [half, point] = [side / 2, side * 0.2];
      pen.fillStyle = colors.back;
      this.shape([[x + half, y + half - point], [x + half + point, y + half], [x + half, y + half + point], [x + half - point, y + half]]);
    }
  }

  /** What tells a cell that is worse from one that is well without its colour: a corner is missing. */
  private cut(path: Path2D, x: number, y: number, side: number): void {
    const [right, bottom, length] = [x + side, y + side, side * 0.45];
    path.moveTo(right - length, bottom);
    path.lineTo(right, bottom);
    path.lineTo(right, bottom - length);
    path.closePath();
  }

  private place(row: number, column: number): [x: number, y: number, side: number] {
    return [(column - this.part.left) * this.size + 0.5, (row - this.part.top) * this.size + 0.5, this.size - 1];
  }

  private shape(points: [number, number][]): void {
    this.pen.beginPath();
    points.forEach(([x, y]) => this.pen.lineTo(x, y));
    this.pen.fill();
  }

  private read(): Colors {
    const style = getComputedStyle(this.canvas);
    const color = (name: string) => style.getPropertyValue(name).trim();
    return {
      line: color("--line"),
      back: color("--bg"),
      ok: color("--cell-ok"),
      worse: color("--cell-worse"),
      bad: color("--cell-bad"),
      down: color("--cell-down"),
      unknown: this.stripes(color("--unknown-bg"), color("--line")),
    };
  }

  private stripes(ground: string, line: string): CanvasPattern | string {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d")!;
    pen.fillStyle = ground;
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = line;
    pen.lineWidth = 2;
    for (const from of [-6, 0, 6]) {
      pen.moveTo(from, 6);
      pen.lineTo(from + 6, 0);
    }
    pen.stroke();
    return this.pen.createPattern(tile, "repeat") ?? ground;
  }
}
