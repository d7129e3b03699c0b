// Small pieces of text: numbers with their exact values, times with their zones, states with shapes.

import type { ComponentChildren } from "preact";

import { ago, count, full, moment, portApart } from "../lib/format.ts";
import type { Ailment } from "../lib/health.ts";
import type { Sentence } from "../lib/incidents.ts";
import { go, lastingHref } from "../lib/session.ts";
import { useTold, useZone } from "./hooks.ts";

/** A number for people, with the exact one for everybody else. */
export function Num({ value, as = count }: { value: number | null | undefined; as?: (value: number | null | undefined) => string }) {
  return value === null || value === undefined ? (
    <span class="dim nothing">–</span>
  ) : (
    <data value={String(value)}>{as(value)}</data>
  );
}

export function Age({ unix }: { unix: number | null | undefined }) {
  const told = useTold((now) => (unix ? ago(unix, now) : ""));
  const zone = useZone();
  return unix ? (
    <time dateTime={new Date(unix * 1000).toISOString()} title={full(unix, zone)}>
      {told}
    </time>
  ) : (
    <span class="dim">never</span>
  );
}

/** `none`: what a time that is not there means. */
export function Moment({ unix, none = "never" }: { unix: number | null | undefined; none?: string }) {
  const zone = useZone();
  const told = useTold((now) => (unix ? moment(unix, now, zone) : ""));
  return unix ? (
    <time dateTime={new Date(unix * 1000).toISOString()} title={full(unix, zone)}>
      {told}
    </time>
  ) : (
    <span class="dim">{none}</span>
  );
}

export function StateWord({ state }: { state: string }) {
  return <span class={`state ${state}`}>{state.replaceAll("_", " ")}</span>;
}

/** An address, which is broken before its port where there is no room for it. */
export function Address({ text }: { text: string }) {
  const [host, port] = portApart(text);
  return port === "" ? (
    <>{host}</>
  ) : (
    <>
      {host}
      <wbr />
      {port}
    </>
  );
}

function plainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

interface LinkProps {
  href: string;
  children: ComponentChildren;
  class?: string;
  title?: string;
  "aria-current"?: "page" | undefined;
  "data-evidence"?: boolean;
}

/** A link to another page of this program, or to a part of this one. */
export function Link({ href, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={lastingHref(href)}
      onClick={(event) => {
        if (plainClick(event) && !href.startsWith("#")) {
          event.preventDefault();
          go(href);
        }
      }}
    >
      {children}
    </a>
  );
}

export function Notice({ tone = "", children }: { tone?: string; children: ComponentChildren }) {
  return <p class={`notice ${tone}`}>{children}</p>;
}

/** In the place of what cannot be shown, or above what may be old. */
export function Problem({ text, what }: { text: string | null; what: string }) {
  return text === null ? null : (
    <p class="notice warning" role="status">
      {what} cannot be read now: {text}
    </p>
  );
}

/** What stands above everything. It is read aloud when it is another, and not whenever the minutes below it are. */
export function Told({ sentence: { tone, head, rest } }: { sentence: Sentence }) {
  return (
    <div class={`sentence ${tone}`}>
      <div role="status">
        <h1>{head}</h1>
      </div>
      <p>{rest}</p>
    </div>
  );
}

/** What is wrong with the program itself. */
export function Ailments({ all }: { all: Ailment[] }) {
  return (
    <>
      {all.map((each) => (
        <p key={each.text} class={`notice ${each.tone}`} role="status">
          {each.text}
        </p>
      ))}
    </>
  );
}

export function Loading({ what }: { what: string }) {
  return <p class="dim loading">Reading {what} …</p>;
}

/** In the place of a page whose subject is not there, or not yet. */
export function Absent({ title, what, problem }: { title: string; what: string; problem: string | null }) {
  return (
    <>
      <h1>{title}</h1>
      {problem === null ? <Loading what={what} /> : <Notice tone="warning">{problem}</Notice>}
    </>
  );
}

export function Section({ id, title, note, children }: { id: string; title: string; note?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title}
        {note ? <small>{note}</small> : null}
      </h2>
      {children}
    </section>
  );
}

/** A wide table: it scrolls by itself, also by keys. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
