// The actor system as a graph. How many messages went from whom to whom is counted by the program;
// what they are stands in the protocol of actors.hpp, and here in a few words. What is known of but
// has not been seen is drawn thin.

import type { Role, Stats } from "../types.ts";

export interface GraphNode {
  id: string;
  column: number;
  row: number;
  /** What is no actor: an engine, the other side, whoever asks. */
  outside?: boolean;
}

export interface GraphEdge {
  from: string;
  to: string;
  what: string;
  /** The program counts these messages. */
  counted: boolean;
  /** Some of them are questions: answers go the other way. */
  asks: boolean;
  /** Without messages of its own: the counter whose rate is the flow. */
  flow?: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** From, to, what; and the counter of what no actor handles. */
type Known = [from: string, to: string, what: string, flow?: string];

interface Plan {
  nodes: GraphNode[];
  edges: Known[];
}

const agent: Plan = {
  nodes: [
    { id: "server", column: 0, row: 1.2, outside: true },
    { id: "rpc_client", column: 1, row: 1.2 },
    { id: "syncer", column: 2, row: 0 },
    { id: "pusher", column: 2, row: 2.4 },
    { id: "chain_teller", column: 2, row: 1.2 },
    { id: "target_manager", column: 3, row: 0 },
    { id: "results", column: 3, row: 1.7 },
    { id: "spool", column: 3, row: 3.1 },
    { id: "ticker", column: 4, row: 0.6 },
    { id: "target", column: 5, row: 1.2 },
    { id: "outside", column: 0, row: 4.2, outside: true },
    { id: "gateway", column: 1, row: 4.2 },
    { id: "stats", column: 2, row: 4.2 },
    { id: "self_check", column: 3, row: 4.2 },
    { id: "health", column: 4, row: 4.2 },
    { id: "prober", column: 5, row: 3.6 },
  ],
  edges: [
    ["rpc_client", "server", "requests", "sync.ok"],
    ["syncer", "rpc_client", "questions for targets"],
    ["syncer", "target_manager", "lists"],
    ["syncer", "pusher", "what the server takes"],
    ["syncer", "chain_teller", "what the server takes"],
    ["results", "chain_teller", "certificates that targets show"],
    ["chain_teller", "rpc_client", "certificates told"],
    ["target_manager", "ticker", "schedules"],
    ["target_manager", "results", "targets that begin and end"],
    ["ticker", "target", "ticks"],
    ["target", "results", "results"],
    ["pusher", "results", "questions for results"],
    ["pusher", "spool", "batches to keep"],
    ["spool", "results", "batches kept and taken"],
    ["pusher", "rpc_client", "batches pushed"],
    ["outside", "gateway", "pages and programs that ask"],
    ["gateway", "results", "questions for targets' states"],
    ["gateway", "stats", "questions for counters"],
    ["gateway", "health", "whether all is well"],
    ["gateway", "prober", "requests to /probe"],
    ["self_check", "stats", "own counters"],
  ],
};

const server: Plan = {
  nodes: [
    { id: "outside", column: 0, row: 1.2, outside: true },
    { id: "gateway", column: 1, row: 2 },
    { id: "discovery", column: 1, row: 0 },
    { id: "registry", column: 2, row: 0.9 },
    { id: "target_pool", column: 3, row: 0 },
    { id: "agent_keeper", column: 3, row: 1 },
    { id: "journal", column: 2, row: 3 },
    { id: "store", column: 4, row: 2.2 },
    { id: "history", column: 3, row: 3.8 },
    { id: "chains", column: 4, row: 3.4 },
    { id: "remote_write", column: 2, row: 4.6, outside: true },
    { id: "series_keeper", column: 5, row: 3.2 },
    { id: "incidents", column: 5, row: 0.8 },
    { id: "events", column: 6, row: 1.8 },
    { id: "notify", column: 6, row: 0, outside: true },
    { id: "stats", column: 0, row: 3 },
    { id: "health", column: 0, row: 4.2 },
  ],
  edges: [
    ["outside", "gateway", "agents, pages and programs that ask"],
    ["outside", "registry", "signs of life"],
    ["gateway", "target_pool", "questions for targets"],
    ["gateway", "journal", "batches, and readers of it"],
    ["gateway", "store", "questions for rows and values"],
    ["gateway", "history", "questions for the past"],
    ["gateway", "incidents", "questions for incidents, receivers of notices"],
    ["gateway", "chains", "certificates, and questions for them"],
    ["gateway", "events", "pages that wait for changes"],
    ["gateway", "registry", "questions for agents"],
    ["gateway", "stats", "questions for counters"],
    ["gateway", "health", "whether all is well"],
    ["discovery", "target_pool", "lists"],
    ["registry", "target_pool", "the mesh"],
    ["registry", "agent_keeper", "agents to keep"],
    ["registry", "incidents", "states of agents"],
    ["target_pool", "journal", "targets that there are"],
    ["target_pool", "store", "what is wanted"],
    ["target_pool", "chains", "targets that there are"],
    ["target_pool", "incidents", "labels"],
    ["journal", "registry", "clocks of agents"],
    ["journal", "store", "values"],
    ["store", "journal", "series that have ended"],
    ["history", "journal", "reads what has come"],
    ["journal", "remote_write", "values", "remote_write.*.sent"],
    ["store", "incidents", "changes of states"],
    ["series_keeper", "store", "questions for what to keep"],
    ["incidents", "store", "questions for certificates"],
    ["incidents", "chains", "questions for what ends"],
    ["incidents", "history", "targets to watch"],
    ["incidents", "events", "incidents and numbers of states"],
    ["incidents", "notify", "notices", "notify.*.told"],
  ],
};

const engineColumn = 6.25; // room for what goes both ways
const belowAll = 5.4;

function isFilled(section: unknown): boolean {
  return Array.isArray(section) && section.length > 0;
}

/** The engines that have done anything; all of them where none has. */
function enginesOf(stats: Stats): string[] {
  const probes = (stats["probes"] ?? {}) as Record<string, { started?: number }>;
  const all = Object.keys(probes);
  const busy = all.filter((kind) => (probes[kind]?.started ?? 0) > 0);
  return busy.length > 0 ? busy : all;
}

/** The graph of a role: what this process does not run is left out, what is new is put below. */
export function graphOf(role: Role, stats: Stats): Graph {
  const plan = role === "agent" ? agent : server;
  const kinds = Object.keys(stats.actors);
  const engines = role === "agent" ? enginesOf(stats) : [];
  const nodes = plan.nodes.filter((node) => (node.outside ? isFilled(stats[node.id]) || !["remote_write", "notify"].includes(node.id) : kinds.includes(node.id)));
  engines.forEach((id, at) => nodes.push({ id, column: engineColumn, row: 1.2 + (at - (engines.length - 1) / 2) * 1.1, outside: true }));
  // Above the first row there is nothing.
  const lowest = Math.min(0, ...nodes.map((node) => node.row));
  nodes.forEach((node, at) => (nodes[at] = { ...node, row: node.row - lowest }));
  const others = kinds.filter((kind) => !plan.nodes.some((node) => node.id === kind)).sort();
  others.forEach((id, at) => nodes.push({ id, column: at % 7, row: belowAll + Math.floor(at / 7) - lowest }));

  const known: Known[] = [...plan.edges, ...engines.flatMap((kind): Known[] => [["target", kind, "probes", `probes.${kind}.started`], [kind, "target", "outcomes", `probes.${kind}.finished`]])];
  const has = (id: string) => nodes.some((node) => node.id === id);
  const edges = known
    .filter(([from, to]) => has(from) && has(to))
    .map(([from, to, what, flow]): GraphEdge => ({ from, to, what, counted: false, asks: false, ...(flow ? { flow } : {}) }));
  for (const seen of stats.actor_edges ?? []) {
    if (seen.from === seen.to || !has(seen.from) || !has(seen.to)) {
      continue;
    }
    let edge = edges.find((one) => one.from === seen.from && one.to === seen.to);
    if (!edge) {
      const what = engines.includes(seen.to) ? "probes on request" : engines.includes(seen.from) ? "outcomes" : "messages";
      edge = { from: seen.from, to: seen.to, what, counted: true, asks: false };
      edges.push(edge);
    }
    edge.counted = true;
    edge.asks = seen.questions > 0;
  }
  const linked = (id: string) => edges.some((edge) => edge.from === id || edge.to === id);
  return { nodes: nodes.filter((node) => !node.outside || linked(node.id)), edges };
}

/** A box by its middle. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How many square pixels two boxes have in common. */
function common(a: Box, b: Box): number {
  const width = (a.width + b.width) / 2 - Math.abs(a.x - b.x);
  const height = (a.height + b.height) / 2 - Math.abs(a.y - b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Nearer to where a line begins, so that two that go both ways have their numbers apart. */
const labelParts = [0.4, 0.5, 0.3, 0.6, 0.2, 0.7, 0.1, 0.8];

/** The box of a text on a line, where it lies over none of the others; if there is no such place, where it hides least. */
export function placeLabel(line: (part: number) => { x: number; y: number }, size: { width: number; height: number }, others: Box[]): Box {
  let best: Box | undefined;
  let least = Infinity;
  for (const part of labelParts) {
    const box = { ...line(part), ...size };
    const hidden = others.reduce((sum, each) => sum + common(box, each), 0);
    if (hidden < least) {
      [best, least] = [box, hidden];
    }
  }
  return best!;
}

/** The width of an edge: nothing flows, thin; ten times as much, one step wider. */
export function edgeWidth(rate: number | null): number {
  return rate === null || rate <= 0 ? 1 : Math.min(6, 1.5 + Math.log10(1 + rate) * 1.2);
}
