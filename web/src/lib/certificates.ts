// What is to be said of the certificates that targets show.

import type { Certificate, CertifiedTarget, ChainState } from "../types.ts";

const day = 86_400;

export function toneOf(end: number, now: number): "bad" | "worse" | "ok" {
  return end - now < 7 * day ? "bad" : end - now < 30 * day ? "worse" : "ok";
}

const chainTexts: Record<ChainState, string> = {
  complete: "",
  incomplete: "the chain is incomplete: an issuer is missing",
  wrong_order: "the chain is in the wrong order",
  unrelated: "the chain has a certificate that belongs to no other",
  untrusted_root: "the chain leads to a root that is not accepted",
  unverified: "nobody has verified the chain, and it ends before a root",
};

/** What is wrong, or strange, with a certificate and its chain, the worst first. */
export function problemsOf(one: Certificate): string[] {
  const out: string[] = [];
  if (one.differing > 0) {
    out.push(`${one.differing === 1 ? "1 target shows" : `${one.differing} targets show`} another certificate to other sources: it is being renewed there, its hosts have several, or somebody stands between`);
  }
  if (one.refused > 0) {
    out.push(`refused: ${one.refusals.join(", ")}`);
  }
  const chain = chainTexts[one.chain_state];
  if (chain !== "") {
    out.push(chain);
  }
  if (!one.ends_first.own) {
    out.push(`${one.ends_first.subject || "another of its chain"} ends before it`);
  }
  if (one.chains > 1) {
    out.push(`it is sent with ${one.chains} different chains`);
  }
  return out;
}

/** A fingerprint as people compare it: its beginning. */
export function brief(fingerprint: string): string {
  return fingerprint.slice(0, 16);
}

/** Who sees what at a target: one entry for each certificate, with its sources. */
export function sidesOf(target: CertifiedTarget): { fingerprint: string; sources: string[] }[] {
  const sides = new Map<string, string[]>();
  for (const seen of target.seen) {
    const sources = sides.get(seen.fingerprint_sha256) ?? [];
    sources.push(`${seen.source_region} (${seen.agent})`);
    sides.set(seen.fingerprint_sha256, sources);
  }
  return [...sides].map(([fingerprint, sources]) => ({ fingerprint, sources }));
}
