// What a program's parts are doing: its engines, and the way of results.

import type { ComponentChildren } from "preact";

import { bytes, count, ms, rate, us } from "../lib/format.ts";
import { valueAt } from "../lib/rates.ts";
import { role, samples } from "../lib/session.ts";
import { Sparkline } from "../parts/sparkline.tsx";
import { Age, Num, Scroll, Section } from "../parts/text.tsx";
import type { Stats } from "../types.ts";

export function Tile({ label, children, note, tone = "", spark }: { label: string; children: ComponentChildren; note?: ComponentChildren; tone?: string; spark?: string }) {
  return (
    <div class={`tile ${tone}`}>
      <small>{label}</small>
      <b>{children}</b>
      <em>{note}</em>
      {spark ? <Sparkline values={samples.rates(spark)} label={`${label} in the last minutes`} /> : null}
    </div>
  );
}

function text(stats: Stats, section: string, name: string): string {
  const inside = (stats[section] ?? {}) as Record<string, unknown>;
  const value = inside[name];
  return typeof value === "string" ? value : "";
}

/** A rate of a counter; null where there is no such counter. */
function Rate({ path }: { path: string }) {
  return <Num value={samples.rate(path)} as={rate} />;
}

/** An agent's engines, those that have nothing to do last. */
export function Engines({ stats }: { stats: Stats }) {
  const probes = (stats["probes"] ?? {}) as Record<string, Record<string, number>>;
  const kinds = Object.keys(probes).sort((a, b) => (probes[b]!["started"] ?? 0) - (probes[a]!["started"] ?? 0));
  if (kinds.length === 0) {
    return null;
  }
  return (
    <Section id="engines" title="Engines" note="each has a thread and sockets of its own">
      <Scroll label="engines">
        <table class="stack">
          <thead>
            <tr>
              <th>Engine</th>
              <th class="num">Targets</th>
              <th class="num">Running</th>
              <th class="num">Waiting</th>
              <th class="num">Probes a second</th>
              <th>Last minutes</th>
              <th class="num">Succeeded</th>
              <th class="num">Failed</th>
              <th class="num">Own faults</th>
              <th class="num">From the kernel, p99</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => {
              const own = probes[kind]!;
              return (
                <tr key={kind} data-engine={kind}>
                  <th class="addr">{kind}</th>
                  <td class="num" data-label="targets"><Num value={valueAt(stats, `targets.${kind}`)} /></td>
                  <td class="num" data-label="running"><Num value={own["in_flight"]} /></td>
                  <td class="num" data-label="waiting"><Num value={own["queued"]} /></td>
                  <td class="num" data-label="a second"><Rate path={`probes.${kind}.started`} /></td>
                  <td><Sparkline values={samples.rates(`probes.${kind}.started`)} label={`probes a second of ${kind}`} /></td>
                  <td class="num" data-label="succeeded"><Num value={own["succeeded"]} /></td>
                  <td class="num" data-label="failed"><Num value={own["failed"]} /></td>
                  <td class={`num${(own["local_errors"] ?? 0) > 0 ? " bad" : ""}`} data-label="own faults"><Num value={own["local_errors"]} /></td>
                  <td class="num" data-label="from the kernel, p99"><Num value={valueAt(stats, `${kind}.receive_gap_us.p99`)} as={us} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function AgentWay({ stats }: { stats: Stats }) {
  const at = (path: string) => valueAt(stats, path);
  const syncError = text(stats, "sync", "last_error");
  const pushError = text(stats, "push", "last_error");
  const spoolProblem = text(stats, "push", "spool_problem");
  return (
    <div class="tiles">
      <Tile label="Target list" tone={syncError ? "bad" : ""} note={syncError || <>applied in <Num value={at("sync.last_apply_ms")} as={ms} />, <Num value={at("sync.last_bytes")} as={bytes} /></>}>
        <Age unix={at("sync.last_ok_unix")} />
      </Tile>
      <Tile label="Ticks a second" spark="ticks.due" note={<>late <Rate path="ticks.late" />/s, lag p99 <Num value={at("ticks.lag_ms.p99")} as={ms} /></>}>
        <Rate path="ticks.due" />
      </Tile>
      <Tile label="Spool" tone={spoolProblem ? "bad" : ""} note={spoolProblem || <><Num value={at("push.spool_bytes")} as={bytes} /></>}>
        <Num value={at("push.spool_batches")} /> batches
      </Tile>
      <Tile label="Results pushed a second" tone={pushError ? "bad" : ""} spark="push.results_acked" note={pushError || <><Num value={at("push.pending")} /> wait, last <Age unix={at("push.last_ok_unix")} /></>}>
        <Rate path="push.results_acked" />
      </Tile>
    </div>
  );
}

function ServerWay({ stats }: { stats: Stats }) {
  const at = (path: string) => valueAt(stats, path);
  const problem = text(stats, "journal", "problem");
  const historyError = text(stats, "history", "last_error");
  const receivers = (name: string) => (Array.isArray(stats[name]) ? (stats[name] as unknown[]).length : 0);
  return (
    <div class="tiles">
      <Tile label="Values a second" spark="results.accepted" note={<><Num value={at("results.stored_series")} /> in the store</>}>
        <Rate path="results.accepted" />
      </Tile>
      <Tile label="Batches a second" tone={problem ? "bad" : ""} spark="journal.batches" note={problem || <>journal <Num value={at("journal.bytes")} as={bytes} /></>}>
        <Rate path="journal.batches" />
      </Tile>
      <Tile label="Into history a second" tone={historyError ? "bad" : ""} spark="history.results" note={historyError || <><Num value={at("history.waiting")} /> wait</>}>
        <Rate path="history.results" />
      </Tile>
      <Tile label="Remote write a second" note={receivers("remote_write") === 0 ? "no receiver" : <><Num value={at("remote_write.*.pending")} /> wait</>}>
        <Rate path="remote_write.*.sent" />
      </Tile>
      <Tile label="Notices" note={receivers("notify") === 0 ? "no receiver" : <><Num value={at("notify.*.pending")} /> wait, <Num value={at("notify.*.failed")} as={count} /> refused</>}>
        <Num value={at("notify.*.told")} />
      </Tile>
    </div>
  );
}

/** The way of targets and results through the program. */
export function Way({ stats }: { stats: Stats }) {
  return (
    <Section id="way" title={role === "agent" ? "Targets in, results out" : "Results in, and where they go"}>
      {role === "agent" ? <AgentWay stats={stats} /> : <ServerWay stats={stats} />}
    </Section>
  );
}
