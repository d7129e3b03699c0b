// The certificates of one target, as its sources see them.

import { problemsOf, sidesOf } from "../lib/certificates.ts";
import { query } from "../lib/url.ts";
import { Chain } from "../parts/chain.tsx";
import { useLive } from "../parts/hooks.ts";
import { Link, Section } from "../parts/text.tsx";
import type { Certificate, CertificateList } from "../types.ts";

function One({ one, several }: { one: Certificate; several: boolean }) {
  const sources = one.shown.flatMap(sidesOf).find((side) => side.fingerprint === one.fingerprint_sha256)?.sources ?? [];
  const hasOthers = one.shown.some((each) => each.seen_by > each.seen.length);
  return (
    <>
      {several ? <h3>Seen from {sources.join(", ")}{hasOthers ? " and maybe others" : null}</h3> : null}
      {problemsOf(one).map((each) => <p key={each} class="bad" data-problem>▲ {each}</p>)}
      <Chain all={one.chain} />
      <p><Link href={`/certificates${query({ q: one.fingerprint_sha256 })}`}>Where else it is seen</Link></p>
    </>
  );
}

/** Nothing for a target that shows none. */
export function TargetCertificates({ uid }: { uid: string }) {
  const list = useLive<CertificateList>(`/api/v1/certificates${query({ uid, targets: 1 })}`, { every: 60_000 });
  const all = list.data?.certificates ?? [];
  if (all.length === 0) {
    return null;
  }
  return (
    <Section id="chain" title={all.length > 1 ? "Certificates: its sources see different ones" : "Certificates, as they are sent"}>
      {all.map((one) => <One key={one.fingerprint_sha256} one={one} several={all.length > 1} />)}
    </Section>
  );
}
