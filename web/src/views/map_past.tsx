// The slider over the map's past. What it stands on is asked of the server, one moment at a time.

import { useEffect, useState } from "preact/hooks";

import { full } from "../lib/format.ts";
import { momentsOf, pastRanges, placeOf } from "../lib/past.ts";
import { change } from "../lib/session.ts";
import { useNow, useZone } from "../parts/hooks.ts";

/** Nothing is asked while the slider moves on. */
const rest = 150;

interface Shown {
  /** The moment to ask for; undefined: the present. */
  at: number | undefined;
  control: preact.JSX.Element;
}

/** `asked` is the address's question: `past` is the range, `at` the moment. */
export function useMapPast(asked: Record<string, string>): Shown {
  const zone = useZone();
  const range = asked["past"] !== undefined && asked["past"] in pastRanges ? asked["past"] : undefined;
  const now = useNow(range === undefined ? 86_400 : pastRanges[range]!.step);
  const moments = range === undefined ? [] : momentsOf(range, now);
  const wanted = Number(asked["at"] ?? 0);
  const near = moments[placeOf(moments, wanted)];
  const at = wanted > 0 ? (near ?? wanted) : undefined;
  const [moving, setMoving] = useState<number | null>(null);
  useEffect(() => {
    if (moving === null) {
      return undefined;
    }
    const timer = setTimeout(() => {
      setMoving(null);
      change({ at: moments[moving] === undefined ? undefined : String(moments[moving]) }, "replace");
    }, rest);
    return () => clearTimeout(timer);
  }, [moving]);
  const place = moving ?? (at === undefined ? moments.length : moments.indexOf(at));
  const text = moments[place] === undefined ? "now" : full(moments[place], zone);

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
  return { at, control };
}
