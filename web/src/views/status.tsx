// A calm page of chosen groups, to be read only: for a wall, or for people who do not operate.

import { groupQuery, groupsOf, type Group } from "../lib/groups.ts";
import { count, plural } from "../lib/format.ts";
import { pushes } from "../lib/live.ts";
import { useLive, usePlace } from "../parts/hooks.ts";
import { Notice } from "../parts/text.tsx";
import type { States } from "../types.ts";

function GroupCard({ group }: { group: Group }) {
  const { data, problem } = useLive<States>(groupQuery(group), { every: 15_000, on: ["states", "agent"], calm: pushes });
  if (problem) {
    return <Notice tone="warning">{group.name}: {problem}</Notice>;
  }
  if (!data) {
    return <p class="dim">{group.name} …</p>;
  }
  const bad = data.states.failing;
  const all = data.matching;
  const known = data.states.ok + data.states.degraded + bad;
  const state = known === 0 ? "stale" : bad === known ? "failing" : bad > 0 || data.states.degraded > 0 ? "degraded" : "ok";
  const text = { ok: "works", degraded: bad > 0 ? "works in part" : "is slower or loses more than usual", failing: "does not work", stale: "is not known" }[state];
  return (
    <article class={`group ${state}`} data-group={group.name} data-state={state}>
      <h2>{group.name}</h2>
      <p>
        <span class={`state ${state}`}>{text}</span>
      </p>
      <p class="dim">
        {bad > 0 ? `${count(bad)} of ${plural(all, "check")} fail` : plural(all, "check")}
      </p>
    </article>
  );
}

export function Status() {
  const { groups, wrong } = groupsOf(usePlace());
  return (
    <>
      <h1>Status</h1>
      {wrong.map((text) => (
        <Notice key={text} tone="warning">
          The group “{text}” cannot be read: it is NAME:FIELD=VALUE,FIELD=VALUE, where a field is region, source_region, probe_type, agent, target or label.NAME.
        </Notice>
      ))}
      {groups.length === 0 ? (
        <Notice>
          The groups stand in the address, as in <code>/status?group=Shop:label.team=shop&amp;group=Europe:region=eu-west</code>.
        </Notice>
      ) : (
        <div class="groups">
          {groups.map((group) => (
            <GroupCard key={JSON.stringify(group)} group={group} />
          ))}
        </div>
      )}
    </>
  );
}
