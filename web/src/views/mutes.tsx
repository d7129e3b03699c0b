import { useState } from "preact/hooks";

import { problemText } from "../lib/api.ts";
import { count } from "../lib/format.ts";
import { api, live } from "../lib/session.ts";
import { Age, Notice, Section } from "../parts/text.tsx";
import type { Mute } from "../types.ts";

/** What nobody is told of at present. */
export function Mutes({ mutes }: { mutes: Mute[] }) {
  const [problem, setProblem] = useState("");
  if (mutes.length === 0) {
    return null;
  }
  const remove = async (id: number) => {
    try {
      await api.remove(`/api/v1/mutes/${id}`);
      setProblem("");
    } catch (failed) {
      setProblem(problemText(failed));
    }
    live.refresh("/api/v1/");
  };
  return (
    <Section id="mutes" title="Muted" note={count(mutes.length)}>
      {problem ? <Notice tone="bad">{problem}</Notice> : null}
      <ul class="lines">
        {mutes.map((one) => (
          <li key={one.id}>
            <code>{one.matchers.map((matcher) => `${matcher.field}=${matcher.value}`).join(" ")}</code>
            <span>
              {one.why} <span class="dim">({one.by})</span>
            </span>
            <span class="dim">
              ends <Age unix={one.until_unix} />
            </span>
            <button type="button" onClick={() => void remove(one.id)}>
              Unmute
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
