// Commands to be copied.

import { useState } from "preact/hooks";

import { commandFor, commandLacks } from "../lib/command.ts";

/** A line for a shell. */
export function Line({ text }: { text: string }) {
  const [copied, setCopied] = useState("");
  const copy = () => {
    navigator.clipboard?.writeText(text).then(
      () => setCopied("copied"),
      () => setCopied("this browser does not let it be copied"),
    );
  };
  return (
    <p class="command">
      <code>{text}</code>
      {navigator.clipboard ? (
        <button type="button" onClick={copy}>
          Copy
        </button>
      ) : null}
      <span class="dim" role="status">
        {copied}
      </span>
    </p>
  );
}

/** The command that repeats a probe. */
export function Command({ type, kind, target }: { type: string; kind: string; target: string }) {
  const line = commandFor(kind, target);
  if (line === null) {
    return <p class="dim">No command of this program makes probes of the kind {kind}; “Probe now” has an agent make one.</p>;
  }
  const lacks = commandLacks(type, kind, target);
  return (
    <>
      <Line text={line} />
      {lacks ? <p class="dim">{lacks}</p> : null}
    </>
  );
}
