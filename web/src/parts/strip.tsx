// When something was wrong, on a line of time.

import { clock, duration, type Zone } from "../lib/format.ts";

export interface Bar {
  from: number;
  to: number;
  /** 0 to 1 */
  part: number;
  tone: string;
}

/** Of its own units, which are narrower than a pixel of most screens. */
export const stripWidth = 480;
const width = stripWidth;
const height = 22;

interface StripProps {
  bars: Bar[];
  from: number;
  to: number;
  zone: Zone;
  label: string;
  /** When anything was measured; left out: that is not known. */
  known?: { from: number; to: number }[];
  /** What the bars are in words; left out: for how long it was wrong. */
  told?: string;
  /** What it says where there are no bars. */
  none?: string;
}

export function Strip({ bars, from, to, zone, label, known, told, none = "nothing wrong" }: StripProps) {
  const at = (time: number) => ((time - from) / (to - from)) * width;
  const hours = (to - from) / 3600;
  const every = hours > 48 ? 24 : hours > 12 ? 6 : hours > 3 ? 1 : 0.25;
  const ticks: number[] = [];
  for (let time = Math.ceil(from / (every * 3600)) * every * 3600; time < to; time += every * 3600) {
    ticks.push(time);
  }
  const sum = bars.reduce((all, bar) => all + bar.to - bar.from, 0);
  return (
    <figure class="strip">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: ${bars.length === 0 ? none : (told ?? `wrong for ${duration(sum)} in ${bars.length} spans`)}`}
      >
        <rect class="ground" x="0" y="0" width={width} height={height} />
        {(known ?? []).map((span) => (
          <rect key={span.from} class="known" x={at(Math.max(span.from, from))} y="0" width={Math.max(1, at(Math.min(span.to, to)) - at(Math.max(span.from, from)))} height={height} />
        ))}
        {ticks.map((time) => (
          <line key={time} class="tick" x1={at(time)} x2={at(time)} y1="0" y2={height} />
        ))}
        {bars.map((bar) => {
          const size = Math.max(2, bar.part * height);
          return (
            <rect
              key={`${bar.from}-${bar.tone}`}
              class={`bar ${bar.tone}`}
              x={at(bar.from)}
              y={height - size}
              width={Math.max(2, at(bar.to) - at(bar.from))}
              height={size}
            />
          );
        })}
      </svg>
      <figcaption aria-hidden="true">
        <span>{hours >= 23 ? `${hours < 25 ? "24 h" : duration(to - from)} ago` : clock(from, zone).slice(0, 5)}</span>
        <span>{bars.length === 0 ? (known?.length === 0 && none === "nothing wrong" ? "nothing measured" : none) : (told ?? `wrong for ${duration(sum)}`)}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
