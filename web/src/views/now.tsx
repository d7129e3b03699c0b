// The server's first page: what is wrong, since when, where, whose fault it is.

import { useMemo, useState } from "preact/hooks";

import { byClosing, byWeight, earlierOnes, kindNames, sentenceOf, stripOf, type Overview } from "../lib/incidents.ts";
import { count, ms, percent } from "../lib/format.ts";
import { pushes } from "../lib/live.ts";
import { orOutdated } from "../lib/outdated.ts";
import { incidentsReader } from "../lib/readers.ts";
import { headlineOf, noAnswer } from "../lib/title.ts";
import { query } from "../lib/url.ts";
import { serverAilments } from "../lib/health.ts";
import { useFirst } from "../parts/first.tsx";
import { useDrawn, useLive, useNow, useStats, useZone } from "../parts/hooks.ts";
import { Strip } from "../parts/strip.tsx";
import { Address, Age, Ailments, Link, Loading, Num, Problem, Scroll, Section, StateWord, Told } from "../parts/text.tsx";
import { Headline } from "../parts/title.tsx";
import type { Agent, Incident, IncidentKind, IncidentList, Mute, Stats, TargetList, TargetRow } from "../types.ts";
import { FirstAgent, FirstTargets, refusedOf } from "./first_steps.tsx";
import { IncidentCard } from "./incident_card.tsx";
import { Mutes } from "./mutes.tsx";

const soon = 15_000;
const past = 10_000; // nobody waits for what is over
const none: Incident[] = [];
const mostCards = 30; // of a kind
const mostOpen = 1000; // which is what the program gives at once

function openOf(stats: Stats | null): number {
  const open = (stats?.["incidents"] as { open?: unknown } | undefined)?.open;
  return typeof open === "number" ? open : 0;
}

const aCheck = "A check is a target as one source sees it";

function Tile({ label, value, href, tone, note, title }: { label: string; value: number | null | undefined; href: string; tone: string; note?: string; title?: string }) {
  return (
    <Link class={`tile ${value ? tone : ""}`} href={href} {...(title ? { title } : {})}>
      <small>{label}</small>
      <b>
        <Num value={value} />
      </b>
      {note ? <em>{note}</em> : null}
    </Link>
  );
}

function LostAgents({ agents }: { agents: Agent[] }) {
  const { shown, rest } = useFirst(agents, 20, "agent");
  if (agents.length === 0) {
    return null;
  }
  return (
    <Section id="lost" title="Lost agents" note={<Link href="/agents?state=lost">{`all ${count(agents.length)}`}</Link>}>
      <ul class="lines">
        {shown.map((agent) => (
          <li key={`${agent.region} ${agent.local_ip}`} data-row>
            <StateWord state="lost" />{" "}
            <Link href={`/agents${query({ q: agent.local_ip })}`}>
              {agent.region} {agent.local_ip}
            </Link>
            <span class="dim">
              last seen <Age unix={agent.last_seen_unix} />
            </span>
          </li>
        ))}
      </ul>
      {rest}
    </Section>
  );
}

