// One target's story, as this agent has it: phase by phase.

import { useState } from "preact/hooks";

import { problemText } from "../lib/api.ts";
import { ms, words } from "../lib/format.ts";
import { api } from "../lib/session.ts";
import { query } from "../lib/url.ts";
import { Command } from "../parts/command.tsx";
import { useLive } from "../parts/hooks.ts";
import { Phases } from "../parts/phases.tsx";
import { factLines, factsOf, Results } from "../parts/results.tsx";
import { Absent, Age, Moment, Num, Problem, Section, StateWord } from "../parts/text.tsx";
import type { AgentStory } from "../types.ts";

function ProbeNow({ target, kind }: { target: string; kind: string }) {
  const [answer, setAnswer] = useState("");
  const [busy, setBusy] = useState(false);
  const probe = async (module: string) => {
    setBusy(true);
    try {
      setAnswer(await api.text(`/probe${query({ target, module, debug: "true" })}`));
    } catch (problem) {
      setAnswer(problemText(problem));
    }
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void probe(String(new FormData(event.currentTarget as HTMLFormElement).get("module")));
  };
  return (
    <>
      <form class="controls" onSubmit={submit}>
        <label>
          With the module <input name="module" required defaultValue={kind} />
        </label>
        <button type="submit" disabled={busy}>
          {busy ? "Probing …" : "Probe now"}
        </button>
      </form>
      <pre class="answer" role="status">{answer}</pre>
    </>
  );
}

export function AgentTargetPage({ uid }: { uid: string }) {
  const found = useLive<AgentStory>(`/targets/${encodeURIComponent(uid)}`, { every: 3000 });
  const story = found.data;
  if (!story) {
    return <Absent title={`Target ${uid}`} what="the target" problem={found.problem} />;
  }
  const last = story.last;
  const facts = factsOf(last);
  return (
    <>
      <div class={`sentence ${story.state === "failing" ? "bad" : story.state === "ok" ? "good" : "warning"}`}>
        <h1>{story.target}</h1>
        <p>
          {last === null ? "It waits for its first probe" : last.error ? `${words(last.error)}: ${last.detail}` : "It answers"}; {story.probe_type} in {story.region}
          {last ? <>, <Age unix={last.time_unix} />.</> : null}
          {story.since_unix ? <span data-since> In this state since <Moment unix={story.since_unix} /> (<Age unix={story.since_unix} />).</span> : null}
        </p>
      </div>
      <Problem what="The target" text={found.problem} />
      {last ? (
        <Section id="last" title="The last probe" note={<StateWord state={story.state} />}>
          <Phases phases={facts.phases_ms} failed={facts.failed_phase} />
          <dl class="facts">
            <div><dt>Address</dt><dd>{last.address || "–"}{last.resolve_cached ? " (its name was known)" : null}{last.shared ? " (measured together with another target)" : null}</dd></div>
            <div><dt>Took</dt><dd><Num value={last.duration_ms} as={ms} /></dd></div>
            <div><dt>Began late by</dt><dd><Num value={last.start_lag_ms} as={ms} /></dd></div>
            {factLines(facts).map(([name, value]) => (
              <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
            ))}
          </dl>
        </Section>
      ) : null}
      {story.failures.length > 0 ? (
        <Section id="failures" title="Last failures">
          <Results results={story.failures} title="last failures" />
        </Section>
      ) : null}
      {story.results.length > 0 ? (
        <Section id="results" title="Last results">
          <Results results={story.results} title="last results" />
        </Section>
      ) : null}
      <Section id="counters" title="Since probing began">
        <dl class="facts">
          {Object.entries(story.counters).map(([name, value]) => (
            <div key={name}><dt>{words(name)}</dt><dd><Num value={value} /></dd></div>
          ))}
          <div><dt>The same probe by hand</dt><dd><Command type={story.probe_type} kind={last?.kind ?? story.probe_type} target={story.target} /></dd></div>
        </dl>
        <ProbeNow target={story.target} kind={story.probe_type} />
      </Section>
    </>
  );
}
