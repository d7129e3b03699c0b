// The agent's first page: what fails, in sentences, and what keeps the agent from probing.

import { bytes, count, listed, ms, percent, plural } from "../lib/format.ts";
import { agentAilments } from "../lib/health.ts";
import { end, type Sentence } from "../lib/incidents.ts";
import { orOutdated } from "../lib/outdated.ts";
import { change } from "../lib/session.ts";
import { noAnswer } from "../lib/title.ts";
import { query } from "../lib/url.ts";
import { useLive, useNow, usePlace, useStats, useZone } from "../parts/hooks.ts";
import { Phases } from "../parts/phases.tsx";
import { factsOf } from "../parts/results.tsx";
import { Address, Age, Ailments, Link, Loading, Notice, Num, Problem, Scroll, Section, StateWord, Told } from "../parts/text.tsx";
import { Headline } from "../parts/title.tsx";
import type { AgentTarget, AgentTargetList, Stats } from "../types.ts";

const states = ["failing", "prober_fault", "waiting", "ok"];

function tileTone(bad: boolean, good: boolean): string {
  return bad ? "bad" : good ? "good" : "";
}

function text(section: unknown, name: string): string {
  const value = (section as Record<string, unknown> | undefined)?.[name];
  return typeof value === "string" ? value : "";
}

function number(section: unknown, name: string): number {
  const value = (section as Record<string, unknown> | undefined)?.[name];
  return typeof value === "number" ? value : 0;
}

function sentence(list: AgentTargetList, stats: Stats | null, firsts: AgentTarget[]): Sentence {
  const faults = stats?.own_faults ?? [];
  const rest = faults.map((fault) => end(`${fault.reason}: ${fault.detail}`)).join(" ");
  if (list.failing > 0) {
    const names = listed(firsts.map((one) => one.target), 2, list.failing);
    return { tone: "bad", head: `${list.failing === 1 ? "One target fails" : `${plural(list.failing, "target")} fail`}: ${names}.`, rest };
  }
  if (faults.length > 0) {
    return { tone: "bad", head: `This agent cannot probe as it should: ${listed(faults.map((fault) => fault.reason))}.`, rest };
  }
  if (list.total === 0) {
    return { tone: "neutral", head: "There are no targets yet: the server has named none.", rest };
  }
  if (list.prober_fault > 0) {
    return { tone: "warning", head: `Of ${plural(list.prober_fault, "target")} nothing is known: the prober itself failed.`, rest };
  }
  return { tone: list.ok > 0 ? "good" : "neutral", head: list.ok > 0 ? "All is well." : "No result has come yet.", rest: `${count(list.ok)} of ${plural(list.total, "target")} answer${list.waiting > 0 ? `, ${count(list.waiting)} wait for their first probe` : ""}.` };
}

/** What is said where no row fits a filter, which looks through those that were read. */
function noneOf(known: number, all: number): string {
  return known < all ? `None of the ${count(known)} targets that are read here is like that, of ${count(all)} in all. The server's list of targets finds any of them.` : "No target is like that.";
}

function Row({ one }: { one: AgentTarget }) {
  const { last } = one;
  const facts = factsOf(last);
  const why = last?.error ? <><code>{last.error}</code> {last.detail}</> : last?.remark;
  return (
    <tr data-row data-state={one.state}>
      <td><StateWord state={one.state} /></td>
      <td class="addr"><Link href={`/target/${one.uid}`}><Address text={one.target} /></Link></td>
      <td class="place">{one.region}</td>
      <td class="place">{one.probe_type}</td>
      <td class="num"><Num value={last?.time_ms ?? last?.duration_ms} as={ms} /></td>
      <td class="num">{typeof last?.loss_percent === "number" ? <Num value={last.loss_percent} as={percent} /> : null}</td>
      <td class="text">
        {why}
        <Phases phases={facts.phases_ms} failed={facts.failed_phase} />
      </td>
      <td class="num" data-label="since">{one.since_unix ? <Age unix={one.since_unix} /> : null}</td>
      <td class="num"><Age unix={last?.time_unix} /></td>
    </tr>
  );
}

