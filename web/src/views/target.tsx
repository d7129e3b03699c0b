// One target as all its sources see it.

import { useMemo } from "preact/hooks";

import { agentPage } from "../lib/agent_page.ts";
import { failuresOf, resultKeys, resultView, spanText, worstFirst } from "../lib/evidence.ts";
import { ago, bytes, full, moment, ms, percent, plural, words, type Zone } from "../lib/format.ts";
import { columnOf, dashOf, knownSpans, phasesOf, rangeOf, stacked, successOf, timesOf, timing, troubledFirst, troubles } from "../lib/series.ts";
import { colorsOf } from "../lib/phases.ts";
import { query } from "../lib/url.ts";
import { Command } from "../parts/command.tsx";
import { useFirst } from "../parts/first.tsx";
import { useLive, useNow, usePlace, useZone } from "../parts/hooks.ts";
import { Phases } from "../parts/phases.tsx";
import { Plot } from "../parts/plot.tsx";
import { Strip } from "../parts/strip.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { Absent, Age, Link, Loading, Notice, Problem, Scroll, Section, StateWord } from "../parts/text.tsx";
import type { Agent, Column, History, SourceRow, TargetStory } from "../types.ts";
import { RangeChoice } from "./pair.tsx";
import { AskAgent } from "./probe_now.tsx";
import { TargetCertificates } from "./target_certificates.tsx";

const mostRows = 50;
const mostLanes = 20;
const mostPlotted = 8; // which is how many colours there are

/** A number of a kind's column for people; empty: nothing is to be said. */
function valueText({ key, role, unit }: Column, value: number, now: number): string {
  const name = words(role === "loss" ? "loss" : key.replace(/_(ms|unix)$/, ""));
  if (role === "time") {
    return value > 0 ? `${name} ${ago(value, now)}` : "";
  }
  return `${name} ${unit === "ms" ? ms(value) : unit === "percent" ? percent(value) : unit === "bytes" ? bytes(value) : String(value)}`;
}

/** What the kind measured beside its phases. */
function measured(row: SourceRow, columns: Column[], now: number): string {
  return columns
    .map((column) => {
      const value = row[column.key];
      return column.role !== "phase" && typeof value === "number" ? valueText(column, value, now) : "";
    })
    .filter((text) => text !== "")
    .join(" · ");
}

/** The strips and plots of the sources, those that fail first. */
function OverSources({ past }: { past: History }) {
  const zone = useZone();
  const { step_seconds: step, from_unix: from, to_unix: to } = past;
  const sources = troubledFirst((past.sources ?? []).filter((source) => source.points.length > 0));
  const strips = useFirst(sources, mostLanes, "source");
  const shown = sources.slice(0, mostPlotted);
  const times = timesOf(shown.map((source) => source.points), step);
  return (
    <>
      {strips.shown.map((source) => (
        <div key={source.source_region} class="lane" data-strip={source.source_region}>
          <span>{source.source_region}</span>
          <Strip
            bars={troubles(source.points, step).map((span) => ({ from: span.from, to: span.to, part: Math.max(0.2, span.failed / span.probes), tone: "critical" }))}
            from={from}
            to={to}
            zone={zone}
            label={`Failures seen from ${source.source_region}`}
            known={knownSpans(source.points, step)}
            none="no probe failed"
          />
        </div>
      ))}
      {strips.rest}
      {sources.length > shown.length ? (
        <p class="dim" data-plotted={shown.length}>
          The plots have {shown.length} of {plural(sources.length, "source")}: those first that fail, or failed in this time.
        </p>
      ) : null}
      <div class="plots">
        <Plot
          title="Time by source, median"
          times={times}
          show={ms}
          from={from}
          to={to}
          series={shown.map((source, at) => ({ label: source.source_region, color: `--p${at}`, dash: dashOf(at), values: columnOf(times, source.points, (point) => timing(point)?.p50 ?? null) }))}
        />
        <Plot
          title="Success by source"
          times={times}
          show={(value) => percent(value === null || value === undefined ? null : value * 100)}
          top={1.02}
          from={from}
          to={to}
          series={shown.map((source, at) => ({ label: source.source_region, color: `--p${at}`, dash: dashOf(at), values: columnOf(times, source.points, successOf) }))}
        />
        {shown.map((source) => {
          const phases = phasesOf(source.points);
          if (phases.length === 0) {
            return null;
          }
          const colors = colorsOf(phases).map((color) => `--p${color}`);
          const own = timesOf([source.points], step);
          const sums = stacked(own, source.points, phases);
          return (
            <Plot
              key={source.source_region}
              title={`Phases from ${source.source_region}, stacked`}
              times={own}
              show={ms}
              from={from}
              to={to}
              bands={phases.slice(1).map((_, at) => ({ upper: at + 1, lower: at, color: colors[at + 1]! }))}
              series={phases.map((name, at) => ({ label: name, color: colors[at]!, values: sums[at]!, ...(at === 0 ? { fill: "0.18" } : {}) }))}
            />
          );
        })}
      </div>
    </>
  );
}

