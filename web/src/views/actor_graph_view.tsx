import { edgeWidth, graphOf, placeLabel, type Box, type Graph, type GraphEdge, type GraphNode } from "../lib/actor_graph.ts";
import { count, rate, words } from "../lib/format.ts";
import { edgeOf } from "../lib/rates.ts";
import { change, role, samples } from "../lib/session.ts";
import { Num, Scroll } from "../parts/text.tsx";
import type { Stats } from "../types.ts";

const boxWidth = 124;
const boxHeight = 44;
const stepX = 172;
const stepY = 78;

interface Point {
  x: number;
  y: number;
}

function middle(node: GraphNode): Point {
  return { x: node.column * stepX + boxWidth / 2 + 8, y: node.row * stepY + boxHeight / 2 + 8 };
}

function middleOf(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Where the line to another place leaves a box. */
function border(from: Point, to: Point): Point {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const scale = Math.min(dx === 0 ? Infinity : (boxWidth / 2 + 4) / Math.abs(dx), dy === 0 ? Infinity : (boxHeight / 2 + 4) / Math.abs(dy));
  return { x: from.x + dx * scale, y: from.y + dy * scale };
}

/** True if a straight line between two boxes would run through another one. */
function isBlocked(from: Point, to: Point, others: Point[]): boolean {
  return others.some((box) => {
    const length = (to.x - from.x) ** 2 + (to.y - from.y) ** 2 || 1;
    const along = ((box.x - from.x) * (to.x - from.x) + (box.y - from.y) * (to.y - from.y)) / length;
    const near = { x: from.x + along * (to.x - from.x), y: from.y + along * (to.y - from.y) };
    return along > 0.05 && along < 0.95 && Math.abs(near.x - box.x) < boxWidth / 2 && Math.abs(near.y - box.y) < boxHeight / 2;
  });
}

interface Shape {
  path: string;
  /** A part of the line, 0 to 1, as a place. */
  line: (part: number) => Point;
}

/** A line that leaves room for the one that goes the other way, and bends round what is between. */
function shapeOf(from: Point, to: Point, both: boolean, blocked: boolean, height: number): Shape {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const aside = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  const shift = both ? 8 : 0;
  const far = blocked ? Math.min(90, 30 + length / 8) : 0;
  const highest = (from.y + to.y) / 2 + aside.y * far;
  const bend = highest < 0 || highest > height ? -far : far;
  const control = { x: (from.x + to.x) / 2 + aside.x * (bend * 2 + shift), y: (from.y + to.y) / 2 + aside.y * (bend * 2 + shift) };
  const begin = border(from, control);
  const end = border(to, control);
  const moved = (at: Point) => `${(at.x + aside.x * shift).toFixed(1)},${(at.y + aside.y * shift).toFixed(1)}`;
  return {
    path: bend === 0 ? `M${moved(begin)} L${moved(end)}` : `M${moved(begin)} Q${moved(control)} ${moved(end)}`,
    line: (part) => {
      const between = bend === 0 ? middleOf(begin, end) : control;
      const along = (name: "x" | "y") => (1 - part) ** 2 * begin[name] + 2 * part * (1 - part) * between[name] + part ** 2 * end[name] + aside[name] * shift;
      return { x: along("x"), y: along("y") };
    },
  };
}

function flowOf(edge: GraphEdge): number | null {
  return edge.counted ? samples.flow(edge.from, edge.to) : edge.flow ? samples.rate(edge.flow) : null;
}

/** The same in words, for those who cannot see it. */
function FlowTable({ stats, graph }: { stats: Stats; graph: Graph }) {
  const timers = (stats.actor_edges ?? []).filter((edge) => edge.from === edge.to).map((edge): GraphEdge => ({ from: edge.from, to: edge.to, what: "timers and steps of its own", counted: true, asks: edge.questions > 0 }));
  const all = [...graph.edges, ...timers].map((edge) => ({ edge, flow: flowOf(edge), seen: edgeOf(stats, edge.from, edge.to) }));
  all.sort((a, b) => (b.flow ?? -1) - (a.flow ?? -1) || (b.seen?.messages ?? 0) - (a.seen?.messages ?? 0));
  return (
    <details class="flows">
      <summary>The flow of messages as a table</summary>
      <Scroll label="flow of messages">
        <table class="stack">
          <thead>
            <tr>
              <th>From</th>
              <th>To</th>
              <th class="text">What</th>
              <th class="num">A second</th>
              <th class="num">Messages</th>
              <th class="num">Questions</th>
            </tr>
          </thead>
          <tbody>
            {all.map(({ edge, flow, seen }) => (
              <tr key={`${edge.from} ${edge.to}`} data-flow={`${edge.from} ${edge.to}`}>
                <td>{words(edge.from)}</td>
                <td data-label="to">{words(edge.to)}</td>
                <td class="text">{edge.what}</td>
                <td class="num" data-label="a second"><Num value={flow} as={rate} /></td>
                <td class="num" data-label="messages"><Num value={seen?.messages} /></td>
                <td class="num" data-label="questions"><Num value={seen?.questions} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

interface Drawn {
  edge: GraphEdge;
  flow: number | null;
  path: string;
  /** Where its number stands. */
  label: Point | null;
}

/** The lines of all edges, and their numbers where they hide neither boxes nor each other. */
function drawn(graph: Graph, at: Map<string, Point>, height: number): Drawn[] {
  const taken: Box[] = [...at.values()].map((node) => ({ ...node, width: boxWidth, height: boxHeight }));
  return graph.edges.map((edge) => {
    const [from, to] = [at.get(edge.from)!, at.get(edge.to)!];
    const both = graph.edges.some((other) => other.from === edge.to && other.to === edge.from);
    const others = graph.nodes.filter((node) => node.id !== edge.from && node.id !== edge.to).map((node) => at.get(node.id)!);
    const { path, line } = shapeOf(from, to, both, isBlocked(from, to, others), height);
    const flow = flowOf(edge);
    if (!flow) {
      return { edge, flow, path, label: null };
    }
    const label = placeLabel(line, { width: 7 * (rate(flow).length + 2), height: 13 }, taken);
    taken.push(label);
    return { edge, flow, path, label };
  });
}

function Edge({ edge, flow, path, label, chosen }: Drawn & { chosen: string | undefined }) {
  const away = chosen !== undefined && edge.from !== chosen && edge.to !== chosen;
  return (
    <g class={`edge${flow ? " flows" : ""}${away ? " away" : ""}`} data-edge={`${edge.from} ${edge.to}`}>
      <title>
        {words(edge.from)} → {words(edge.to)}: {edge.what}
        {flow === null ? "" : `, ${rate(flow)} a second`}
        {edge.asks ? "; answers go back" : null}
      </title>
      <path d={path} stroke-width={edgeWidth(flow)} marker-end="url(#arrow)" {...(edge.asks ? { "marker-start": "url(#answer)" } : {})} />
      {label === null ? null : (
        <text x={label.x} y={label.y + 3}>
          {rate(flow)}/s
        </text>
      )}
    </g>
  );
}

export function ActorGraph({ stats, chosen }: { stats: Stats; chosen: string | undefined }) {
  const graph = graphOf(role, stats);
  const at = new Map(graph.nodes.map((node) => [node.id, middle(node)]));
  const width = (Math.max(...graph.nodes.map((node) => node.column)) + 1) * stepX - (stepX - boxWidth) + 16;
  const height = Math.max(...graph.nodes.map((node) => node.row)) * stepY + boxHeight + 32;
  return (
    <>
      <div class="graph scroll" role="region" aria-label="Graph of the actors" tabIndex={0}>
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label="Who tells whom; the tables below have the same numbers">
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
              <path d="M0,0 L8,4 L0,8 z" />
            </marker>
            <marker id="answer" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse">
              <circle cx="4" cy="4" r="3" />
            </marker>
          </defs>
          {drawn(graph, at, height).map((each) => (
            <Edge key={`${each.edge.from} ${each.edge.to}`} {...each} chosen={chosen} />
          ))}
          {graph.nodes.map((node) => {
            const center = at.get(node.id)!;
            const actor = stats.actors[node.id];
            const speed = actor ? samples.rate(`actors.${node.id}.messages`) : null;
            const isEngine = !actor && (stats["probes"] as Record<string, unknown> | undefined)?.[node.id] !== undefined;
            return (
              <g
                key={node.id}
                class={`node${node.outside ? " outside" : ""}${actor && actor.failed > 0 ? " failed" : ""}${node.id === chosen ? " chosen" : ""}`}
                data-node={node.id}
                onClick={actor ? () => change({ actor: node.id === chosen ? undefined : node.id }, "replace") : undefined}
              >
                <rect x={center.x - boxWidth / 2} y={center.y - boxHeight / 2} width={boxWidth} height={boxHeight} rx="7" />
                <text class="name" x={center.x} y={center.y - 4}>
                  {isEngine ? `${node.id} engine` : words(node.id)}
                  {actor && actor.running > 1 ? ` × ${count(actor.running)}` : ""}
                </text>
                <text class="more" x={center.x} y={center.y + 12}>
                  {actor ? `${rate(speed)}/s${actor.mailbox.now > 0 ? ` · ${count(actor.mailbox.now)} wait` : ""}` : isEngine ? "sockets, own thread" : "elsewhere"}
                </text>
              </g>
            );
          })}
        </svg>
      </div>
      <p class="dim legend">A point where an edge begins: it carries questions, and the answers go back. Dashed boxes are no actors.</p>
      <FlowTable stats={stats} graph={graph} />
    </>
  );
}
