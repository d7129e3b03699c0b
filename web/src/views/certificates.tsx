// The certificates that targets show, what ends first first: each with its chain, and where others see
// another one.

import { brief, problemsOf, sidesOf, toneOf } from "../lib/certificates.ts";
import { count, duration, full } from "../lib/format.ts";
import { change } from "../lib/session.ts";
import { query } from "../lib/url.ts";
import { Chain } from "../parts/chain.tsx";
import { useLive, useNow, usePlace, useZone } from "../parts/hooks.ts";
import { Link, Loading, Notice, Problem, Scroll } from "../parts/text.tsx";
import type { Certificate, CertificateList, CertifiedTarget } from "../types.ts";

const period = 30_000;
const most = 500;
const columns = 8;

function Target({ one, own }: { one: CertifiedTarget; own: string }) {
  const sides = one.differs ? sidesOf(one) : [];
  return (
    <li data-target={one.uid}>
      <Link href={`/target/${one.uid}`}>{one.target}</Link> <span class="dim">{one.probe_type}, {one.region}</span>
      {one.seen_by > one.seen.length && sides.length > 0 ? <span class="dim">, {count(one.seen.length)} of {count(one.seen_by)} agents that see it</span> : null}
      {sides.length > 0 ? (
        <ul>
          {sides.map((side) => (
            <li key={side.fingerprint} data-side>
              {side.fingerprint === own ? "this one" : <Link href={`/certificates${query({ q: side.fingerprint })}`}>{`${brief(side.fingerprint)}…`}</Link>}: {side.sources.join(", ")}
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

/** What stands below a row that is open. The targets are asked for by themselves: a row has none. */
function More({ one }: { one: Certificate }) {
  const list = useLive<CertificateList>(`/api/v1/certificates${query({ fingerprint: one.fingerprint_sha256, targets: 1000 })}`, { every: period });
  const whole = list.data?.certificates[0] ?? one;
  return (
    <>
      <h2>The chain, as it is sent</h2>
      <Chain all={whole.chain} />
      <h2>{count(whole.targets)} {whole.targets === 1 ? "target shows" : "targets show"} it</h2>
      <ul class="chain">{whole.shown.map((each) => <Target key={each.uid} one={each} own={whole.fingerprint_sha256} />)}</ul>
      {list.data && whole.shown.length < whole.targets ? <p class="dim">The first {count(whole.shown.length)} are named.</p> : null}
    </>
  );
}

function Row({ one, now, open, turn }: { one: Certificate; now: number; open: boolean; turn: () => void }) {
  const zone = useZone();
  const end = one.ends_first.not_after_unix;
  const problems = problemsOf(one);
  const name = one.dns_names[0] ?? (one.subject || `${brief(one.fingerprint_sha256)}…`);
  const id = `chain-${brief(one.fingerprint_sha256)}`;
  return (
    <>
      <tr data-row data-fingerprint={one.fingerprint_sha256}>
        <td class="addr">
          <button type="button" class="plain" aria-expanded={open} aria-controls={id} onClick={turn}>{name}</button>
          {one.dns_names.length > 1 ? <span class="dim"> and {one.dns_names.length - 1} more</span> : null}
        </td>
        <td data-label="ends">{end === null ? "–" : <time dateTime={new Date(end * 1000).toISOString()}>{full(end, zone)}</time>}</td>
        <td data-label="in" class={`num ${end === null ? "" : toneOf(end, now)}`}>{end === null ? "–" : end < now ? `▲ ended ${duration(now - end)} ago` : duration(end - now)}</td>
        <td class="place wrap" data-label="by">{one.issuer ?? "–"}</td>
        <td class="place">{one.key ?? "–"}</td>
        <td class="num" data-label="targets">{count(one.targets)}</td>
        <td class="place wrap" data-label="from">{one.sources.join(", ")}</td>
        <td class="text">{problems.length === 0 ? "" : problems.map((each) => <div key={each} data-problem>▲ {each}</div>)}</td>
      </tr>
      {open ? (
        <tr id={id} data-more>
          <td class="text" colSpan={columns}><More one={one} /></td>
        </tr>
      ) : null}
    </>
  );
}

export function Certificates() {
  const now = useNow(60);
  const place = usePlace().query;
  const filter = place["q"] ?? "";
  const differing = place["differing"] === "true";
  const open = place["open"];
  const list = useLive<CertificateList>(`/api/v1/certificates${query({ q: filter, differing: differing ? "true" : "", targets: 0, limit: most })}`, { every: period });
  const rows = list.data?.certificates ?? [];
  const soon = rows.filter((one) => one.ends_first.not_after_unix !== null && toneOf(one.ends_first.not_after_unix, now) !== "ok").length;
  return (
    <>
      <h1>
        Certificates <small role="status">{list.data ? `${count(list.data.matching)} ${filter || differing ? "like that" : "known"}, ${count(soon)}${soon === most ? " or more" : ""} end within 30 days` : ""}</small>
      </h1>
      <form class="controls" onSubmit={(event) => event.preventDefault()}>
        <label class="grow">
          Filter <input type="search" data-filter value={filter} placeholder="name, issuer, fingerprint or target" onInput={(event) => change({ q: event.currentTarget.value }, "replace")} />
        </label>
        <label>
          <input type="checkbox" checked={differing} onChange={(event) => change({ differing: event.currentTarget.checked ? "true" : "" }, "replace")} /> others see another one
        </label>
      </form>
      <Problem what="The certificates" text={list.problem} />
      {!list.data ? (
        list.problem ? null : <Loading what="certificates" />
      ) : rows.length === 0 ? (
        <Notice>{filter || differing ? "No certificate is like that." : "No target has shown a certificate yet: those that speak TLS do, and agents tell of them."}</Notice>
      ) : (
        <Scroll label="certificates">
          <table class="stack certificates">
            <thead>
              <tr>
                <th>For</th>
                <th>Ends</th>
                <th class="num">In</th>
                <th>Issued by</th>
                <th>Key</th>
                <th class="num">Targets</th>
                <th>Seen from</th>
                <th class="text">To be looked at</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <Row key={one.fingerprint_sha256} one={one} now={now} open={open === brief(one.fingerprint_sha256)} turn={() => change({ open: open === brief(one.fingerprint_sha256) ? undefined : brief(one.fingerprint_sha256) }, "replace")} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {list.data && list.data.matching > rows.length ? <p class="dim">The first {count(rows.length)} are shown; the filter finds the others.</p> : null}
      {list.data && list.data.known.left_out > 0 ? <p class="dim">{count(list.data.known.left_out)} times since the server began an agent told of a target that it was not given, or for which there was no place: that is not shown.</p> : null}
    </>
  );
}
