// What a new server has to be told, with the commands for it.

import { plural } from "../lib/format.ts";
import { joinCommands } from "../lib/command.ts";
import { Line } from "../parts/command.tsx";
import { Notice } from "../parts/text.tsx";
import type { Stats } from "../types.ts";

/** Requests of agents that were not let in. */
export function refusedOf(stats: Stats | null): number {
  const rpc = (stats?.["rpc"] ?? {}) as Record<string, unknown>;
  return ["unauthorized", "refused", "malformed"].reduce((sum, name) => sum + (typeof rpc[name] === "number" ? rpc[name] : 0), 0);
}

/** Of a server that no agent has asked yet. */
export function FirstAgent({ refused = 0 }: { refused?: number }) {
  const commands = joinCommands(location.protocol, location.hostname);
  return (
    <>
      {refused > 0 ? <Notice tone="warning">{plural(refused, "request")} of agents {refused === 1 ? "was" : "were"} refused since the start: this server's log says why.</Notice> : null}
      <ol class="steps" data-first="agent">
        {commands.map(({ where, line }) => (
          <li key={line}>
            {where}
            <Line text={line} />
          </li>
        ))}
      </ol>
      <p class="dim">
        The agent is on this page within seconds, and with two regions the map begins. 6001 is the port of this server's <code>rpc_listen_addr</code>: while that is 127.0.0.1:6001, as it is unless said otherwise, it takes agents of this machine alone.
      </p>
    </>
  );
}

const example = `prober_targets:
  - {prober_type: http, region: web, target: ["https://www.example.com/"]}
  - {prober_type: icmp, region: dns, target: ["192.0.2.53"]}`;

/** Of a server whose agents have nothing to probe. */
export function FirstTargets() {
  return (
    <ol class="steps" data-first="targets">
      <li>
        Agents of two regions probe each other by themselves. What else is to be probed stands in this server's configuration, as in
        <pre class="answer">{example}</pre>
      </li>
      <li>
        It reads that again without an end:
        <Line text="systemctl reload xprober-server" />
      </li>
    </ol>
  );
}
