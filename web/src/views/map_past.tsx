// The slider over the map's past. What it stands on is asked of the server, one moment at a time.

import { useEffect, useState } from "preact/hooks";

import { full } from "../lib/format.ts";
import { momentsOf, pastRanges, placeOf, rangeWith } from "../lib/past.ts";
import { change } from "../lib/session.ts";
import { useNow, useZone } from "../parts/hooks.ts";

/** Nothing is asked while the slider moves on. */
const rest = 150;

interface Shown {
  /** The moment to ask for; undefined: the present. */
  at: number | undefined;
  /** What the slider has, where the moment is older than that; else empty. */
  beyond: string;
  control: preact.JSX.Element;
}

/** `asked` is the address's question: `past` is the range, `at` the moment. */
export function useMapPast(asked: Record<string, string>): Shown {
  const zone = useZone();
  const wanted = Number(asked["at"] ?? 0);
  const at = wanted > 0 ? wanted : undefined; // whatever moments the slider has: an address says the same for ever
  const named = asked["past"] !== undefined && asked["past"] in pastRanges ? asked["past"] : undefined;
  const range = named ?? (at === undefined ? undefined : rangeWith(at, Date.now() / 1000));
  const now = useNow(range === undefined ? 86_400 : pastRanges[range]!.step);
  const moments = range === undefined ? [] : momentsOf(range, now);
  const [moving, setMoving] = useState<number | null>(null);
  useEffect(() => {
    if (moving === null) {
      return undefined;
    }
    const timer = setTimeout(() => {
      setMoving(null);
      // The slider stays as it is, also where the address has named a moment alone.
      change({ past: range, at: moments[moving] === undefined ? undefined : String(moments[moving]) }, "replace");
    }, rest);
    return () => clearTimeout(timer);
  }, [moving]);
  const place = moving ?? (at === undefined ? moments.length : placeOf(moments, at));
  const shown = moving === null ? at : moments[moving];
  const text = shown === undefined ? "now" : full(shown, zone);
  const beyond = range !== undefined && at !== undefined && at < moments[0]! ? pastRanges[range]!.text : "";

  const control = (
    <form class="controls" onSubmit={(event) => event.preventDefault()}>
      <label>
        Past{" "}
        <select value={range ?? ""} onChange={(event) => change({ past: event.currentTarget.value || undefined, at: undefined })}>
          <option value="">now</option>
          {Object.keys(pastRanges).map((each) => (
            <option key={each} value={each}>
              {pastRanges[each]!.text}
            </option>
          ))}
        </select>
      </label>
      {range === undefined ? null : (
        <label class="grow">
          <span class="moment">{text}</span>
          <input type="range" aria-label="Moment" aria-valuetext={text} min={0} max={moments.length} value={place} onInput={(event) => setMoving(Number(event.currentTarget.value))} />
        </label>
      )}
    </form>
  );
  return { at, beyond, control };
}
