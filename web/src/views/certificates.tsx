// When certificates end, the first ones first. The server has no list of them: the targets are read
// for it, up to a limit that is told.

import { useEffect, useState } from "preact/hooks";

import { addCertificates, byEnd, toneOf, type Certificate } from "../lib/certificates.ts";
import { problemText } from "../lib/api.ts";
import { count, duration, full } from "../lib/format.ts";
import { api, change, paused } from "../lib/session.ts";
import { query } from "../lib/url.ts";
import { useNow, usePlace, useZone } from "../parts/hooks.ts";
import { Link, Loading, Notice, Problem, Scroll } from "../parts/text.tsx";
import type { TargetList } from "../types.ts";

const kinds = ["http", "tls", "tcp"];
const mostPages = 10; // of a kind, each of 1,000 rows
const period = 120_000;

interface Found {
  all: Certificate[];
  read: number;
  more: boolean;
  done: boolean;
  problem: string | null;
}

function useCertificates(): Found {
  const [found, setFound] = useState<Found>({ all: [], read: 0, more: false, done: false, problem: null });
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const known = new Map<string, Certificate>();
      let rows = 0;
      let more = false;
      try {
        for (const kind of kinds) {
          let cursor: string | null = "";
          for (let page = 0; cursor !== null && page < mostPages; ++page) {
            const part: TargetList = await api.get<TargetList>(`/api/v1/targets${query({ probe_type: kind, limit: 1000, cursor })}`, ending.signal);
            addCertificates(known, part.targets);
            rows += part.targets.length;
            cursor = part.next;
            // The first time what is there so far is shown.
            setFound((before) => (before.done ? before : { ...before, all: byEnd(known), read: rows }));
          }
          more ||= cursor !== null;
        }
        setFound({ all: byEnd(known), read: rows, more, done: true, problem: null });
      } catch (problem) {
        if (!ending.signal.aborted) {
          setFound((before) => ({ ...before, problem: problemText(problem) }));
        }
      }
      if (!ending.signal.aborted) {
        timer = setTimeout(() => void again(), period);
      }
    };
    const again = async () => {
      if (document.hidden || paused.value !== 0) {
        timer = setTimeout(() => void again(), period);
      } else {
        await read();
      }
    };
    void read();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, []);
  return found;
}

export function Certificates() {
  const now = useNow(60);
  const zone = useZone();
  const filter = usePlace().query["q"] ?? "";
  const found = useCertificates();
  const rows = found.all.filter((one) => `${one.target} ${one.region}`.toLowerCase().includes(filter.toLowerCase()));
  const soon = found.all.filter((one) => toneOf(one.end, now) !== "ok").length;
  return (
    <>
      <h1>
        Certificates <small role="status">{found.all.length > 0 || found.done ? `${count(found.all.length)} known${found.done ? "" : " so far"}, ${count(soon)} end within 30 days` : ""}</small>
      </h1>
      <form class="controls" onSubmit={(event) => event.preventDefault()}>
        <label class="grow">
          Filter <input type="search" data-filter value={filter} placeholder="target or region" onInput={(event) => change({ q: event.currentTarget.value }, "replace")} />
        </label>
      </form>
      <Problem what="The certificates" text={found.problem} />
      {!found.done && found.all.length === 0 ? (
        found.problem ? null : <Loading what="certificates" />
      ) : rows.length === 0 ? (
        <Notice>{found.all.length === 0 ? "No target has shown a certificate." : "No certificate is like that."}</Notice>
      ) : (
        <Scroll label="certificates">
          <table>
            <thead>
              <tr>
                <th>Ends</th>
                <th class="num">In</th>
                <th>Target</th>
                <th>Kind</th>
                <th>Region</th>
                <th class="text">Seen from</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, 500).map((one) => (
                <tr key={one.uid} data-row>
                  <td>
                    <time dateTime={new Date(one.end * 1000).toISOString()}>{full(one.end, zone)}</time>
                  </td>
                  <td class={`num ${toneOf(one.end, now)}`}>{one.end < now ? `▲ ended ${duration(now - one.end)} ago` : duration(one.end - now)}</td>
                  <td class="addr">
                    <Link href={`/target/${one.uid}`}>{one.target}</Link>
                  </td>
                  <td>{one.probe_type}</td>
                  <td>{one.region}</td>
                  <td class="text">{one.sources.join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {rows.length > 500 ? <p class="dim">The first 500 are shown; the filter finds the others.</p> : null}
      {found.more ? <p class="dim">These are of the first {count(found.read)} results; there are more targets than that.</p> : null}
    </>
  );
}
