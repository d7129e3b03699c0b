// What an agent says when it is asked: a probe now, or what it remembers of a target.

import { useState } from "preact/hooks";

import { problemText } from "../lib/api.ts";
import { chainOf, choices, redirectsOf, type Choice } from "../lib/evidence.ts";
import { full, ms } from "../lib/format.ts";
import { api } from "../lib/session.ts";
import { query } from "../lib/url.ts";
import { Chain } from "../parts/chain.tsx";
import { useZone } from "../parts/hooks.ts";
import { Phases } from "../parts/phases.tsx";
import { factLines, factsOf, Results } from "../parts/results.tsx";
import { Age, Notice, Num, StateWord } from "../parts/text.tsx";
import type { Agent, ProbeAnswer, ProbeNowAnswer, SourceRow, SourceStory, TargetStory } from "../types.ts";

/** The server waits for the agent's next question, the probe, and a little more. */
const longestWait = 110;

function Answer({ answer, from }: { answer: ProbeAnswer; from: string }) {
  const zone = useZone();
  const { result } = answer;
  const facts = factsOf(result);
  const redirects = redirectsOf(answer);
  const chain = chainOf(answer);
  const own = factLines(facts).filter(([name]) => !name.startsWith("tls chain"));
  return (
    <>
      <p role="status">
        <StateWord state={result.success ? "ok" : result.local_error ? "prober_fault" : "failing"} /> from {from}, {full(result.time_unix, zone)}, with {answer.module}
        {answer.listed ? "" : ", which this agent does not probe by itself"}
        {result.error ? <>: <code>{result.error}</code> {result.detail}</> : null}
      </p>
      <Phases phases={facts.phases_ms} failed={facts.failed_phase} />
      <dl class="facts">
        <div><dt>Address</dt><dd>{result.address || "–"}{answer.first_address && answer.first_address !== result.address ? ` (the target's own: ${answer.first_address})` : ""}</dd></div>
        <div><dt>Took</dt><dd><Num value={result.duration_ms} as={ms} /></dd></div>
        {own.map(([name, value]) => (
          <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
        ))}
      </dl>
      {redirects.length > 0 ? (
        <>
          <h3>Redirects</h3>
          <ol class="chain">
            {redirects.map((one, at) => (
              <li key={at} data-redirect>{one.status} from <code>{one.from}</code> to <code>{one.to}</code></li>
            ))}
          </ol>
        </>
      ) : null}
      {chain.length > 0 ? <><h3>Certificates, as they were sent</h3><Chain all={chain} /></> : null}
      {answer.steps.length > 0 ? (
        <details>
          <summary>Its {answer.steps.length} steps</summary>
          <ol class="chain">
            {answer.steps.map((step, at) => (
              <li key={at}>{ms(step.at_ms)} {step.text} <span class="dim">{Object.entries(step.fields).map(([name, value]) => `${name}=${value}`).join(" ")}</span></li>
            ))}
          </ol>
        </details>
      ) : null}
    </>
  );
}

function Remembered({ told }: { told: SourceStory }) {
  const story = told.story;
  if (!story) {
    return (
      <Notice tone="warning">
        {told.problem} What this server knows of it stands above; the agent was seen last <Age unix={told.agent.last_seen_unix} />.
      </Notice>
    );
  }
  return (
    <>
      <p role="status">
        <StateWord state={story.state} /> {story.counters["succeeded"]} of its probes succeeded, {story.counters["failed"]} failed.
      </p>
      {story.failures.length > 0 ? <><h3>Its last failures</h3><Results results={story.failures} title="failures that the agent remembers" /></> : <p class="dim">It remembers no failure.</p>}
      {story.results.length > 0 ? <><h3>Its last results</h3><Results results={story.results} title="results that the agent remembers" /></> : null}
    </>
  );
}

interface Shown {
  from: string;
  probe?: ProbeAnswer;
  story?: SourceStory;
  problem?: string;
}

export function AskAgent({ story, agents, sources }: { story: TargetStory; agents: Agent[]; sources: SourceRow[] }) {
  const [busy, setBusy] = useState("");
  const [shown, setShown] = useState<Shown | null>(null);
  const [chosen, setChosen] = useState("");
  const all = choices(agents, sources);
  if (all.length === 0) {
    return <Notice>No agent can be asked now: they are lost, or their programs are too old for it.</Notice>;
  }
  const agent = all.find((each) => each.value === chosen) ?? all[0]!;
  const ask = async (what: string, of: Choice, question: () => Promise<Partial<Shown>>) => {
    setBusy(what);
    setShown(null);
    setChosen(of.value); // whatever the order of the agents becomes
    try {
      setShown({ from: of.value, ...(await question()) });
    } catch (problem) {
      setShown({ from: of.value, problem: problemText(problem) });
    }
    setBusy("");
  };
  const probe = (event: Event) => {
    event.preventDefault();
    const module = String(new FormData(event.currentTarget as HTMLFormElement).get("module")).trim();
    const { region, local_ip } = agent;
    void ask("probe", agent, async () => ({
      probe: (await api.post<ProbeNowAnswer>("/api/v1/probe", { uid: story.uid, region, local_ip, ...(module ? { module } : {}) }, longestWait)).answer,
    }));
  };
  const remember = () => {
    const { region, local_ip } = agent;
    void ask("story", agent, async () => ({
      story: await api.get<SourceStory>(`/api/v1/target/${encodeURIComponent(story.uid)}/story${query({ region, local_ip })}`, undefined, longestWait),
    }));
  };
  return (
    <>
      <form class="controls" onSubmit={probe}>
        <label>
          Agent{" "}
          <select name="agent" value={agent.value} onChange={(event) => setChosen(event.currentTarget.value)}>
            {all.map((each) => (
              <option key={each.value} value={each.value}>{each.label}</option>
            ))}
          </select>
        </label>
        <label>
          With the module <input name="module" placeholder={story.probe_type} />
        </label>
        <button type="submit" disabled={busy !== ""}>
          {busy === "probe" ? "Probing …" : "Probe now"}
        </button>
        <button type="button" disabled={busy !== ""} onClick={remember}>
          {busy === "story" ? "Asking …" : "What it remembers"}
        </button>
      </form>
      <p class="dim" role="status">{busy !== "" ? `Waiting for ${agent.value}: it hears of this when it next asks for its targets, within seconds.` : ""}</p>
      <div data-answer>
        {shown?.problem ? <p class="notice warning" role="alert">{shown.problem}</p> : null}
        {shown?.probe ? <Answer answer={shown.probe} from={shown.from} /> : null}
        {shown?.story ? <Remembered told={shown.story} /> : null}
      </div>
    </>
  );
}
