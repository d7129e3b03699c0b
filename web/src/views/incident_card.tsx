// One incident on the first page: what, since when, why, how it is known, and what can be done.

import { useState } from "preact/hooks";

import { affects, evidenceLinks, faultOf, muteMatchers, stripOf } from "../lib/incidents.ts";
import { api, live, reader, setReader } from "../lib/session.ts";
import { words } from "../lib/format.ts";
import { Ask } from "../parts/dialog.tsx";
import { useNow, useZone } from "../parts/hooks.ts";
import { Strip, stripWidth } from "../parts/strip.tsx";
import { Age, Link, Moment } from "../parts/text.tsx";
import type { Incident } from "../types.ts";

const shapes = { critical: "▲", warning: "◆", info: "●" };

export function Acknowledge({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const send = async (values: Record<string, string>) => {
    setReader(values["by"] ?? "");
    await api.post(`/api/v1/incidents/${incident.id}/acknowledge`, { by: values["by"], note: values["note"] ?? "" });
    live.refresh("/api/v1/incidents");
  };
  return (
    <Ask title="Acknowledge" action="I look after it" send={send} onClose={onClose}>
      <p>{incident.summary}</p>
      <label>
        Who <input name="by" required defaultValue={reader.value} autocomplete="name" />
      </label>
      <label>
        Note <input name="note" />
      </label>
    </Ask>
  );
}

export function MuteAsk({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const matchers = muteMatchers(incident);
  const send = async (values: Record<string, string>) => {
    setReader(values["by"] ?? "");
    const kept = matchers.filter((one) => values[`field-${one.field}`] !== undefined);
    const asked = kept.map((one) => ({ field: one.field, value: values[`field-${one.field}`] ?? one.value }));
    await api.post("/api/v1/mutes", { matchers: asked, for: values["for"], by: values["by"], why: values["why"] });
    live.refresh("/api/v1/");
  };
  return (
    <Ask title="Mute" action="Mute" send={send} onClose={onClose}>
      <p>Nobody is told of what fits all of these, as long as the mute lasts. A * stands for any characters.</p>
      {matchers.map((one) => (
        <label key={one.field}>
          {words(one.field)} <input name={`field-${one.field}`} defaultValue={one.value} required />
        </label>
      ))}
      <label>
        For{" "}
        <select name="for">
          <option value="15m">15 min</option>
          <option value="1h">1 h</option>
          <option value="4h">4 h</option>
          <option value="24h">1 day</option>
          <option value="7d">7 days</option>
        </select>
      </label>
      <label>
        Who <input name="by" required defaultValue={reader.value} autocomplete="name" />
      </label>
      <label>
        Why <input name="why" required />
      </label>
    </Ask>
  );
}

export function Actions({ incident }: { incident: Incident }) {
  const [asked, ask] = useState<"" | "acknowledge" | "mute">("");
  return (
    <>
      {incident.acknowledged ? null : (
        <button type="button" onClick={() => ask("acknowledge")}>
          Acknowledge
        </button>
      )}
      {incident.muted ? null : (
        <button type="button" onClick={() => ask("mute")}>
          Mute
        </button>
      )}
      {asked === "acknowledge" ? <Acknowledge incident={incident} onClose={() => ask("")} /> : null}
      {asked === "mute" ? <MuteAsk incident={incident} onClose={() => ask("")} /> : null}
    </>
  );
}

export function Reason({ incident }: { incident: Incident }) {
  const { reason, phase, detail } = incident;
  return reason || detail ? (
    <>
      {reason ? <code>{reason}</code> : null}
      {phase ? <span class="dim"> in {phase}</span> : null}
      {detail ? <span class="detail"> {detail}</span> : null}
    </>
  ) : null;
}

export function Tags({ incident }: { incident: Incident }) {
  return (
    <>
      {incident.flapping ? <span class="tag">flapping</span> : null}
      {incident.muted ? <span class="tag">muted</span> : null}
      {incident.acknowledged ? (
        <span class="tag" title={incident.acknowledged.note}>
          {incident.acknowledged.by} looks after it
        </span>
      ) : null}
    </>
  );
}

const day = 86_400;

/** Its last 24 hours. It goes on alone, by a step that can be seen. */
function LastDay({ incident, earlier }: { incident: Incident; earlier: Incident[] }) {
  const now = useNow(day / stripWidth);
  const bars = stripOf(incident, earlier, now).map((span) => ({ ...span, tone: span.severity }));
  return <Strip bars={bars} from={now - day} to={now} zone={useZone()} label="The last 24 hours" />;
}

/** What is on its own page is always there. */
function evidenceOf(incident: Incident): { text: string; href: string }[] {
  const links = evidenceLinks(incident);
  return links.length > 0 ? links : [{ text: "what happened", href: `/incident/${incident.id}` }];
}

/** `earlier`: the same, when it was closed again. */
export function IncidentCard({ incident, earlier }: { incident: Incident; earlier: Incident[] }) {
  return (
    <article
      class={`incident ${incident.severity}${incident.muted || incident.acknowledged ? " calm" : ""}`}
      data-incident={incident.kind}
      data-id={incident.id}
      data-severity={incident.severity}
      data-row
    >
      <h3>
        <span class="severity">
          <span aria-hidden="true">{shapes[incident.severity]}</span> {incident.severity}
        </span>
        <Link href={`/incident/${incident.id}`}>{incident.summary}</Link>
        <Tags incident={incident} />
      </h3>
      <dl>
        <div>
          <dt>Since</dt>
          <dd>
            <Moment unix={incident.opened_unix} /> <span class="dim">(<Age unix={incident.opened_unix} />)</span>
          </dd>
        </div>
        <div>
          <dt>At fault</dt>
          <dd>{faultOf[incident.kind]}</dd>
        </div>
        <div>
          <dt>Affects</dt>
          <dd>
            {affects(incident)}
          </dd>
        </div>
        {incident.reason || incident.detail ? (
          <div class="wide">
            <dt>Why</dt>
            <dd>
              <Reason incident={incident} />
            </dd>
          </div>
        ) : null}
      </dl>
      <LastDay incident={incident} earlier={earlier} />
      <div class="actions">
        <span class="links">
          Evidence:{" "}
          {evidenceOf(incident).map((link) => (
            <Link key={link.href} href={link.href} data-evidence>
              {link.text}
            </Link>
          ))}
        </span>
        <div class="buttons">
          <Actions incident={incident} />
        </div>
      </div>
    </article>
  );
}
