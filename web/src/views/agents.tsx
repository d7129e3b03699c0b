// The agents: who is there, who is late or lost, and what keeps one from probing.

import { useState } from "preact/hooks";

import { agentPage } from "../lib/agent_page.ts";
import { problemText } from "../lib/api.ts";
import { bytes, count, duration, ms, plural } from "../lib/format.ts";
import { api, change, live } from "../lib/session.ts";
import { join, query } from "../lib/url.ts";
import { useLive, useNow, usePlace } from "../parts/hooks.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Age, Link, Loading, Notice, Num, Problem, Scroll, StateWord } from "../parts/text.tsx";
import type { Agent } from "../types.ts";
import { FirstAgent } from "./first_steps.tsx";

const states = ["ok", "late", "lost", "left"];
const ranks: Record<string, number> = { lost: 0, late: 1, ok: 2, left: 3 };

function skew(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  return `${value > 0 ? "+" : ""}${Math.abs(value) < 1000 ? `${value} ms` : `${(value / 1000).toFixed(1)} s`}`;
}

function Page({ agent }: { agent: Agent }) {
  const page = agentPage(agent, location.hostname);
  return page === null ? <span class="dim">{agent.http_addr}</span> : <a href={page}>{new URL(page).host}</a>;
}

/** What waits in its spool, and since when. A batch or two are always on their way. */
function Backlog({ agent }: { agent: Agent }) {
  const waits = agent.backlog;
  if (!waits) {
    return <span class="dim nothing">–</span>;
  }
  return waits.batches === 0 ? (
    <Num value={0} />
  ) : (
    <>
      <Num value={waits.batches} as={(value) => plural(value ?? 0, "batch", "batches")} />, <Num value={waits.bytes} as={bytes} />
      {waits.oldest_unix ? (
        <div class="dim">
          oldest <Age unix={waits.oldest_unix} />
        </div>
      ) : null}
    </>
  );
}

const longWait = 60; // seconds that the oldest batch may wait
const longLag = 1000; // ms

function Retire({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const [problem, setProblem] = useState("");
  const retire = async () => {
    try {
      await api.remove(`/api/v1/agents${join(agent.region, agent.local_ip)}`);
      live.refresh("/api/v1/agents");
      onClose();
    } catch (failed) {
      setProblem(problemText(failed));
    }
  };
  return (
    <Dialog title="Retire an agent" onClose={onClose}>
      <p>
        {agent.region} {agent.local_ip} is no target of the others any more, and is not missed. If it still runs, it is back with its next question.
      </p>
      {problem ? <Notice tone="bad">{problem}</Notice> : null}
      <div class="actions">
        <button type="button" class="primary" onClick={() => void retire()}>
          Retire it
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

export function Agents() {
  const now = useNow(15);
  const { query: asked } = usePlace();
  const filter = asked["q"] ?? "";
  const state = asked["state"] ?? "";
  const [retiring, setRetiring] = useState<Agent | null>(null);
  const found = useLive<{ agents: Agent[] }>("/api/v1/agents", { every: 10_000, on: ["agent"] });
  const all = found.data?.agents ?? [];
  const wanted = filter.toLowerCase();
  const rows = all
    .filter((agent) => (state === "" || agent.state === state) && `${agent.region} ${agent.local_ip} ${agent.version}`.toLowerCase().includes(wanted))
    .sort((a, b) => ranks[a.state]! - ranks[b.state]! || (a.region < b.region ? -1 : a.region > b.region ? 1 : 0));
  return (
    <>
      <h1>
        Agents <small role="status">{found.data ? `${count(rows.length)} of ${count(all.length)}` : ""}</small>
      </h1>
      <form class="controls" onSubmit={(event) => event.preventDefault()}>
        <label class="grow">
          Filter{" "}
          <input type="search" data-filter value={filter} placeholder="region, address or version" onInput={(event) => change({ q: event.currentTarget.value }, "replace")} />
        </label>
        <div class="choice" role="group" aria-label="States">
          {states.map((each) => (
            <button key={each} type="button" aria-pressed={state === each} onClick={() => change({ state: state === each ? undefined : each })}>
              <StateWord state={each} /> <Num value={all.filter((agent) => agent.state === each).length} />
            </button>
          ))}
        </div>
      </form>
      <Problem what="The agents" text={found.problem} />
      {!found.data ? (
        found.problem ? null : <Loading what="agents" />
      ) : rows.length === 0 ? (
        all.length > 0 ? (
          <Notice>No agent is like that.</Notice>
        ) : (
          <>
            <Notice>No agent has asked for targets yet.</Notice>
            <FirstAgent />
          </>
        )
      ) : (
        <Scroll label="agents">
          <table class="stack agents">
            <thead>
              <tr>
                <th>State</th>
                <th>Region</th>
                <th>Address, page</th>
                <th class="text">Own faults</th>
                <th>Version</th>
                <th class="num">Seen</th>
                <th class="num">Last batch</th>
                <th class="num">Backlog</th>
                <th class="num">Clock</th>
                <th class="num">Lag</th>
                <th class="num">Share</th>
                <th class="num">Every</th>
                <th>First seen</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, 500).map((agent) => (
                <tr key={`${agent.region} ${agent.local_ip}`} data-row data-state={agent.state}>
                  <td class="act">
                    <StateWord state={agent.state} />
                    {agent.state === "lost" || agent.state === "late" ? <div><button type="button" onClick={() => setRetiring(agent)}>Retire</button></div> : null}
                  </td>
                  <th class="addr"><Link href={`/targets${query({ source_region: agent.region, agent: agent.local_ip, sort: "state" })}`}>{agent.region}</Link></th>
                  <td class="place">{agent.local_ip} <br /><Page agent={agent} /></td>
                  <td class="text">
                    {agent.own_faults.map((fault) => (
                      <div key={fault.reason}>
                        <code>{fault.reason}</code> {fault.detail} <span class="dim">(<Age unix={fault.since_unix} />)</span>
                      </div>
                    ))}
                  </td>
                  <td class="place" data-label="version">{agent.version}</td>
                  <td class="num" data-label="seen"><Age unix={agent.last_seen_unix} /></td>
                  <td class="num" data-label="last batch"><Age unix={agent.last_push_unix} /></td>
                  <td class={`num${agent.backlog?.oldest_unix && now - agent.backlog.oldest_unix >= longWait ? " worse" : ""}`} data-column="backlog" data-label="backlog"><Backlog agent={agent} /></td>
                  <td class={`num${Math.abs(agent.clock_skew_ms ?? 0) >= 1000 ? " worse" : ""}`} data-label="clock"><Num value={agent.clock_skew_ms} as={skew} /></td>
                  <td class={`num${(agent.lag_ms ?? 0) >= longLag ? " worse" : ""}`} data-column="lag" data-label="lag"><Num value={agent.lag_ms} as={ms} /></td>
                  <td class="num" data-column="shard" data-label="share">{agent.shard ? `${agent.shard.place} of ${agent.shard.of}` : <span class="dim nothing">–</span>}</td>
                  <td class="num" data-label="probes every">{agent.probe_interval_ms > 0 ? duration(agent.probe_interval_ms / 1000) : <span class="dim nothing">–</span>}</td>
                  <td class="place" data-label="first seen"><Age unix={agent.first_seen_unix} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {rows.length > 500 ? <p class="dim">The first 500 are shown; the filter finds the others.</p> : null}
      {retiring ? <Retire agent={retiring} onClose={() => setRetiring(null)} /> : null}
    </>
  );
}
