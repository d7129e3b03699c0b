// Two regions, both directions side by side.

import { ms, percent, plural } from "../lib/format.ts";
import { pushes } from "../lib/live.ts";
import { columnOf, rangeOf, ranges, knownSpans, successOf, timesOf, timing, troubles } from "../lib/series.ts";
import { change } from "../lib/session.ts";
import { join, query } from "../lib/url.ts";
import { useLive, usePlace, useZone } from "../parts/hooks.ts";
import { Plot } from "../parts/plot.tsx";
import { Strip } from "../parts/strip.tsx";
import { Address, Age, Link, Loading, Num, Problem, Scroll, Section, StateWord } from "../parts/text.tsx";
import type { PairHistory, TargetList } from "../types.ts";

export function RangeChoice({ value }: { value: string }) {
  return (
    <div class="choice" role="group" aria-label="Time">
      {Object.entries(ranges).map(([name, text]) => (
        <button key={name} type="button" aria-pressed={name === value} onClick={() => change({ range: name })}>
          {text}
        </button>
      ))}
    </div>
  );
}

interface Asked {
  from: string;
  to: string;
  /** As the address names it; without one the answer is of the kind that agents probe each other with. */
  kind: string | undefined;
  range: string;
}

function usePast({ from, to, kind, range }: Asked) {
  return useLive<PairHistory>(`/api/v1/history${query({ source_region: from, target_region: to, probe_type: kind, from: range })}`, { every: 15_000 });
}

function Direction(asked: Asked) {
  const { from, to } = asked;
  const zone = useZone();
  const past = usePast(asked);
  const kind = asked.kind ?? past.data?.probe_type;
  const rows = useLive<TargetList>(kind === undefined ? null : `/api/v1/targets${query({ source_region: from, region: to, probe_type: kind, sort: "state", limit: 50 })}`, { every: 10_000, on: ["states"], calm: pushes });
  const points = past.data?.points ?? [];
  const step = past.data?.step_seconds ?? 15;
  const times = timesOf([points], step);
  const bars = troubles(points, step).map((span) => ({ from: span.from, to: span.to, part: Math.max(0.2, span.failed / span.probes), tone: "critical" }));
  return (
    <Section id={`direction-${from === to ? "same" : from}`} title={`${from} → ${to}`} note={rows.data ? plural(rows.data.matching, "target") : ""}>
      <Problem what="The past" text={past.problem} />
      {!past.data ? (
        past.problem ? null : <Loading what="the past" />
      ) : points.length === 0 ? (
        <p class="dim">Nothing was measured in this time.</p>
      ) : (
        <div class={past.old ? "old" : ""}>
          <Strip bars={bars} from={past.data.from_unix} to={past.data.to_unix} zone={zone} label="Probes that failed" none="no probe failed" known={knownSpans(points, step)} />
          <Plot
            title="RTT: least, median, 99th percentile"
            times={times}
            show={ms}
            from={past.data.from_unix}
            to={past.data.to_unix}
            bands={[{ upper: 0, lower: 2, color: "--p1" }]}
            series={[
              { label: "p99", color: "--p3", width: 1, values: columnOf(times, points, (point) => timing(point)?.p99 ?? null) },
              { label: "p50", color: "--p1", width: 2, values: columnOf(times, points, (point) => timing(point)?.p50 ?? null) },
              { label: "min", color: "--p2", width: 1, values: columnOf(times, points, (point) => timing(point)?.min ?? null) },
            ]}
          />
          <Plot
            title="Loss and failures"
            times={times}
            show={percent}
            height={120}
            atLeast={1}
            from={past.data.from_unix}
            to={past.data.to_unix}
            series={[
              { label: "loss", color: "--bad", fill: "0.25", values: columnOf(times, points, (point) => point.loss_percent ?? null) },
              { label: "probes that failed", color: "--warn", dash: [4, 3], values: columnOf(times, points, (point) => { const part = successOf(point); return part === null ? null : 100 * (1 - part); }) },
            ]}
          />
        </div>
      )}
      <Problem what="The targets" text={rows.problem} />
      {rows.data && rows.data.targets.length > 0 ? (
        <Scroll label={`targets from ${from} to ${to}`}>
          <table class="stack">
            <thead>
              <tr>
                <th>State</th>
                <th>Target</th>
                <th>Agent</th>
                <th class="num">RTT</th>
                <th class="num">Loss</th>
                <th class="text">Why</th>
                <th class="num">Since</th>
              </tr>
            </thead>
            <tbody>
              {rows.data.targets.map((row) => (
                <tr key={`${row.uid} ${row.agent}`} data-row>
                  <td><StateWord state={row.state} /></td>
                  <td class="addr"><Link href={`/target/${row.uid}`}><Address text={row.target} /></Link></td>
                  <td data-label="by">{row.agent}</td>
                  <td class="num" data-label="RTT"><Num value={row.time_ms} as={ms} /></td>
                  <td class="num" data-label="loss"><Num value={row.loss_percent} as={percent} /></td>
                  <td class="text">{row.reason ? <code>{row.reason}</code> : null} {row.detail}</td>
                  <td class="num"><Age unix={row.since_unix} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
      {rows.data?.next ? <p><Link href={`/targets${query({ source_region: from, region: to, probe_type: kind })}`}>all {rows.data.matching}</Link></p> : null}
    </Section>
  );
}

export function Pair({ from, to }: { from: string; to: string }) {
  const { query: asked } = usePlace();
  const range = rangeOf(asked["range"]);
  const kind = asked["probe_type"];
  const told = usePast({ from, to, kind, range }); // as the first direction asks: it is one question
  return (
    <>
      <h1>
        {from} ⇄ {to} <small>{kind ?? told.data?.probe_type}</small>
      </h1>
      <div class="controls">
        <RangeChoice value={range} />
        <Link href={join("map") + query({ probe_type: kind })}>to the map</Link>
      </div>
      <div class="halves">
        <Direction key={`${from} ${to}`} from={from} to={to} kind={kind} range={range} />
        {from === to ? null : <Direction key={`${to} ${from}`} from={to} to={from} kind={kind} range={range} />}
      </div>
    </>
  );
}
