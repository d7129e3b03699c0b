import { ms } from "../lib/format.ts";

const known = ["resolve", "connect", "starttls", "tls", "request", "processing", "exchange", "transfer"];

/** The number of a phase's colour, the same on every page. */
export function phaseColor(name: string): number {
  const at = known.indexOf(name);
  return at >= 0 ? at : 7;
}

/** Phases as a bar with their names and times. */
export function Phases({ phases, failed }: { phases: Record<string, number | null> | undefined; failed?: string | null | undefined }) {
  const all = Object.entries(phases ?? {});
  // Of what was never probed there is nothing to show.
  if (!all.some(([name, value]) => value !== null || name === failed)) {
    return null;
  }
  const sum = all.reduce((total, [, value]) => total + (value ?? 0), 0);
  let left = 0;
  return (
    <div class="phases">
      <svg class="phasebar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
        {all.map(([name, value]) => {
          const width = sum > 0 ? ((value ?? 0) / sum) * 1000 : 0;
          const x = left;
          left += width;
          return <rect key={name} class={`p${phaseColor(name)}`} x={x} y="0" width={width} height="8" />;
        })}
      </svg>
      {all.map(([name, value]) => (
        <span key={name} class={`key${name === failed ? " failed" : ""}`}>
          <i class={`p${phaseColor(name)}`} />
          {name} {name === failed ? "✕ failed" : ms(value)}
        </span>
      ))}
    </div>
  );
}
