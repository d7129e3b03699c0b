// Every region with every other one.

import { useCallback, useMemo } from "preact/hooks";

import { cellOf, isMetric, levels, metrics, orderOf, tally, worstCells, type Level, type Metric } from "../lib/matrix.ts";
import { count, full } from "../lib/format.ts";
import type { EventName } from "../lib/events.ts";
import { asMatrix, isPast } from "../lib/past.ts";
import { byGroup, groupOf, labelNames, labelsOf } from "../lib/region_groups.ts";
import { change, live } from "../lib/session.ts";
import { join, query } from "../lib/url.ts";
import { useLive, usePlace, useZone } from "../parts/hooks.ts";
import { MatrixGrid } from "../parts/matrix_grid.tsx";
import { Link, Loading, Notice, Problem, Scroll } from "../parts/text.tsx";
import type { Matrix, PastMatrix, Region } from "../types.ts";
import { useMapPast } from "./map_past.tsx";

const levelNames: Record<Metric, Partial<Record<Level, string>>> = {
  state: { ok: "ok", unknown: "nothing known", worse: "degraded", bad: "some fail", down: "down: all fail" },
  rtt: { ok: "as usual", worse: "1.5 times", bad: "twice", down: "four times, or no answer" },
  loss: { ok: "none", worse: "some lost", bad: "20 % and more", down: "all lost" },
  success: { ok: "all answer", bad: "some fail", down: "all fail" },
};

function pairAddress(from: string, to: string, kind: string): string {
  return join("pair", from, to) + query({ probe_type: kind === "icmp" ? undefined : kind });
}

export function MapPage() {
  const { query: asked } = usePlace();
  const metric: Metric = isMetric(asked["metric"] ?? "") ? (asked["metric"] as Metric) : "state";
  const order = asked["order"] === "worst" ? "worst" : "name";
  const filter = asked["q"] ?? "";
  const kind = asked["probe_type"];
  const zone = useZone();
  const { at, control } = useMapPast(asked);
  const path = `/api/v1/matrix${query({ metric: metrics[metric].asked, probe_type: kind, at })}`;
  const last = live.read<Matrix>(path).data;
  // A large one is much to send whenever anything changes; the past changes no more.
  const on: EventName[] = at !== undefined ? [] : (last?.regions.length ?? 0) > 60 ? ["agent"] : ["states", "agent"];
  const reading = useLive<Matrix | PastMatrix>(path, { every: at === undefined ? 15_000 : 600_000, on });
  const told = reading.data;
  const matrix = useMemo(() => (told ? asMatrix(told) : null), [told]);
  const regions = useLive<{ regions: Region[] }>("/api/v1/regions", { every: 60_000, on: ["agent"] });
  const labels = useMemo(() => labelsOf(regions.data?.regions ?? []), [regions.data]);
  const known = useMemo(() => labelNames(labels), [labels]);
  const label = known.find((each) => each === asked["group"]);
  // A new metric is shown once its own numbers are there.
  const shown = matrix && matrix.metric === metrics[metric].asked ? metric : ((Object.keys(metrics) as Metric[]).find((each) => metrics[each].asked === matrix?.metric) ?? metric);
  const places = useMemo(() => {
    const all = matrix ? orderOf(matrix, shown, order, filter) : [];
    return label === undefined ? all : byGroup(all, (place) => groupOf(labels, matrix?.regions[place] ?? "", label));
  }, [matrix, shown, order, filter, label, labels]);
  const groups = useMemo(() => (label === undefined ? undefined : places.map((place) => groupOf(labels, matrix?.regions[place] ?? "", label) || `no ${label}`)), [places, label, labels, matrix]);
  const counts = useMemo(() => (matrix ? tally(matrix, shown) : new Map<Level, number>()), [matrix, shown]);
  const worst = useMemo(() => (matrix ? worstCells(matrix, shown, 100) : []), [matrix, shown]);
  const names = useMemo(() => places.map((place) => matrix?.regions[place] ?? ""), [matrix, places]);
  const cell = useCallback((row: number, column: number) => cellOf(matrix!, shown, places[row]!, places[column]!), [matrix, shown, places]);
  const choose = (name: string) => (event: Event) => change({ [name]: (event.currentTarget as HTMLSelectElement).value }, "push");

  return (
    <>
      <h1>
        Map <small>{matrix ? `${matrix.probe_type}, ${count(matrix.regions.length)} regions` : ""}</small>
      </h1>
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
      <Problem what="The map" text={reading.problem} />
      {told && isPast(told) && at !== undefined ? (
        <p class="dim" role="status" data-at={told.at_unix}>
          As it was from {full(told.from_unix, zone)} to {full(told.to_unix, zone)}, in numbers of probes.
        </p>
      ) : null}
      {!matrix ? (
        reading.problem ? null : (
          <Loading what="the map" />
        )
      ) : matrix.regions.length === 0 ? (
        <Notice>No results between regions yet.</Notice>
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
          {places.length === 0 ? (
            <Notice>No region has “{filter}” in its name.</Notice>
          ) : (
            <MatrixGrid
              names={names}
              groups={groups}
              cell={cell}
              href={(from, to) => pairAddress(from, to, matrix.probe_type)}
            />
          )}
          <details class="behind" open={worst.length > 0 && worst.length <= 12}>
            <summary>The worst pairs as a table ({count(worst.length)}{worst.length === 100 ? " and maybe more" : ""})</summary>
            <Scroll label="the worst pairs">
              <table>
                <thead>
                  <tr>
                    <th>From</th>
                    <th>To</th>
                    <th>State</th>
                    <th class="text">{shown === "state" ? (at === undefined ? "Its targets" : "Its probes") : metrics[shown].title}</th>
                  </tr>
                </thead>
                <tbody>
                  {worst.map((cell) => (
                    <tr key={`${cell.from} ${cell.to}`} data-row>
                      <th>{cell.from}</th>
                      <th>
                        <Link href={pairAddress(cell.from, cell.to, matrix.probe_type)}>{cell.to}</Link>
                      </th>
                      <td>
                        <span class={`state ${cell.state}`}>{cell.state.replaceAll("_", " ")}</span>
                      </td>
                      <td class="text">{cell.spoken}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          </details>
        </>
      )}
    </>
  );
}
