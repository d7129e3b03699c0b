// One incident with its evidence: who sees what, what happened when, how it was before.

import { addressOf, blame, capital, certificateLink, endOf, faultOf, ofPairs, stripOf } from "../lib/incidents.ts";
import { count, duration, ms, percent, plural, words } from "../lib/format.ts";
import { pushes } from "../lib/live.ts";
import { columnOf, successOf, timesOf, timing } from "../lib/series.ts";
import { incidentsReader } from "../lib/readers.ts";
import { pairAddress, query } from "../lib/url.ts";
import { useLive, useNow, useZone } from "../parts/hooks.ts";
import { Plot } from "../parts/plot.tsx";
import { Strip } from "../parts/strip.tsx";
import { Absent, Address, Age, Link, Loading, Moment, Problem, Scroll, Section, StateWord } from "../parts/text.tsx";
import type { Agent, History, Incident, IncidentList, Side, TargetList } from "../types.ts";
import { Actions, Reason, Tags } from "./incident_card.tsx";

/** The question for the rows of one source and one target of it; a name can be a region's. */
function rowsQuery(of: Incident, source: string | undefined, target: string | undefined, as: "target" | "region"): string {
  return `/api/v1/targets${query({
    probe_type: of.probe_type,
    sort: "state",
    limit: 50,
    ...(of.kind === "target" ? {} : { source_region: source }),
    ...(of.kind === "source" || target === undefined ? {} : { [as]: addressOf(of, target) }),
  })}`;
}

