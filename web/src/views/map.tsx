// Every region with every other one.

import { useCallback, useMemo, useRef, useState } from "preact/hooks";

import type { Grid } from "../lib/grid.ts";
import { gridReader } from "../lib/readers.ts";
import { badOnes, cellsOf, fitsOf, isMetric, isShown, leftOut, levels, levelsOf, metrics, orderOf, sameCells, tally, worstCells, type CellView, type Fits, type Level, type Metric } from "../lib/matrix.ts";
import { count, full, plural } from "../lib/format.ts";
import type { EventName } from "../lib/events.ts";
import { byGroup, groupOf, labelNames, labelsOf } from "../lib/region_groups.ts";
import { change, live } from "../lib/session.ts";
import { pairAddress, query } from "../lib/url.ts";
import { useLive, usePlace, useZone } from "../parts/hooks.ts";
import { MatrixGrid, type Cells } from "../parts/matrix_grid.tsx";
import { Link, Loading, Notice, Problem, Scroll, StateWord } from "../parts/text.tsx";
import type { Region } from "../types.ts";
import { useMapPast } from "./map_past.tsx";

const levelNames: Record<Metric, Partial<Record<Level, string>>> = {
  state: { ok: "ok", unknown: "nothing known", worse: "degraded", bad: "some fail", down: "down: all fail" },
  rtt: { ok: "as usual", worse: "from 1.5 times its usual", bad: "from twice", down: "from four times, or no answer" },
  loss: { ok: "none", worse: "some lost", bad: "20 % and more", down: "all lost" },
  success: { ok: "all answer", bad: "some fail", down: "all fail" },
};

/** The same array as before, as long as the same is in it: who depends on it is not drawn anew. */
function useSame<T>(next: T[]): T[] {
  const last = useRef(next);
  if (last.current !== next && (last.current.length !== next.length || next.some((each, at) => each !== last.current[at]))) {
    last.current = next;
  }
  return last.current;
}

class MapCells implements Cells {
  private readonly views: (at: number) => CellView;
  private readonly levels: (at: number) => Level;

  constructor(
    readonly grid: Grid,
    readonly metric: Metric,
    readonly places: number[],
    readonly fits: Fits,
  ) {
    this.views = cellsOf(grid, metric);
    this.levels = levelsOf(grid, metric);
  }

  view(row: number, column: number): CellView {
    return this.shows(row, column) ? this.views(this.at(row, column)) : leftOut;
  }

  level(row: number, column: number): Level {
    return this.shows(row, column) ? this.levels(this.at(row, column)) : "none";
  }

  changedFrom(before: Cells): (row: number, column: number) => boolean {
    const alike =
      before instanceof MapCells &&
      before.metric === this.metric &&
      before.places === this.places &&
      before.fits === this.fits &&
      before.grid.regions.length === this.grid.regions.length &&
      (before.grid.moment === null) === (this.grid.moment === null);
    if (!alike) {
      return () => true;
    }
    const same = sameCells(before.grid, this.grid, this.metric);
    return (row, column) => this.shows(row, column) && !same(this.at(row, column));
  }

  private shows(row: number, column: number): boolean {
    return isShown(this.fits, this.places[row]!, this.places[column]!);
  }

  private at(row: number, column: number): number {
    return this.places[row]! * this.grid.regions.length + this.places[column]!;
  }
}

const mostWorst = 100;

