// A plot over time, with the table behind it for those who cannot see it.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

import { full } from "../lib/format.ts";
import { whenIdle } from "../lib/idle.ts";
import { theme } from "../lib/session.ts";
import { dashName, mostTableRows, tableText, type Column } from "../lib/series.ts";
import { useDark, useShared, useZone } from "./hooks.ts";

export interface PlotSeries {
  label: string;
  values: Column;
  /** A custom property of the style sheet, as "--p0". */
  color: string;
  fill?: string;
  width?: number;
  dash?: number[];
}

export interface PlotProps {
  title: string;
  times: number[];
  series: PlotSeries[];
  show: (value: number | null | undefined) => string;
  /** Pairs of series, upper and lower, between which it is filled. */
  bands?: { upper: number; lower: number; color: string }[];
  height?: number;
  /** The largest value of the axis, where it is known. */
  top?: number;
  /** The axis reaches at least so far. */
  atLeast?: number;
  from?: number;
  to?: number;
}

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "gray";
}

function translucent(color: string, part: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(part * 100)}%, transparent)`;
}

/** Times of an axis in 24 hours; the day where it is another than before. */
function axisTime(at: number, before: number | undefined, step: number, zone: "local" | "utc"): string {
  const [day, time] = full(at, zone).split(" ") as [string, string];
  const shown = step < 60 ? time : time.slice(0, 5);
  if (step >= 86_400) {
    return day.slice(5);
  }
  return before !== undefined && full(before, zone).startsWith(day) ? shown : `${shown}\n${day.slice(5)}`;
}

/** Pixels of an axis with these texts beside it: ticks, a gap, and the longest. */
function axisWidth(shown: string[] | null): number {
  return Math.max(62, 20 + 7 * Math.max(0, ...(shown ?? []).map((text) => text?.length ?? 0)));
}

function optionsOf(props: PlotProps, width: number, zone: "local" | "utc"): uPlot.Options {
  const dim = colorOf("--dim");
  const line = colorOf("--line");
  const axis = { stroke: dim, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
  return {
    width,
    height: props.height ?? 180,
    tzDate: (seconds) => (zone === "utc" ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") : new Date(seconds * 1000)),
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    legend: { live: true, markers: { dash: (_plot, line) => dashName(props.series[line - 1]?.dash) } },
    scales: {
      x: { time: true, ...(props.from !== undefined && props.to !== undefined ? { range: [props.from, props.to] as [number, number] } : {}) },
      y: { range: (_plot, _low, high) => [0, props.top ?? Math.max((high ?? 0) * 1.1, props.atLeast ?? (high ? 1e-6 : 1))] },
    },
    axes: [
      { ...axis, space: 70, values: (_plot, splits, _axis, _space, step) => splits.map((at, place) => axisTime(at, splits[place - 1], step, zone)) },
      { ...axis, size: (_plot, shown) => axisWidth(shown), values: (_plot, splits) => splits.map((value) => props.show(value)) },
    ],
    series: [
      { label: "time", value: (_plot, at) => (at === null || at === undefined ? "–" : full(at, zone)) },
      ...props.series.map((each): uPlot.Series => ({
        label: each.label,
        stroke: colorOf(each.color),
        width: each.width ?? 1.5,
        points: { show: props.times.length < 40, size: 4 },
        spanGaps: false,
        ...(each.fill ? { fill: translucent(colorOf(each.color), Number(each.fill)) } : {}),
        ...(each.dash ? { dash: each.dash } : {}),
        value: (_plot, value) => props.show(value),
      })),
    ],
    bands: (props.bands ?? []).map((band) => ({
      series: [band.upper + 1, band.lower + 1] as [number, number],
      fill: translucent(colorOf(band.color), 0.18),
    })),
  };
}

export function Plot(props: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zone = useZone();
  const shade = `${useShared(theme)} ${useDark()}`;
  const data = [props.times, ...props.series.map((each) => each.values)] as uPlot.AlignedData;
  const latest = useRef({ props, data });
  latest.current = { props, data };
  const height = props.height ?? 180;
  const shape = JSON.stringify([props.series.map((each) => [each.label, each.color, each.dash]), props.bands, props.top, zone, shade, props.height, props.times.length < 40]);

  useEffect(() => {
    const at = box.current;
    if (!at) {
      return undefined;
    }
    let fitted: ResizeObserver | undefined;
    // A page of ten plots is there before they are drawn, one after the other.
    const callOff = whenIdle(() => {
      const { props: now, data: values } = latest.current;
      const made = new uPlot(optionsOf(now, Math.max(200, at.clientWidth), zone), values, at);
      plot.current = made;
      fitted = new ResizeObserver(() => made.setSize({ width: Math.max(200, at.clientWidth), height }));
      fitted.observe(at);
    });
    return () => {
      callOff();
      fitted?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    const made = plot.current;
    if (made) {
      made.setData(data, props.from === undefined);
      if (props.from !== undefined && props.to !== undefined) {
        made.setScale("x", { min: props.from, max: props.to });
      }
    }
  });

  const [open, setOpen] = useState(false); // the table is there when somebody looks at it
  const rows = open ? props.times.map((time, at) => ({ time, at })).filter(({ at }) => props.series.some((each) => (each.values[at] ?? null) !== null)) : [];
  return (
    <figure class="plot">
      <figcaption>{props.title}</figcaption>
      <div class="canvas" ref={box} style={{ minHeight: height }} aria-hidden="true" />
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{props.title}: as a table</summary>
        <div class="scroll" role="region" aria-label={`${props.title}, table`} tabIndex={0}>
          <table>
            {open ? <caption>{tableText(rows.length)}</caption> : null}
            <thead>
              <tr>
                <th>Time</th>
                {props.series.map((each) => (
                  <th key={each.label} class="num">
                    {each.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(-mostTableRows).reverse().map(({ time, at }) => (
                <tr key={time}>
                  <th>{full(time, zone)}</th>
                  {props.series.map((each) => (
                    <td key={each.label} class="num">
                      {props.show(each.values[at])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
