// The status of chosen groups as the server's configuration has them, for everybody: it asks for
// /api/v1/status and nothing else.

import { count } from "../lib/format.ts";
import { dayText, daysText, toneOfDay } from "../lib/status.ts";
import { useLive, useZone } from "../parts/hooks.ts";
import { Strip } from "../parts/strip.tsx";
import { Age, Loading, Moment, Notice } from "../parts/text.tsx";
import type { StatusGroup, StatusPage } from "../types.ts";

function Incidents({ group }: { group: StatusGroup }) {
  return group.incidents.length === 0 ? null : (
    <ul>
      {group.incidents.map((one) => (
        <li key={`${one.since_unix} ${one.sentence}`} data-open-incident>
          {one.sentence} Since <Moment unix={one.since_unix} />
          {one.acknowledged ? ", somebody looks after it" : null}
          {one.targets.length > 0 ? `: ${one.targets.join(", ")}` : ""}
        </li>
      ))}
    </ul>
  );
}

function GroupArticle({ group, now }: { group: StatusGroup; now: number }) {
  const zone = useZone();
  const known = group.known_24h.map((span) => ({ from: span.from_unix, to: span.to_unix }));
  const bars = group.last_24h.map((span) => ({ from: span.from_unix, to: span.to_unix, part: 1, tone: span.severity }));
  return (
    <article class={`group ${group.state}`} data-group={group.name} data-state={group.state}>
      <h2>{group.name}</h2>
      <p>
        <span class={`state ${group.state}`}>{group.words}</span>{" "}
        {group.since_unix ? (
          <span class="dim">
            since <Moment unix={group.since_unix} /> (<Age unix={group.since_unix} />)
          </span>
        ) : null}
      </p>
      <p class="dim">
        {group.checks.failing > 0 ? (
          <>
            <data value={String(group.checks.failing)}>{count(group.checks.failing)}</data> of{" "}
          </>
        ) : null}
        <data value={String(group.checks.of)}>{count(group.checks.of)}</data> {group.checks.of === 1 ? "check" : "checks"}
        {group.checks.failing > 0 ? " fail" : null}
      </p>
      <Incidents group={group} />
      <Strip bars={bars} known={known} none={known.length === 0 ? "no data" : "nothing wrong"} from={now - 86_400} to={now} zone={zone} label={`${group.name}, the last 24 hours`} />
      <ol class="days" aria-label={`${group.name}, the last ${group.days.seconds.length} days`}>
        {group.days.seconds.map((seconds, at) => (
          <li key={at} class={toneOfDay(seconds, group.days.known_seconds[at] ?? 0)} title={dayText(group.days, at)}>
            <span>{dayText(group.days, at)}</span>
          </li>
        ))}
      </ol>
      <p class="dim">{daysText(group.days)}</p>
    </article>
  );
}

export function PublicStatus() {
  const { data, problem } = useLive<StatusPage>("/api/v1/status", { every: 15_000 });
  return (
    <>
      <h1>{data?.title || "Status"}</h1>
      {problem ? <Notice tone="warning">{problem}</Notice> : null}
      {data && data.groups.length === 0 ? <Notice>No groups are shown here.</Notice> : null}
      {data ? (
        <div class="groups">
          {data.groups.map((group) => (
            <GroupArticle key={group.name} group={group} now={data.time_unix} />
          ))}
        </div>
      ) : problem ? null : (
        <Loading what="the status" />
      )}
    </>
  );
}
