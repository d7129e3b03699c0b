// The frame around every page, and which page an address stands for.

import { Component, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { ago, clock, zoneName } from "./lib/format.ts";
import { keyTexts } from "./lib/keys.ts";
import { change, helpShown, isPublic, live, nextTheme, paused, place, role, setPaused, stream, theme } from "./lib/session.ts";
import { split } from "./lib/url.ts";
import { Dialog } from "./parts/dialog.tsx";
import { useNow, usePlace, useShared, useZone } from "./parts/hooks.ts";
import { Link, Notice } from "./parts/text.tsx";
import { TabTitle } from "./parts/title.tsx";
import { AgentNow } from "./views/agent_now.tsx";
import { AgentTargetPage } from "./views/agent_target.tsx";
import { Agents } from "./views/agents.tsx";
import { Certificates } from "./views/certificates.tsx";
import { IncidentPage } from "./views/incident.tsx";
import { MapPage } from "./views/map.tsx";
import { Now } from "./views/now.tsx";
import { Pair } from "./views/pair.tsx";
import { PublicStatus } from "./views/public_status.tsx";
import { Status } from "./views/status.tsx";
import { System } from "./views/system.tsx";
import { Target } from "./views/target.tsx";
import { Targets } from "./views/targets.tsx";

const links: [string, string][] =
  role === "agent"
    ? [
        ["/", "Now"],
        ["/system", "System"],
      ]
    : [
        ["/", "Now"],
        ["/map", "Map"],
        ["/targets", "Targets"],
        ["/agents", "Agents"],
        ["/certificates", "Certificates"],
        ["/system", "System"],
      ];

function Missing() {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <Link href="/">Now</Link> says what is wrong.
      </p>
    </>
  );
}

function agentPage(parts: string[]) {
  switch (parts[0]) {
    case "":
      return <AgentNow />;
    case "target":
      return parts[1] ? <AgentTargetPage key={parts[1]} uid={parts[1]} /> : <AgentNow />;
    case "system":
      return <System />;
    default:
      return <Missing />;
  }
}

function serverPage(parts: string[]) {
  switch (parts[0]) {
    case "":
      return <Now />;
    case "incident":
      return parts[1] ? <IncidentPage key={parts[1]} id={parts[1]} /> : <Now />;
    case "map":
      return <MapPage />;
    case "pair":
      return parts[1] && parts[2] ? <Pair from={parts[1]} to={parts[2]} /> : <MapPage />;
    case "targets":
      return <Targets />;
    case "target":
      return parts[1] ? <Target key={parts[1]} uid={parts[1]} /> : <Targets />;
    case "agents":
      return <Agents />;
    case "certificates":
      return <Certificates />;
    case "system":
      return <System />;
    case "status":
      return isPublic(place.value) ? <PublicStatus /> : <Status />;
    default:
      return <Missing />;
  }
}

/** An error in one page is told there, and the frame stays. */
class Guard extends Component<{ children: ComponentChildren }, { problem: string }> {
  override state = { problem: "" };

  override componentDidCatch(problem: unknown): void {
    console.error(problem);
    this.setState({ problem: String(problem) });
  }

  override render() {
    return this.state.problem ? <Notice tone="bad">This page has failed: {this.state.problem}. Loading it again may help.</Notice> : this.props.children;
  }
}

/** How fresh what is shown is. */
function Freshness() {
  const now = useNow();
  const zone = useZone();
  const since = useShared(paused);
  const state = useShared(stream);
  const [, set] = useState(0);
  useEffect(() => live.watch(() => set((count) => count + 1)), []);
  const problem = live.problem;
  const missed = live.overdue;
  const broken = problem !== null || missed !== null;
  const answered = (problem === null && missed !== null ? missed : live.newest) / 1000;
  const text =
    since !== 0
      ? `paused at ${clock(since, zone)}`
      : broken
        ? answered > 0
          ? `last answer ${ago(answered, now)}`
          : "no answer"
        : state === "open"
          ? "live"
          : "every few seconds";
  return (
    <span class={`fresh${since !== 0 ? " paused" : broken ? " broken" : ""}`} title={problem ?? ""}>
      {text}
    </span>
  );
}

function Help() {
  return (
    <Dialog title="Keys" onClose={() => helpShown.set(false)}>
      <dl class="facts keys">
        {keyTexts.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <button type="button" onClick={() => helpShown.set(false)}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

export function App() {
  const at = usePlace();
  const zone = useZone();
  const shade = useShared(theme);
  const since = useShared(paused);
  const help = useShared(helpShown);
  const parts = split(at.path);
  const first = `/${parts[0] ?? ""}`;
  const title = links.find(([href]) => href === first)?.[1] ?? parts.filter((part) => part !== "").join(" ");
  // Who goes by keys, or listens, goes on at the content of a page that is new.
  const shown = useRef(at.path);
  useEffect(() => {
    if (shown.current !== at.path) {
      shown.current = at.path;
      if (document.activeElement === document.body || document.activeElement === null) {
        document.getElementById("main")?.focus({ preventScroll: true });
      }
    }
  }, [at.path]);
  const current = (href: string) => (href === first || (href === "/map" && first === "/pair") || (href === "/targets" && first === "/target") || (href === "/" && (first === "/incident" || (role === "agent" && first === "/target"))) ? "page" : undefined);
  const offset = -new Date().getTimezoneOffset();
  const bare = first === "/status";
  const open = isPublic(at); // to who may look at nothing else
  return (
    <>
      <TabTitle page={title} />
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        {open ? (
          <span class="brand">xprober</span>
        ) : (
          <Link class="brand" href="/">
            xprober <span class="role">{role}</span>
          </Link>
        )}
        {bare ? null : (
          <nav aria-label="Pages">
            {links.map(([href, text]) => (
              <Link key={href} href={href} aria-current={current(href)}>
                {text}
              </Link>
            ))}
          </nav>
        )}
        <div class="tools">
          <Freshness />
          <button type="button" onClick={() => setPaused(since === 0)} aria-pressed={since !== 0}>
            {since === 0 ? "Pause" : "Go on"}
          </button>
          <button type="button" title="The zone of all times" onClick={() => change({ tz: zone === "utc" ? undefined : "utc" }, "replace")}>
            {zoneName(zone, offset)}
          </button>
          <button type="button" title="Light, dark, or as the system" onClick={nextTheme}>
            {shade}
          </button>
          <button type="button" aria-label="Keys" onClick={() => helpShown.set(true)}>
            ?
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Guard key={at.path}>{role === "agent" ? agentPage(parts) : serverPage(parts)}</Guard>
      </main>
      <footer hidden={open}>
        <a href="/stats">/stats</a>
        <a href="/metrics">/metrics</a>
        {role === "agent" ? (
          <a href="/targets?limit=1000">/targets</a>
        ) : (
          <>
            <a href="/api/v1/incidents">/api/v1/incidents</a>
            <a href="/api/v1/targets">/api/v1/targets</a>
            <a href="/api/v1/matrix?metric=state">/api/v1/matrix</a>
          </>
        )}
      </footer>
      {help ? <Help /> : null}
    </>
  );
}
