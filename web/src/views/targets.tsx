// All targets: the server filters, sorts and cuts, the address holds the question.

import { useEffect, useState } from "preact/hooks";

import { count, ms, percent } from "../lib/format.ts";
import { pushes } from "../lib/live.ts";
import { change } from "../lib/session.ts";
import { readFilter, targetsQuery, writeFilter } from "../lib/url.ts";
import { useDrawn, useLive, usePlace } from "../parts/hooks.ts";
import { Address, Age, Link, Loading, Notice, Num, Problem, Scroll, StateWord } from "../parts/text.tsx";
import type { State, TargetList, TargetRow } from "../types.ts";

const states: State[] = ["failing", "degraded", "prober_fault", "stale", "never", "ok"];
const sorts: Record<string, string> = { target: "Target", state: "State", since: "Since", agent: "Agent", time: "Measured" };

function Head({ name, sort, number }: { name: string; sort: string; number?: boolean }) {
  const down = sort === `-${name}`;
  const on = sort === name || down;
  return (
    <th class={number ? "num" : ""} aria-sort={on ? (down ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort" onClick={() => change({ sort: on && !down ? `-${name}` : name, cursor: undefined })}>
        {sorts[name]} {on ? (down ? "↓" : "↑") : null}
      </button>
    </th>
  );
}

function Filter({ query }: { query: Record<string, string> }) {
  const written = writeFilter(query);
  const [text, setText] = useState(written);
  useEffect(() => {
    setText((before) => (writeFilter(readFilter(before)) === written ? before : written));
  }, [written]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const cleared: Record<string, undefined> = {};
      for (const name of Object.keys(query)) {
        if (name.startsWith("label.") || ["q", "source_region", "region", "probe_type", "agent", "reason", "target"].includes(name)) {
          cleared[name] = undefined;
        }
      }
      if (writeFilter(readFilter(text)) !== written) {
        change({ ...cleared, ...readFilter(text), cursor: undefined }, "replace");
      }
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="grow">
      Filter{" "}
      <input type="search" data-filter value={text} placeholder="part of a name · team=shop · region:eu · reason:refused" onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}

/** All that is seen of a row: its results are newer each time. `loss`: whether there is a column for it. */
function seenOf(row: TargetRow, loss: boolean) {
  const { uid, target, source_region, agent, region, probe_type, state, reason, detail, since_unix } = row;
  return { uid, target, source_region, agent, region, probe_type, state, reason, detail, since_unix, time: row.time_ms, lost: loss ? row.loss_percent : undefined };
}

type Seen = ReturnType<typeof seenOf>;

const keyOf = (row: { uid: string; source_region: string; agent: string }) => `${row.uid} ${row.source_region} ${row.agent}`;

function drawRow(row: Seen) {
  const { time, lost } = row;
  return (
    <tr key={keyOf(row)} data-row data-state={row.state}>
      <td><StateWord state={row.state} /></td>
      <td class="addr"><Link href={`/target/${row.uid}`}><Address text={row.target} /></Link></td>
      <td class="place" data-label="from">{row.source_region}</td>
      <td class="place">{row.agent}</td>
      <td class="place" data-label="in">{row.region}</td>
      <td class="place">{row.probe_type}</td>
      <td class="num"><Num value={time} as={ms} /></td>
      {lost === undefined ? null : <td class="num" data-label="loss">{lost === null ? null : <Num value={lost} as={percent} />}</td>}
      <td class="text">{row.reason ? <code>{row.reason}</code> : null} {row.detail}</td>
      <td class="num"><Age unix={row.since_unix} /></td>
    </tr>
  );
}

export function Targets() {
  const place = usePlace();
  const asked = place.query;
  const sort = asked["sort"] ?? "target";
  const found = useLive<TargetList>(targetsQuery(place), { every: 10_000, on: ["states", "agent"], calm: pushes });
  const chosen = (asked["state"] ?? "").split(",").filter((each) => each !== "");
  const toggle = (state: string) => {
    const next = chosen.includes(state) ? chosen.filter((each) => each !== state) : [...chosen, state];
    change({ state: next.join(",") || undefined, cursor: undefined });
  };
  const rows = found.data?.targets ?? [];
  const loss = rows.some((row) => row.loss_percent !== null);
  const drawn = useDrawn(rows, keyOf, (row) => seenOf(row, loss), (_row, seen) => drawRow(seen));
  return (
    <>
      <h1>
        Targets{" "}
        <small role="status">
          {found.data ? (
            <>
              <Num value={found.data.matching} /> of <Num value={found.data.total} /> {found.data.total === 1 ? "check" : "checks"}
            </>
          ) : null}
        </small>
      </h1>
      <form class="controls" onSubmit={(event) => event.preventDefault()}>
        <Filter query={asked} />
        <div class="choice" role="group" aria-label="States">
          {states.map((state) => (
            <button key={state} type="button" aria-pressed={chosen.includes(state)} onClick={() => toggle(state)}>
              <StateWord state={state} />
            </button>
          ))}
        </div>
      </form>
      <Problem what="The targets" text={found.problem} />
      {!found.data ? (
        found.problem ? null : <Loading what="targets" />
      ) : rows.length === 0 ? (
        found.data.total === 0 ? (
          <Notice>
            There are no results yet. <Link href="/">Now</Link> says what is to be done.
          </Notice>
        ) : (
          <Notice>No target is like that.</Notice>
        )
      ) : (
        <Scroll label="targets">
          <table class={`stack${found.old ? " old" : ""}`}>
            <thead>
              <tr>
                <Head name="state" sort={sort} />
                <Head name="target" sort={sort} />
                <th>From</th>
                <Head name="agent" sort={sort} />
                <th>Region</th>
                <th>Kind</th>
                <th class="num">Time</th>
                {loss ? <th class="num">Loss</th> : null}
                <th class="text">Why</th>
                <Head name="since" sort={sort} number />
              </tr>
            </thead>
            <tbody>
              {drawn}
            </tbody>
          </table>
        </Scroll>
      )}
      <div class="pager">
        {asked["cursor"] ? (
          <button type="button" onClick={() => change({ cursor: undefined })}>
            First page
          </button>
        ) : null}
        {found.data?.next ? (
          <button type="button" data-next onClick={() => change({ cursor: found.data?.next ?? undefined })}>
            Next {count(rows.length)}
          </button>
        ) : null}
      </div>
    </>
  );
}