function Rows({ rows, time }: { rows: TargetRow[]; time: boolean }) {
  return (
    <Scroll label="targets">
      <table class="stack">
        <thead>
          <tr>
            <th>State</th>
            <th>Target</th>
            <th>From</th>
            {time ? <th class="num">Time</th> : null}
            {time ? <th class="num">Usually</th> : null}
            {time ? <th class="num">Loss</th> : null}
            <th class="num">Since</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.uid} ${row.source_region} ${row.agent}`} data-row>
              <td>
                <StateWord state={row.state} />
              </td>
              <td class="addr">
                <Link href={`/target/${row.uid}`}><Address text={row.target} /></Link>
              </td>
              <td>{row.source_region}</td>
              {time ? (
                <td class="num" data-label="time">
                  <Num value={row.time_ms} as={ms} />
                </td>
              ) : null}
              {time ? (
                <td class="num" data-column="usual" data-label="usually">
                  <Num value={row.usual_ms} as={ms} />
                </td>
              ) : null}
              {time ? (
                <td class="num" data-label="loss">
                  {row.loss_percent === null ? null : <Num value={row.loss_percent} as={percent} />}
                </td>
              ) : null}
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

/** `more`: there are others, which were not asked for. */
function Closed({ incidents, more }: { incidents: Incident[]; more: boolean }) {
  const { shown, rest } = useFirst(incidents, 8, "incident");
  return (
    <Section id="closed" title="Recently closed" note={`in the last 24 h: ${count(incidents.length)}${more ? " and more" : ""}`}>
      <ul class="lines">
        {shown.map((one) => (
          <li key={one.id} data-row>
            <span class="state closed">{one.flapping ? "flapping" : "closed"}</span>{" "}
            <Link href={`/incident/${one.id}`}>{one.summary}</Link>
            <span class="dim">
              closed <Age unix={one.closed_unix} />
            </span>
          </li>
        ))}
      </ul>
      {rest}
    </Section>
  );
}

/** What opens and closes again and again, each with its last day. `earlier`: among which the same of before is. */
function Flapping({ incidents, earlier }: { incidents: Incident[]; earlier: Incident[] }) {
  const now = useNow(10);
  const zone = useZone();
  const { shown, rest } = useFirst(incidents, 10, "incident");
  if (incidents.length === 0) {
    return null;
  }
  return (
    <Section id="flapping" title="Flapping lately" note={count(incidents.length)}>
      <ul class="lines">
        {shown.map((one) => (
          <li key={one.id} data-row>
            <span class="state flapping">flapping</span> <Link href={`/incident/${one.id}`}>{one.summary}</Link>
            <span class="dim">
              {one.closed_unix === null ? "open since " : "closed "}
              <Age unix={one.closed_unix ?? one.opened_unix} />
            </span>
            <div class="wide">
              <Strip bars={stripOf(one, earlier, now).map((span) => ({ ...span, tone: span.severity }))} from={now - 86_400} to={now} zone={zone} label="The last 24 hours" />
            </div>
          </li>
        ))}
      </ul>
      {rest}
    </Section>
  );
}

/** Incidents of a kind: the gravest at once, the others when somebody wants them. */
function Cards({ all, closed }: { all: Incident[]; closed: Incident[] }) {
  const [whole, show] = useState(false);
  // A card is drawn anew when its own incident has changed, not whenever something on the page has.
  const cards = useDrawn(
    whole ? all : all.slice(0, mostCards),
    (incident) => incident.id,
    (incident) => ({ incident, earlier: earlierOnes(incident, closed) }),
    (incident, { earlier }) => <IncidentCard key={incident.id} incident={incident} earlier={earlier} />,
  );
  return (
    <>
      <div class="cards">{cards}</div>
      {!whole && all.length > mostCards ? (
        <p>
          <button type="button" data-more onClick={() => show(true)}>
            Show the other {count(all.length - mostCards)}
          </button>
        </p>
      ) : null}
    </>
  );
}

export function Now() {
  const now = useNow(10);
  const zone = useZone();
  const open = useLive<IncidentList>(`/api/v1/incidents?limit=${mostOpen}&state=open&sort=severity`, { every: soon, on: ["incident"], read: incidentsReader });
  const closed = useLive<IncidentList>("/api/v1/incidents?limit=200&since=24h&state=closed", { every: 60_000, on: ["incident"], calm: past, read: incidentsReader });
  const agents = useLive<{ agents: Agent[] }>("/api/v1/agents", { every: soon, on: ["agent"] });
  const mutes = useLive<{ mutes: Mute[] }>("/api/v1/mutes", { every: 60_000 });
  const stats = useStats(soon);
  const failing = useLive<TargetList>(`/api/v1/targets${query({ state: "failing", limit: 1 })}`, { every: soon, on: ["states", "agent"], calm: pushes });
  const degraded = useLive<TargetList>(`/api/v1/targets${query({ state: "degraded", limit: 10, sort: "since" })}`, { every: soon, on: ["states", "agent"], calm: pushes });
  const silent = useLive<TargetList>(`/api/v1/targets${query({ state: "never,stale,prober_fault", limit: 10, sort: "state" })}`, { every: soon, on: ["states", "agent"], calm: pushes });
  // What is neither is well: to look for the first of them all the others would have to be passed by.
  const total = failing.data?.total ?? null;
  const ill = failing.data && degraded.data && silent.data ? failing.data.matching + degraded.data.matching + silent.data.matching : null;
  const well = total === null || ill === null ? null : Math.max(0, total - ill);
  const lost = (agents.data?.agents ?? []).filter((agent) => agent.state === "lost");
  const present = (agents.data?.agents ?? []).filter((agent) => agent.state !== "left");
  const incidents = useMemo(() => [...(open.data?.incidents ?? [])].sort(byWeight), [open.data]);
  const groups = useMemo(
    () =>
      (["target", "path", "source", "prober"] as IncidentKind[])
        .map((kind) => ({ kind, all: incidents.filter((one) => one.kind === kind) }))
        .filter((group) => group.all.length > 0)
        .sort((a, b) => byWeight(a.all[0]!, b.all[0]!)),
    [incidents],
  );
  // The worst are there at once; how many there are in all the program counts itself.
  const openAll = !open.data ? null : open.data.next ? Math.max(incidents.length, openOf(stats.data)) : incidents.length;
  const muted = incidents.filter((one) => one.muted).length;
  const flapping = [...incidents, ...(closed.data?.incidents ?? [])].filter((one) => one.flapping);

  if (!open.data && !open.problem) {
    return <Loading what="what is wrong" />;
  }
  const overview: Overview = {
    incidents,
    more: (openAll ?? 0) - incidents.length,
    lostAgents: lost.map((agent) => agent.region),
    checks: total,
    agents: agents.data ? present.length : null,
    failing: failing.data?.matching ?? null,
    silent: silent.data?.matching ?? null,
    degraded: degraded.data?.matching ?? null,
  };
  // An incident that is told stands for itself; that nothing is wrong is known of all together.
  const sources = incidents.length > 0 ? [open] : [open, agents, failing, degraded, silent];
  const told = sentenceOf(overview, now, zone);
  const sentence = open.data ? orOutdated(told, sources, now, zone) : { tone: "warning" as const, head: "What is wrong cannot be said now.", rest: open.problem ?? "" };

  return (
    <>
      <Headline text={sentence === told ? headlineOf(overview) : noAnswer} />
      <Told sentence={sentence} />
      {agents.data && present.length === 0 ? <FirstAgent refused={refusedOf(stats.data)} /> : agents.data && total === 0 && incidents.length === 0 ? <FirstTargets /> : null}
      {present.length === 0 && total === 0 && incidents.length === 0 ? null : (
        <nav class="tiles" aria-label="Checks by state">
          <Tile label="Open incidents" value={openAll} href="#incidents" tone="bad" {...(muted > 0 ? { note: `${count(muted)} muted` } : {})} />
          <Tile label="Checks failing" value={failing.data?.matching} href="/targets?state=failing" tone="bad" title={aCheck} />
          <Tile label="Degraded" value={degraded.data?.matching} href="/targets?state=degraded" tone="warning" />
          <Tile label="Nothing known" value={silent.data?.matching} href="/targets?state=never,stale,prober_fault" tone="warning" />
          <Tile label="Well" value={well} href="/targets?state=ok" tone="good" />
          <Tile label="Agents" value={agents.data ? present.length : null} href="/agents" tone={lost.length > 0 ? "partly" : "good"} {...(lost.length > 0 ? { note: `${count(lost.length)} lost` } : {})} />
        </nav>
      )}
      <Problem what="Incidents" text={open.problem} />
      <Problem what="Agents" text={agents.problem} />
      <Problem what="States" text={failing.problem} />
      <Ailments all={stats.data ? serverAilments(stats.data) : []} />
      <div id="incidents" class="sections">
        {groups.map((group) => (
          <Section key={group.kind} id={`incidents-${group.kind}`} title={kindNames[group.kind]} note={count(group.all.length)}>
            <Cards all={group.all} closed={closed.data?.incidents ?? none} />
          </Section>
        ))}
      </div>
      {open.data?.next ? <p class="dim">There are more incidents than the {count(mostOpen)} worst, which are shown.</p> : null}
      <div class="sections">
        <LostAgents agents={lost} />
        {silent.data && silent.data.matching > 0 ? (
          <Section id="silent" title="Configured, and nothing is known" note={<Link href="/targets?state=never,stale,prober_fault">{`all ${count(silent.data.matching)}`}</Link>}>
            <Rows rows={silent.data.targets} time={false} />
          </Section>
        ) : null}
        <Flapping incidents={flapping} earlier={closed.data?.incidents ?? none} />
        {degraded.data && degraded.data.matching > 0 ? (
          <Section id="degraded" title="Lossy, or slower than usual" note={<Link href="/targets?state=degraded&sort=since">{`all ${count(degraded.data.matching)}`}</Link>}>
            <Rows rows={degraded.data.targets} time={true} />
          </Section>
        ) : null}
        {closed.data && closed.data.incidents.length > 0 ? <Closed incidents={byClosing(closed.data.incidents)} more={closed.data.next !== null} /> : null}
        <Mutes mutes={(mutes.data?.mutes ?? []).filter((one) => one.active)} />
      </div>
    </>
  );
}
