// The program at work: its actors as the graph that they are, and what each part counts.

import { bytes, count, duration, percent, plural, rate, us, words } from "../lib/format.ts";
import { ranked } from "../lib/rates.ts";
import { change, role, samples } from "../lib/session.ts";
import { usePlace, useStats } from "../parts/hooks.ts";
import { Sparkline } from "../parts/sparkline.tsx";
import { Age, Loading, Num, Problem, Scroll, Section } from "../parts/text.tsx";
import type { Stats } from "../types.ts";
import { ActorGraph } from "./actor_graph_view.tsx";
import { Engines, Tile, Way } from "./system_parts.tsx";

const lasting = (seconds: number | null | undefined) => (typeof seconds === "number" ? duration(seconds) : "–");

/** What a counter of /stats says, by the units in its name. */
function shown(name: string, value: unknown) {
  if (name.endsWith("_unix")) {
    return <Age unix={value as number} />;
  }
  if (typeof value === "number") {
    return <Num value={value} as={name.endsWith("bytes") ? bytes : count} />;
  }
  if (typeof value === "string") {
    return value === "" ? <span class="dim">–</span> : value;
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Facts({ title, section }: { title: string; section: Record<string, unknown> }) {
  const rows: [string, unknown, string][] = [];
  const add = (prefix: string, inside: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(inside)) {
      if (isObject(value)) {
        add(`${prefix}${words(name)} `, value);
      } else if (!Array.isArray(value)) {
        rows.push([`${prefix}${words(name.replace(/_unix$/, ""))}`, value, name]);
      }
    }
  };
  add("", section);
  return rows.length === 0 ? null : (
    <div class="card" role="region" aria-label={title}>
      <h3>{title}</h3>
      <table>
        <tbody>
          {rows.map(([label, value, name]) => (
            <tr key={label}>
              <th>{label}</th>
              <td class="num">{shown(name, value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Counters({ stats }: { stats: Stats }) {
  const skip = ["process", "scheduler", "actors", "actor_edges", "warnings", "own_faults", "agents"];
  const cards: preact.JSX.Element[] = [];
  for (const [name, value] of Object.entries(stats)) {
    if (skip.includes(name)) {
      continue;
    }
    if (name === "probes" && isObject(value)) {
      for (const [kind, inside] of Object.entries(value)) {
        cards.push(<Facts key={`probes ${kind}`} title={`${kind} probes`} section={inside as Record<string, unknown>} />);
      }
    } else if (Array.isArray(value)) {
      value.forEach((each: unknown, at) => {
        if (isObject(each)) {
          const of = each["name"] ?? each["source"] ?? each["port"] ?? at + 1;
          cards.push(<Facts key={`${name} ${at}`} title={`${words(name)}: ${String(of)}`} section={each} />);
        }
      });
    } else if (isObject(value) && Object.keys(value).length > 0) {
      cards.push(<Facts key={name} title={words(name)} section={value} />);
    }
  }
  return <div class="columns">{cards}</div>;
}

function Actors({ stats, chosen }: { stats: Stats; chosen: string | undefined }) {
  const all = ranked(stats, samples);
  const slowest = [...all].sort((a, b) => b.actor.handler_us.p99 - a.actor.handler_us.p99)[0];
  const busiest = all[0];
  return (
    <>
      <p>
        {busiest ? (
          <>
            Busiest: <b>{words(busiest.kind)}</b> with <Num value={busiest.rate} as={rate} /> messages a second.{" "}
          </>
        ) : null}
        {slowest ? (
          <>
            Slowest: <b>{words(slowest.kind)}</b>, whose handlers take <Num value={slowest.actor.handler_us.p99} as={us} /> at the 99th percentile.
          </>
        ) : null}
      </p>
      <Scroll label="actors">
        <table class="stack">
          <thead>
            <tr>
              <th>Actor</th>
              <th class="num">Running</th>
              <th class="num">Spawned</th>
              <th class="num">Failed</th>
              <th class="num">Waiting</th>
              <th class="num">Most</th>
              <th class="num">Messages</th>
              <th class="num">A second</th>
              <th>Last minutes</th>
              <th class="num">Handler p50</th>
              <th class="num">p99</th>
              <th>p99 so far</th>
            </tr>
          </thead>
          <tbody>
            {all.map(({ kind, actor, rate: speed }) => (
              <tr key={kind} data-row data-actor={kind} class={kind === chosen ? "chosen" : ""}>
                <th class="addr">
                  <button type="button" class="plain" onClick={() => change({ actor: kind === chosen ? undefined : kind }, "replace")}>
                    {words(kind)}
                  </button>
                </th>
                <td class="num" data-label="running"><Num value={actor.running} /></td>
                <td class="num" data-label="spawned"><Num value={actor.spawned} /></td>
                <td class={`num${actor.failed > 0 ? " bad" : ""}`} data-label="failed"><Num value={actor.failed} /></td>
                <td class="num" data-label="waiting"><Num value={actor.mailbox.now} /></td>
                <td class="num" data-label="at most"><Num value={actor.mailbox.max} /></td>
                <td class="num" data-label="messages"><Num value={actor.messages} /></td>
                <td class="num" data-label="a second"><Num value={speed} as={rate} /></td>
                <td><Sparkline values={samples.rates(`actors.${kind}.messages`)} label={`messages a second of ${words(kind)}`} /></td>
                <td class="num" data-label="p50"><Num value={actor.handler_us.p50} as={us} /></td>
                <td class="num" data-label="p99"><Num value={actor.handler_us.p99} as={us} /></td>
                <td><Sparkline values={samples.values(`actors.${kind}.handler_us.p99`)} label={`p99 of ${words(kind)}`} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

export function System() {
  const chosen = usePlace().query["actor"];
  const found = useStats(2000);
  const stats = found.data;
  if (!stats) {
    return found.problem ? <Problem what="The program" text={found.problem} /> : <Loading what="the program's own numbers" />;
  }
  const { process } = stats;
  const cpu = samples.rate("process.cpu_seconds");
  const actors = Object.values(stats.actors);
  const running = actors.reduce((sum, each) => sum + each.running, 0);
  const failed = actors.reduce((sum, each) => sum + each.failed, 0);
  return (
    <>
      <h1>
        System <small>{role}, version {process.version}</small>
      </h1>
      <Problem what="The program" text={found.problem} />
      <div class="tiles">
        <Tile label="Up" note={`${plural(stats.scheduler.workers, "worker")}, ${stats.scheduler.policy}`}><Num value={process.uptime_seconds} as={lasting} /></Tile>
        <Tile label="CPU" note={<><Num value={process.cpu_seconds} as={lasting} /> since the start</>}><Num value={cpu === null ? null : cpu * 100} as={percent} /></Tile>
        <Tile label="Memory" note={<><Num value={process.open_fds} /> descriptors</>}><Num value={process.rss_bytes} as={bytes} /></Tile>
        <Tile label="Actors" note={failed > 0 ? <><Num value={failed} /> have failed</> : "none has failed"}><Num value={running} /></Tile>
        <Tile label="Messages a second" note="of all actors"><Num value={samples.rate("actors.*.messages")} as={rate} /></Tile>
      </div>
      <Section id="graph" title="The actors" note="who tells whom; the width of an edge is what flows">
        <ActorGraph stats={stats} chosen={chosen} />
        <Actors stats={stats} chosen={chosen} />
      </Section>
      {role === "agent" ? <Engines stats={stats} /> : null}
      <Way stats={stats} />
      <Section id="counters" title="What its parts count">
        <Counters stats={stats} />
      </Section>
    </>
  );
}
