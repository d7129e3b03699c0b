// Failures on one line of time for each source, above the table that has the same in words.

import { lanesOf, type TimedFailure } from "../lib/evidence.ts";
import { clock, duration, listed, plural, words, type Zone } from "../lib/format.ts";
import { useFirst } from "./first.tsx";
import { Strip } from "./strip.tsx";

const mostLanes = 20;

/** `failing`: the sources that fail now, which come first. */
export function Timeline({ failures, failing, now, zone }: { failures: TimedFailure[]; failing: string[]; now: number; zone: Zone }) {
  const lanes = lanesOf(failures, failing);
  const { shown, rest } = useFirst(lanes, mostLanes, "source");
  const from = Math.min(...lanes.map((lane) => lane.from));
  if (lanes.length === 0) {
    return null;
  }
  // Some room before the first, so that it does not stand at the edge.
  const begin = from - Math.max(60, (now - from) / 20);
  return (
    <>
      <p class="dim">
        From {clock(begin, zone)} until now, {duration(now - begin)}.
      </p>
      {shown.map((lane) => (
        <div key={lane.source} class="lane" data-lane={lane.source}>
          <span>{lane.source}</span>
          <Strip
            bars={lane.runs.map((run) => ({ from: run.from, to: run.to, part: run.state === "failing" ? 1 : 0.5, tone: run.state === "failing" ? "critical" : "warning" }))}
            from={begin}
            to={now}
            zone={zone}
            label={`Failures seen from ${lane.source}`}
            told={`${plural(lane.results, "result")}: ${listed(lane.reasons.map((reason) => words(reason)), 3)}`}
          />
        </div>
      ))}
      {rest}
    </>
  );
}