/** The table is there when somebody looks at it; closed it is one line. */
function Worst({ grid, metric, fits, number }: { grid: Grid; metric: Metric; fits: Fits; number: number }) {
  const [open, setOpen] = useState(number > 0 && number <= 12); // to begin with: then it is as the reader left it
  const worst = useMemo(() => (open ? worstCells(grid, metric, mostWorst, fits) : []), [grid, metric, fits, open]);
  return (
    <details class="behind" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The worst pairs as a table ({number > mostWorst ? `${count(mostWorst)} of ${count(number)}` : count(number)})</summary>
      <Scroll label="the worst pairs">
        <table class="stack">
          <thead>
            <tr>
              <th>From</th>
              <th>To</th>
              <th>State</th>
              <th class="text">{metric === "state" ? (grid.moment ? "Its probes" : "Its targets") : metrics[metric].title}</th>
            </tr>
          </thead>
          <tbody>
            {worst.map((cell) => (
              <tr key={`${cell.from} ${cell.to}`} data-row>
                <th>{cell.from}</th>
                <th class="addr" data-label="to">
                  <Link href={pairAddress(cell.from, cell.to, grid.probe_type)}>{cell.to}</Link>
                </th>
                <td>
                  <StateWord state={cell.state} />
                </td>
                <td class="text">{cell.spoken}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

export function MapPage() {
  const { query: asked } = usePlace();
  const metric: Metric = isMetric(asked["metric"] ?? "") ? (asked["metric"] as Metric) : "state";
  const order = asked["order"] === "worst" ? "worst" : "name";
  const filter = asked["q"] ?? "";
  const kind = asked["probe_type"];
  const zone = useZone();
  const { at, beyond, control } = useMapPast(asked);
  const path = `/api/v1/matrix${query({ metric: metrics[metric].asked, probe_type: kind, at })}`;
  const last = live.read<Grid>(path).data;
  // A large one is much to send whenever anything changes; the past changes no more.
  const on: EventName[] = at !== undefined ? [] : (last?.regions.length ?? 0) > 60 ? ["agent"] : ["states", "agent"];
  const reading = useLive<Grid>(path, { every: at === undefined ? 15_000 : 600_000, on, read: gridReader });
  const matrix = reading.data;
  const regions = useLive<{ regions: Region[] }>("/api/v1/regions", { every: 60_000, on: ["agent"] });
  const labels = useMemo(() => labelsOf(regions.data?.regions ?? []), [regions.data]);
  const known = useMemo(() => labelNames(labels), [labels]);
  const label = known.find((each) => each === asked["group"]);
  // A new metric is shown once its own numbers are there.
  const shown = matrix && matrix.metric === metrics[metric].asked ? metric : ((Object.keys(metrics) as Metric[]).find((each) => metrics[each].asked === matrix?.metric) ?? metric);
  const regionNames = useSame(matrix?.regions ?? []);
  const fits = useMemo(() => fitsOf(regionNames, filter), [regionNames, filter]);
  const ordered = useSame(useMemo(() => (matrix ? orderOf(matrix, shown, order, fits) : []), [matrix, shown, order, fits]));
  const places = useSame(
    useMemo(() => (label === undefined ? ordered : byGroup(ordered, (place) => groupOf(labels, matrix?.regions[place] ?? "", label))), [ordered, matrix, label, labels]),
  );
  const groups = useMemo(() => (label === undefined ? undefined : places.map((place) => groupOf(labels, regionNames[place] ?? "", label) || `no ${label}`)), [places, label, labels, regionNames]);
  const counts = useMemo(() => (matrix ? tally(matrix, shown, fits) : new Map<Level, number>()), [matrix, shown, fits]);
  const names = useMemo(() => places.map((place) => regionNames[place] ?? ""), [regionNames, places]);
  const cells = useMemo(() => (matrix ? new MapCells(matrix, shown, places, fits) : null), [matrix, shown, places, fits]);
  const named = fits?.reduce((sum, each) => sum + each, 0) ?? 0;
  const probeType = matrix?.probe_type ?? "";
  const href = useCallback((from: string, to: string) => pairAddress(from, to, probeType), [probeType]);
  const choose = (name: string) => (event: Event) => change({ [name]: (event.currentTarget as HTMLSelectElement).value }, "push");

  return (
    <>
      <h1>
        Map <small role="status">{matrix ? `${matrix.probe_type}, ${fits ? `the pairs of ${count(named)} of ` : ""}${plural(matrix.regions.length, "region")}` : ""}</small>
      </h1>
      <div class="bars">
        <form class="controls" onSubmit={(event) => event.preventDefault()}>
          <label>
            Show{" "}
            <select value={metric} onChange={choose("metric")}>
              {(Object.keys(metrics) as Metric[]).map((each) => (
                <option key={each} value={each}>
                  {metrics[each].title}
                </option>
              ))}
            </select>
          </label>
          <label>
            Order{" "}
            <select value={order} onChange={choose("order")}>
              <option value="name">by name</option>
              <option value="worst">worst first</option>
            </select>
          </label>
          {known.length > 0 ? (
            <label>
              Group{" "}
              <select value={label ?? ""} onChange={choose("group")}>
                <option value="">not at all</option>
                {known.map((each) => (
                  <option key={each} value={each}>
                    by {each}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
          <label>
            Filter{" "}
            <input type="search" data-filter placeholder="a part of a region" value={filter} onInput={(event) => change({ q: event.currentTarget.value }, "replace")} />
          </label>
        </form>
        {control}
      </div>
      <Problem what="The map" text={reading.problem} />
      {matrix?.moment && at !== undefined ? (
        <p class="dim" role="status" data-at={matrix.moment.at_unix}>
          As it was from {full(matrix.moment.from_unix, zone)} to {full(matrix.moment.to_unix, zone)}, in numbers of probes.
          {beyond ? ` That is before ${beyond}, which the slider has.` : null}
        </p>
      ) : null}
      {!matrix ? (
        reading.problem ? null : (
          <Loading what="the map" />
        )
      ) : matrix.regions.length === 0 ? (
        <Notice>{matrix.moment ? "Nothing was measured between regions at that time, or it is not kept any more." : "No results between regions yet: it takes agents in two of them."}</Notice>
      ) : (
        <>
          <ul class="legend" aria-label="Legend">
            {levels
              .filter((level) => levelNames[shown][level])
              .map((level) => (
                <li key={level}>
                  <i class={`swatch ${level}`} /> {levelNames[shown][level]} <data value={String(counts.get(level) ?? 0)}>{count(counts.get(level) ?? 0)}</data>
                </li>
              ))}
          </ul>
          {matrix.moment && [...counts].every(([level, number]) => level === "none" || number === 0) ? <Notice>The history has nothing of that time: no probe between these regions.</Notice> : null}
          {places.length === 0 ? (
            <Notice>No region has “{filter}” in its name.</Notice>
          ) : (
            <MatrixGrid names={names} groups={groups} cells={cells!} href={href} />
          )}
          <Worst grid={matrix} metric={shown} fits={fits} number={badOnes(counts)} />
        </>
      )}
    </>
  );
}
