/** The last values as a small line; the newest stands beside it as a number. */
export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const width = 90;
  const height = 20;
  const most = Math.max(...values, 1e-9);
  const step = width / Math.max(1, values.length - 1);
  const line = values
    .map((value, at) => `${(at * step).toFixed(1)},${(height - 1.5 - (value / most) * (height - 3)).toFixed(1)}`)
    .join(" ");
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {values.length > 1 ? <polyline points={line} /> : <line x1="0" x2={width} y1={height - 2} y2={height - 2} />}
    </svg>
  );
}
