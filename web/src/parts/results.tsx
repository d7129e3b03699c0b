// Results as an agent tells them.

import { resultKeys } from "../lib/evidence.ts";
import { full, ms, words } from "../lib/format.ts";
import type { ProbeResult } from "../types.ts";
import { useZone } from "./hooks.ts";
import { Phases } from "./phases.tsx";
import { Num, Scroll, StateWord } from "./text.tsx";

/** What the kind says of a result beside what all kinds do. */
export interface Facts {
  failed_phase?: string | null;
  phases_ms?: Record<string, number | null>;
  [fact: string]: unknown;
}

export function factsOf(result: ProbeResult | null): Facts {
  return (result?.[result.kind] as Facts | null | undefined) ?? {};
}

/** "key value" of everything that was measured, nested names joined. */
export function factLines(facts: Record<string, unknown>, prefix = ""): [string, string][] {
  const out: [string, string][] = [];
  for (const [name, value] of Object.entries(facts)) {
    if (name === "phases_ms" || value === null || value === "") {
      continue;
    }
    const label = `${prefix}${words(name)}`;
    if (Array.isArray(value)) {
      if (value.length > 0) {
        out.push([label, value.map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each))).join(", ")]);
      }
    } else if (typeof value === "object") {
      out.push(...factLines(value as Record<string, unknown>, `${label} `));
    } else if (name.endsWith("_unix") && typeof value === "number") {
      out.push([label.replace(/ unix$/, ""), `${full(value, "utc")} UTC`]);
    } else {
      out.push([label, String(value)]);
    }
  }
  return out;
}

export function Results({ results, title }: { results: ProbeResult[]; title: string }) {
  const zone = useZone();
  const keys = resultKeys(results.map((each) => each.time_unix));
  return (
    <Scroll label={title}>
      <table class="stack">
        <thead>
          <tr>
            <th>When</th>
            <th>Outcome</th>
            <th class="num">Took</th>
            <th class="text">What happened</th>
          </tr>
        </thead>
        <tbody>
          {results.map((result, at) => {
            const facts = factsOf(result);
            return (
              <tr key={keys[at]} data-row data-evidence={result.success ? "ok" : "failing"}>
                <td>{full(result.time_unix, zone)}</td>
                <td><StateWord state={result.success ? "ok" : result.local_error ? "prober_fault" : "failing"} /></td>
                <td class="num"><Num value={result.duration_ms} as={ms} /></td>
                <td class="text">
                  {result.error ? <div><code>{result.error}</code> {result.detail}</div> : null}
                  <Phases phases={facts.phases_ms} failed={facts.failed_phase} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
