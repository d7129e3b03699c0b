// The certificates of a host in the order in which it sends them.

import { brief } from "../lib/certificates.ts";
import { datesProblem } from "../lib/evidence.ts";
import type { ChainLink, SentCertificate } from "../types.ts";
import { useNow } from "./hooks.ts";
import { Moment } from "./text.tsx";

export function Chain({ all }: { all: (SentCertificate | ChainLink)[] }) {
  const now = useNow();
  return (
    <ol class="chain">
      {all.map((one, place) => {
        const wrong = datesProblem(one, now);
        const known = one.subject !== null;
        return (
          <li key={place} data-certificate>
            <strong>{known ? one.subject || "no subject" : `${brief(one.fingerprint_sha256 ?? "")}…, whose bytes no agent has sent yet`}</strong> {wrong ? <span class="bad">▲ {wrong}</span> : null}
            {known ? (
              <dl class="facts">
                <div><dt>Issued by</dt><dd>{one.issuer || "–"}{one.issuer && one.issuer === one.subject ? ", itself" : null}</dd></div>
                <div><dt>For</dt><dd>{one.dns_names.length > 0 ? one.dns_names.join(", ") : "–"}</dd></div>
                <div><dt>From</dt><dd><Moment unix={one.not_before_unix} none="unknown" /></dd></div>
                <div><dt>To</dt><dd><Moment unix={one.not_after_unix} none="unknown" /></dd></div>
                <div><dt>Key</dt><dd>{one.key ?? "–"}</dd></div>
                <div><dt>SHA-256</dt><dd><code>{one.fingerprint_sha256 ?? "–"}</code></dd></div>
              </dl>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