function Evidence({ incident, source, target }: { incident: Incident; source?: string | undefined; target?: string | undefined }) {
  const byName = useLive<TargetList>(rowsQuery(incident, source, target, "target"), { every: 10_000, on: ["states"], calm: pushes });
  const wantsRegion = byName.data !== null && byName.data.matching === 0 && target !== undefined;
  const byRegion = useLive<TargetList>(wantsRegion ? rowsQuery(incident, source, target, "region") : null, { every: 10_000, on: ["states"], calm: pushes });
  const found = wantsRegion ? byRegion : byName;
  if (!found.data) {
    return found.problem ? <Problem what="The evidence" text={found.problem} /> : <Loading what="the evidence" />;
  }
  if (found.data.targets.length === 0) {
    return <p class="dim">Nothing is known of {target ?? source} at present.</p>;
  }
  return (
    <Scroll label={`evidence of ${target ?? source ?? "the incident"}`}>
      <table class="stack">
        <thead>
          <tr>
            <th>State</th>
            <th>Target</th>
            <th>From</th>
            <th>Reason</th>
            <th class="text">What was tried</th>
            <th class="num">Since</th>
          </tr>
        </thead>
        <tbody>
          {found.data.targets.map((row) => (
            <tr key={`${row.uid} ${row.source_region} ${row.agent}`} data-row data-evidence={row.state}>
              <td>
                <StateWord state={row.state} />
              </td>
              <td class="addr">
                <Link href={`/target/${row.uid}`}><Address text={row.target} /></Link>
              </td>
              <td>
                {row.source_region} <span class="dim">{row.agent}</span>
              </td>
              <td>{row.reason ? <code>{row.reason}</code> : null}</td>
              <td class="text">{row.detail}</td>
              <td class="num">
                <Age unix={row.since_unix} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Past({ incident, source, target }: { incident: Incident; source: string; target: string }) {
  const now = useNow(300);
  const hours = Math.min(168, Math.max(1, Math.ceil((now - incident.opened_unix) / 3600) + 1));
  const end = ofPairs(incident) ? { target_region: addressOf(incident, target) === target ? target : incident.labels["region"] } : { target };
  const past = useLive<History>(`/api/v1/history${query({ source_region: source, ...end, probe_type: incident.probe_type, from: `${hours}h` })}`, { every: 30_000 });
  const points = past.data?.points ?? [];
  if (!past.data || points.length === 0) {
    return <p class="dim">{past.problem ? `The history says: ${past.problem}` : "The history has nothing of it yet."}</p>;
  }
  const times = timesOf([points], past.data.step_seconds);
  return (
    <div class="plots">
      <Plot
        title={`Success, ${source} → ${target}`}
        times={times}
        show={(value) => percent(value === null || value === undefined ? null : value * 100)}
        top={1}
        series={[{ label: "success", color: "--ok", values: columnOf(times, points, successOf), fill: "0.15" }]}
      />
      <Plot
        title={`Time, ${source} → ${target}`}
        times={times}
        show={ms}
        series={[
          { label: "p99", color: "--p3", values: columnOf(times, points, (point) => timing(point)?.p99 ?? null) },
          { label: "p50", color: "--p1", values: columnOf(times, points, (point) => timing(point)?.p50 ?? null) },
        ]}
      />
    </div>
  );
}

function ProberAgents({ incident }: { incident: Incident }) {
  const agents = useLive<{ agents: Agent[] }>("/api/v1/agents", { every: 10_000, on: ["agent"] });
  const named = (agents.data?.agents ?? []).filter((agent) => incident.sources.names.some((name) => [agent.region, agent.local_ip, `${agent.region} ${agent.local_ip}`].includes(name)));
  return (
    <ul class="lines">
      {named.map((agent) => (
        <li key={`${agent.region} ${agent.local_ip}`} data-row data-evidence={agent.state}>
          <StateWord state={agent.state} />{" "}
          <Link href={`/agents${query({ q: agent.local_ip })}`}>
            {agent.region} {agent.local_ip}
          </Link>
          <span>{agent.own_faults.map((fault) => `${fault.reason}: ${fault.detail}`).join("; ") || "no fault of its own at present"}</span>
          <span class="dim">
            last seen <Age unix={agent.last_seen_unix} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Evidence for the first few that are named; the rest is a link away. */
function AllEvidence({ incident }: { incident: Incident }) {
  const { sources, targets, kind } = incident;
  if (kind === "prober") {
    return <ProberAgents incident={incident} />;
  }
  const pairs =
    kind === "target"
      ? targets.names.slice(0, 4).map((target) => ({ source: undefined, target }))
      : kind === "source"
        ? sources.names.slice(0, 4).map((source) => ({ source, target: undefined }))
        : sources.names.slice(0, 2).flatMap((source) => targets.names.slice(0, 2).map((target) => ({ source, target })));
  return (
    <>
      {pairs.map(({ source, target }) => (
        <div key={`${source} ${target}`} class="evidence">
          {kind === "path" && incident.ends === "regions" && source && target ? (
            <p>
              <Link href={pairAddress(source, target, incident.probe_type)}>
                {source} → {target}: both directions over time
              </Link>
            </p>
          ) : null}
          <Evidence incident={incident} source={source} target={target} />
        </div>
      ))}
    </>
  );
}

function sideText(side: Side, what: string): string {
  const names = side.names.length < side.affected ? `${side.names.join(", ")} and ${count(side.affected - side.names.length)} more` : side.names.join(", ");
  return `${count(side.affected)} of ${plural(side.of, what)}${side.names.length > 0 ? `: ${names}` : ""}`;
}

export function IncidentPage({ id }: { id: string }) {
  const now = useNow(10);
  const zone = useZone();
  const found = useLive<Incident>(`/api/v1/incidents/${encodeURIComponent(id)}`, { every: 10_000, on: ["incident"] });
  const closed = useLive<IncidentList>("/api/v1/incidents?limit=200&since=24h&state=closed", { every: 60_000, on: ["incident"], read: incidentsReader });
  const one = found.data;
  if (!one) {
    return <Absent title={`Incident ${id}`} what="the incident" problem={found.problem} />;
  }
  const lasted = (one.closed_unix ?? now) - one.opened_unix;
  const source = one.sources.names[0];
  const target = one.targets.names[0];
  const certificate = certificateLink(one);
  return (
    <article data-incident={one.closed_unix === null ? one.kind : undefined} data-id={one.id}>
      <div class={`sentence ${one.closed_unix !== null ? "neutral" : one.severity === "critical" ? "bad" : "warning"}`}>
        <h1>{capital(one.summary)}</h1>
        <p>
          {one.closed_unix === null ? "For" : "Closed; it lasted"} {duration(lasted)}, since <Moment unix={one.opened_unix} />. {blame(one)}
        </p>
      </div>
      <p class="actions">
        <Tags incident={one} />
        {one.closed_unix === null ? <Actions incident={one} /> : null}
        {one.merged_into ? <Link href={`/incident/${one.merged_into}`}>merged into incident {one.merged_into}</Link> : null}
      </p>
      <dl class="facts">
        <div>
          <dt>At fault</dt>
          <dd>{faultOf[one.kind]}</dd>
        </div>
        <div>
          <dt>Severity</dt>
          <dd>{one.severity}</dd>
        </div>
        {one.sources.of > 0 ? (
          <div>
            <dt>Sources</dt>
            <dd>{sideText(one.sources, endOf(one, "source"))}</dd>
          </div>
        ) : null}
        <div>
          <dt>Targets</dt>
          <dd>
            {sideText(one.targets, endOf(one, "target"))}
          </dd>
        </div>
        <div>
          <dt>Why</dt>
          <dd>
            <Reason incident={one} />
          </dd>
        </div>
        {certificate ? (
          <div>
            <dt>Certificate</dt>
            <dd>
              <Link href={certificate.href}>with its chain, and who sees it</Link>
            </dd>
          </div>
        ) : null}
        {Object.keys(one.labels).length > 0 ? (
          <div>
            <dt>Labels</dt>
            <dd>{Object.entries(one.labels).map(([name, value]) => <code key={name} class="label">{`${name}=${value}`}</code>)}</dd>
          </div>
        ) : null}
      </dl>
      <Strip bars={stripOf(one, closed.data?.incidents ?? [], now).map((span) => ({ ...span, tone: span.severity }))} from={now - 86_400} to={now} zone={zone} label="The last 24 hours" />
      <Section id="evidence" title="Evidence">
        <AllEvidence incident={one} />
      </Section>
      {source && target && one.kind !== "prober" ? (
        <Section id="past" title="Over time">
          <Past incident={one} source={source} target={target} />
        </Section>
      ) : null}
      <Section id="timeline" title="What happened">
        <ol class="timeline">
          {(one.timeline ?? []).map((entry, at) => (
            <li key={at}>
              <Moment unix={entry.at_unix} /> <b>{words(entry.event)}</b> {entry.text}{" "}
              <span class="dim">
                ({endOf(one, "source") === "source" ? `${plural(entry.sources, "source")}, ${plural(entry.targets, "target")}` : `${plural(entry.sources, endOf(one, "source"))} as sources, ${entry.targets} as targets`})
              </span>
            </li>
          ))}
        </ol>
      </Section>
    </article>
  );
}
