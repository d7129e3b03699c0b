import { ms } from "../lib/format.ts";
import { colorsOf } from "../lib/phases.ts";

/** Phases as a bar with their names and times. */
export function Phases({ phases, failed }: { phases: Record<string, number | null> | undefined; failed?: string | null | undefined }) {
  const all = Object.entries(phases ?? {});
  // Of what was never probed there is nothing to show.
  if (!all.some(([name, value]) => value !== null || name === failed)) {
    return null;
  }
  const sum = all.reduce((total, [, value]) => total + (value ?? 0), 0);
  const colors = colorsOf(all.map(([name]) => name));
  let left = 0;
  return (
    <div class="phases">
      <svg class="phasebar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
        {all.map(([name, value], at) => {
          const width = sum > 0 ? ((value ?? 0) / sum) * 1000 : 0;
          const x = left;
          left += width;
          return <rect key={name} class={`p${colors[at]}`} x={x} y="0" width={width} height="8" />;
        })}
      </svg>
      {all.map(([name, value], at) => (
        <span key={name} class={`key${name === failed ? " failed" : ""}`}>
          <i class={`p${colors[at]}`} />
          {name} {name === failed ? "✕ failed" : ms(value)}
        </span>
      ))}
    </div>
  );
}
