// The command that repeats a probe, to be copied.

import { useState } from "preact/hooks";

import { commandFor, commandLacks } from "../lib/command.ts";

export function Command({ type, kind, target }: { type: string; kind: string; target: string }) {
  const [copied, setCopied] = useState("");
  const line = commandFor(kind, target);
  if (line === null) {
    return <p class="dim">Probes of this kind have no command of their own.</p>;
  }
  const copy = () => {
    navigator.clipboard?.writeText(line).then(
      () => setCopied("copied"),
      () => setCopied("this browser does not let it be copied"),
    );
  };
  const lacks = commandLacks(type, kind, target);
  return (
    <>
      <p class="command">
        <code>{line}</code>
        {navigator.clipboard ? (
          <button type="button" onClick={copy}>
            Copy
          </button>
        ) : null}
        <span class="dim" role="status">
          {copied}
        </span>
      </p>
      {lacks ? <p class="dim">{lacks}</p> : null}
    </>
  );
}