function Over({ uid, range }: { uid: string; range: string }) {
  const zone = useZone();
  const past = useLive<History>(`/api/v1/history${query({ uid, from: range })}`, { every: 15_000 });
  if (!past.data) {
    return past.problem ? <Problem what="The past" text={past.problem} /> : <Loading what="the past" />;
  }
  const watched = past.data.watched_since_unix;
  const note = watched && watched > past.data.from_unix ? <p class="dim">It has been kept by itself since {full(watched, zone)}: this page asks for it.</p> : null;
  if (!(past.data.sources ?? []).some((source) => source.points.length > 0)) {
    return <>{note ?? <p class="dim">Nothing was measured in this time.</p>}</>;
  }
  return (
    <div class={past.old ? "old" : ""}>
      {note}
      <OverSources past={past.data} />
    </div>
  );
}

function ResultCells({ row, now, zone }: { row: SourceRow; now: number; zone: Zone }) {
  const results = row.results ?? [];
  const keys = resultKeys(results.map((each) => each.time_unix));
  return (
    <ol class="results" aria-label={`Results from ${row.source_region} ${row.agent}, the newest first`}>
      {results.map((one, at) => {
        const { word, level, text } = resultView(one, now, zone);
        return (
          <li key={keys[at]} class={`cell ${level}`} data-result={one.state} title={text}>
            {word}
          </li>
        );
      })}
    </ol>
  );
}

/** The last results of all sources side by side, the newest first. */
function Results({ sources }: { sources: SourceRow[] }) {
  const now = useNow(60);
  const zone = useZone();
  const told = sources.filter((row) => (row.results ?? []).length > 0);
  const { shown, rest } = useFirst(told, mostLanes, "source");
  if (told.length === 0) {
    return <p class="dim">None is known.</p>;
  }
  return (
    <>
      {shown.map((row) => (
        <div key={`${row.source_region} ${row.agent}`} class="lane">
          <span>
            {row.source_region} <span class="dim">{row.agent}</span>
          </span>
          <ResultCells row={row} now={now} zone={zone} />
        </div>
      ))}
      {rest}
      <p class="dim">The newest first. They are kept of what fails, and for an hour of what somebody looks at here.</p>
    </>
  );
}