export function AgentNow() {
  const now = useNow(10);
  const zone = useZone();
  const { query: asked } = usePlace();
  const state = states.includes(asked["state"] ?? "") ? asked["state"] : undefined;
  const filter = (asked["q"] ?? "").toLowerCase();
  const failing = useLive<AgentTargetList>("/targets?limit=200&state=failing", { every: 3000 });
  // What does not fail is of less interest, and hundreds of rows are made for it.
  const all = useLive<AgentTargetList>(`/targets${query({ limit: 500, state })}`, { every: 6000 });
  const found = useStats(3000);
  const stats = found.data;
  const list = failing.data;
  if (!list) {
    return failing.problem ? <Problem what="The targets" text={failing.problem} /> : <Loading what="targets" />;
  }
  const said = sentence(list, stats, list.targets);
  const told = orOutdated(said, [failing], now, zone);
  const others = (all.data?.targets ?? []).filter((one) => state !== undefined || one.state !== "failing");
  const known = state === undefined ? [...list.targets, ...others] : others;
  const whole = state === undefined ? list.total : list[state as "ok" | "failing" | "prober_fault" | "waiting"];
  const rows = known.filter((one) => `${one.target} ${one.region}`.toLowerCase().includes(filter));
  const sync = stats?.["sync"];
  const push = stats?.["push"];
  return (
    <>
      <Headline text={told !== said ? noAnswer : list.failing > 0 ? `${plural(list.failing, "target")} ${list.failing === 1 ? "fails" : "fail"}` : ""} />
      <Told sentence={told} />
      <Problem what="The targets" text={failing.problem ?? all.problem} />
      <Ailments all={stats ? agentAilments(stats) : []} />
      <div class="tiles">
        {states.map((each) => (
          <button key={each} type="button" class={`tile ${each === "failing" ? tileTone(list.failing > 0, false) : each === "ok" ? tileTone(false, list.ok > 0) : list[each as "waiting"] > 0 && each === "prober_fault" ? "warning" : ""}`} aria-pressed={state === each} onClick={() => change({ state: state === each ? undefined : each })}>
            <small>{each.replaceAll("_", " ")}</small>
            <b><Num value={list[each as "ok" | "failing" | "prober_fault" | "waiting"]} /></b>
          </button>
        ))}
        {stats ? (
          <>
            <Link class={`tile ${tileTone(text(sync, "last_error") !== "", number(sync, "last_ok_unix") > 0)}`} href="/system">
              <small>Target list</small>
              <b>{number(sync, "last_ok_unix") > 0 ? <Age unix={number(sync, "last_ok_unix")} /> : "never"}</b>
              <em>{text(sync, "last_error") || "the server's last answer"}</em>
            </Link>
            <Link class={`tile ${tileTone(text(push, "last_error") !== "", number(push, "last_ok_unix") > 0)}`} href="/system">
              <small>Results pushed</small>
              <b>{number(push, "last_ok_unix") > 0 ? <Age unix={number(push, "last_ok_unix")} /> : "never"}</b>
              <em>{text(push, "last_error") || `${count(number(push, "pending"))} wait, spool ${bytes(number(push, "spool_bytes"))}`}</em>
            </Link>
          </>
        ) : null}
      </div>
      <Section id="targets" title="Targets" note={`${count(rows.length)} of ${count(list.total)}`}>
        <form class="controls" onSubmit={(event) => event.preventDefault()}>
          <label class="grow">
            Filter <input type="search" data-filter value={asked["q"] ?? ""} placeholder="target or region" onInput={(event) => change({ q: event.currentTarget.value }, "replace")} />
          </label>
        </form>
        {rows.length === 0 && !all.data && !all.problem ? (
          <Loading what="targets" />
        ) : rows.length === 0 ? (
          <Notice>{list.total === 0 ? "The server has named none yet. What keeps this agent from it stands above, if anything does." : noneOf(known.length, whole)}</Notice>
        ) : (
          <Scroll label="targets">
            <table class="stack">
              <thead>
                <tr>
                  <th>State</th>
                  <th>Target</th>
                  <th>Region</th>
                  <th>Kind</th>
                  <th class="num">Time</th>
                  <th class="num">Loss</th>
                  <th class="text">What happened</th>
                  <th class="num">Since</th>
                  <th class="num">Measured</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((one) => <Row key={one.uid} one={one} />)}
              </tbody>
            </table>
          </Scroll>
        )}
        {list.total > 500 && state === undefined ? <p class="dim">All that fail are shown (200 at most), and 500 of the others.</p> : null}
      </Section>
    </>
  );
}