function Failures({ sources }: { sources: SourceRow[] }) {
  const now = useNow(10);
  const zone = useZone();
  const all = failuresOf(sources);
  const { shown, rest } = useFirst(all, mostRows, "failure");
  if (all.length === 0) {
    return <p class="dim">None since this server began.</p>;
  }
  return (
    <>
      <Timeline failures={all} failing={sources.filter((row) => row.state === "failing").map((row) => row.source_region)} now={now} zone={zone} />
      <Scroll label="last failures">
        <table class="stack">
          <thead>
            <tr>
              <th>When</th>
              <th>Source</th>
              <th class="num">Results</th>
              <th class="text">What happened</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((run) => (
              <tr key={`${run.source} ${run.agent} ${run.from_unix} ${run.reason}`} data-row data-failure={run.reason ?? ""}>
                <td>{spanText(run, now, zone)}</td>
                <td>{run.source}<div class="dim">{run.agent}</div></td>
                <td class="num" data-label="results">{run.results}</td>
                <td class="text">
                  <StateWord state={run.state} /> {run.reason ? <code>{run.reason}</code> : null} {run.phase ? `in ${run.phase}` : ""}
                  {run.detail ? <div>{run.detail}</div> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {rest}
    </>
  );
}

/** What each source has measured, or why it fails. */
function Sources({ story, sources, pageOf }: { story: TargetStory; sources: SourceRow[]; pageOf: (row: SourceRow) => string | null }) {
  const now = useNow(10);
  const { shown, rest } = useFirst(sources, mostRows, "source");
  return (
    <>
      <Scroll label="sources">
        <table class="stack">
          <thead>
            <tr>
              <th>State</th>
              <th>Source</th>
              <th>Agent</th>
              <th class="text">What was measured, or why it fails</th>
              <th class="num">In a row</th>
              <th class="num">Since</th>
              <th class="num">Failed last</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={`${row.source_region} ${row.agent}`} data-row data-evidence={row.state}>
                <td><StateWord state={row.state} /></td>
                <td>{row.source_region}</td>
                <td><AgentName name={row.agent} page={pageOf(row)} /></td>
                <td class="text">
                  {row.reason ? <div><code>{row.reason}</code> {row.detail}</div> : null}
                  <div class="dim">{measured(row, story.columns, now)}</div>
                  <Phases phases={row.phases_ms} failed={row.phase} />
                </td>
                <td class="num" data-label="results in a row">{row.streak}</td>
                <td class="num" data-label="since"><Age unix={row.since_unix} /></td>
                <td class="num" data-label="failed last"><Age unix={row.failed_unix} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {rest}
    </>
  );
}

function AgentName({ name, page }: { name: string; page: string | null }) {
  return page === null ? <>{name}</> : <a href={page} title="The agent's own page">{name}</a>;
}

export function Target({ uid }: { uid: string }) {
  const now = useNow(10);
  const zone = useZone();
  const { query: asked } = usePlace();
  const range = rangeOf(asked["range"]);
  const found = useLive<TargetStory>(`/api/v1/target/${encodeURIComponent(uid)}`, { every: 10_000, on: ["states", "incident"] });
  const agents = useLive<{ agents: Agent[] }>("/api/v1/agents", { every: 60_000, on: ["agent"] });
  // Its plots are drawn when the past has changed, not whenever something on the page has.
  const past = useMemo(() => <Over uid={uid} range={range} />, [uid, range]);
  const story = found.data;
  if (!story) {
    return <Absent title={`Target ${uid}`} what="the target" problem={found.problem} />;
  }
  const sources = worstFirst(story.sources);
  const bad = sources.filter((row) => row.state === "failing");
  const pageOf = (row: SourceRow) => {
    const agent = agents.data?.agents.find((each) => each.region === row.source_region && each.local_ip === row.agent);
    return agent ? agentPage(agent, location.hostname, `target/${uid}`) : null;
  };
  return (
    <>
      <div class={`sentence ${bad.length > 0 ? "bad" : story.sources.some((row) => row.state !== "ok") ? "warning" : "good"}`}>
        <h1>{story.target}</h1>
        <p>
          {bad.length > 0 ? `Fails from ${bad.length} of ${plural(story.sources.length, "source")} since ${moment(Math.min(...bad.map((row) => row.since_unix ?? now)), now, zone)}` : `${story.sources.filter((row) => row.state === "ok").length} of ${plural(story.sources.length, "source")} see it well`}
          , {story.probe_type} in {story.region}.{" "}
          {story.incidents.map((id) => (
            <Link key={id} href={`/incident/${id}`}>
              incident {id}
            </Link>
          ))}
        </p>
      </div>
      <Problem what="The target" text={found.problem} />
      <Section id="sources" title="From its sources">
        <Sources story={story} sources={sources} pageOf={pageOf} />
      </Section>
      <Section id="ask" title="Probe now">
        <AskAgent story={story} agents={agents.data?.agents ?? []} sources={story.sources} />
      </Section>
      <Section id="results" title="Last results">
        <Results sources={sources} />
      </Section>
      <Section id="failures" title="Last failures">
        <Failures sources={sources} />
      </Section>
      <Section id="past" title="Over time">
        <div class="controls"><RangeChoice value={range} /></div>
        {past}
      </Section>
      <TargetCertificates uid={uid} />
      <Section id="about" title="About it">
        <dl class="facts">
          {story.certificate ? (
            <div>
              <dt>Certificate</dt>
              <dd>{story.certificate.not_after_unix < now ? "ended" : "ends"} <Age unix={story.certificate.not_after_unix} />; <a href="#chain">the whole chain</a></dd>
            </div>
          ) : null}
          <div>
            <dt>Labels</dt>
            <dd>{Object.keys(story.labels).length === 0 ? <span class="dim">none</span> : Object.entries(story.labels).map(([name, value]) => <Link key={name} href={`/targets${query({ [`label.${name}`]: value })}`}>{`${name}=${value}`}</Link>)}</dd>
          </div>
          <div>
            <dt>The same probe by hand</dt>
            <dd><Command type={story.probe_type} kind={story.kind} target={story.target} /></dd>
          </div>
        </dl>
        {story.sources.length === 0 ? <Notice>No source has a result of it.</Notice> : null}
      </Section>
    </>
  );
}
