// What /api/v1, /stats and the agent's /targets answer, as far as the pages read it. Times are Unix
// seconds, null is "not known".

export type Role = "server" | "agent";

export type State = "ok" | "degraded" | "failing" | "prober_fault" | "stale" | "never";
export type AgentState = "ok" | "late" | "lost" | "left";
export type IncidentKind = "target" | "source" | "path" | "prober";
export type Severity = "info" | "warning" | "critical";

export interface Side {
  affected: number;
  of: number;
  names: string[];
}

export interface TimelineEntry {
  at_unix: number;
  event: string;
  sources: number;
  targets: number;
  text: string;
}

export interface Incident {
  id: number;
  kind: IncidentKind;
  severity: Severity;
  summary: string;
  opened_unix: number;
  closed_unix: number | null;
  probe_type: string;
  reason: string;
  phase: string;
  detail: string;
  sources: Side;
  targets: Side;
  /** What is counted on both sides. */
  ends: "sources_and_targets" | "regions" | "agents";
  labels: Record<string, string>;
  flapping: boolean;
  acknowledged: { by: string; note: string; at_unix: number } | null;
  timeline?: TimelineEntry[];
  certificate: string | null;
  merged_into: number | null;
  muted?: boolean;
}

export interface IncidentList {
  incidents: Incident[];
  next: string | null;
}

export interface Mute {
  id: number;
  matchers: { field: string; value: string }[];
  from_unix: number;
  until_unix: number;
  active: boolean;
  by: string;
  why: string;
}

/** Results one after the other that failed in the same way. */
export interface FailureRun {
  from_unix: number | null;
  to_unix: number | null;
  results: number;
  state: State;
  reason: string | null;
  phase: string | null;
  detail: string | null;
}

/** One result of a source. */
export interface PastResult {
  time_unix: number | null;
  state: State;
  /** What the probe is about; null: not measured. */
  time_ms: number | null;
  loss_percent: number;
  reason: string | null;
  phase: string | null;
  detail: string | null;
}

/** What one source measured: the kind's columns stand beside these keys. */
export interface SourceRow {
  source_region: string;
  agent: string;
  state: State;
  since_unix: number | null;
  streak: number;
  /** What a probe of the kind is about, whatever its columns are called; null: not measured. */
  time_ms: number | null;
  loss_percent: number | null;
  usual_ms?: number | null;
  reason: string | null;
  phase: string | null;
  detail: string | null;
  failed_unix: number | null;
  time_unix: number | null;
  phases_ms?: Record<string, number | null>;
  /** The last ones, the newest first; of a single target alone. */
  failures?: FailureRun[];
  /** Likewise, one by one. */
  results?: PastResult[];
  [column: string]: unknown;
}

export interface TargetRow extends SourceRow {
  uid: string;
  target: string;
  region: string;
  probe_type: string;
  labels: Record<string, string>;
}

export interface TargetList {
  targets: TargetRow[];
  matching: number;
  total: number;
  next: string | null;
}

/** What a kind measures: the numbers stand by their keys in each source, those of phases in its `phases_ms`. */
export interface Column {
  key: string;
  role: "duration" | "loss" | "phase" | "count" | "gauge" | "time";
  unit: string;
}

export interface TargetStory {
  uid: string;
  target: string;
  region: string;
  probe_type: string;
  /** What its type is built on. */
  kind: string;
  columns: Column[];
  labels: Record<string, string>;
  sources: SourceRow[];
  certificate: { not_after_unix: number } | null;
  incidents: number[];
}

export interface OwnFault {
  reason: string;
  detail: string;
  since_unix: number;
}

export interface Agent {
  region: string;
  local_ip: string;
  state: AgentState;
  peer: string;
  first_seen_unix: number;
  last_seen_unix: number;
  last_push_unix: number | null;
  version: string;
  http_addr: string;
  probe_interval_ms: number;
  clock_skew_ms: number | null;
  answers_questions: boolean;
  own_faults: OwnFault[];
  /** Where its own page may be; null: nobody else can reach it. */
  link: string | null;
  /** Which part of its region's shared targets it has; null: it has no lease. */
  shard: { place: number; of: number } | null;
  /** What waits in its spool; null: it does not say. */
  backlog: { batches: number; bytes: number; oldest_unix: number | null } | null;
  lag_ms: number | null;
}

export type Cell = string | number | null;

export interface Matrix {
  probe_type: string;
  metric: string;
  unit: string;
  regions: string[];
  values: Cell[][];
  targets: (number | null)[][];
  failing: (number | null)[][];
  states?: (Record<string, number> | null)[][];
  usual?: (number | null)[][];
  ratio?: (number | null)[][];
  /** Of how many ten minutes of the week `usual` is the median; 0: a mean of the last minutes. */
  usual_rollups?: (number | null)[][];
  usual_from_unix?: number | null;
}

/** The matrix of a moment: its cells are of probes and not of targets. */
export interface PastMatrix extends Omit<Matrix, "targets" | "failing"> {
  at_unix: number;
  from_unix: number;
  to_unix: number;
  level: string;
  probes: (number | null)[][];
  failed: (number | null)[][];
}

export interface Region {
  region: string;
  agents: number;
  labels: Record<string, string>;
}

export type StateNumbers = Record<State, number>;

export interface States {
  total: number;
  matching: number;
  states: StateNumbers;
  by: string;
  groups: { name: string; states: StateNumbers }[];
  others: StateNumbers | null;
}

/** What everybody may see of chosen groups. */
export interface StatusGroup {
  name: string;
  state: "ok" | "degraded" | "failing" | "unknown";
  words: string;
  since_unix: number | null;
  checks: { failing: number; of: number };
  incidents: { since_unix: number; severity: Severity; sentence: string; acknowledged: boolean; targets: string[] }[];
  last_24h: { from_unix: number; to_unix: number; severity: Severity }[];
  /** When anything was known of it in the last day. */
  known_24h: { from_unix: number; to_unix: number }[];
  /** Of each day for how long it was ill, and for how long anything was known. */
  days: { from_unix: number; seconds: number[]; known_seconds: number[] };
}

export interface StatusPage {
  title: string;
  time_unix: number;
  groups: StatusGroup[];
}

export interface Quantiles {
  count: number;
  mean: number;
  min: number;
  max: number;
  p50: number;
  p99: number;
}

export interface Point {
  time_unix: number;
  probes: number;
  succeeded: number;
  success_ratio?: number | null;
  latency_ms?: Quantiles | null;
  duration_ms?: Quantiles | null;
  loss_percent?: number | null;
  phases_ms?: Record<string, number | null>;
}

export interface History {
  level: string;
  step_seconds: number;
  from_unix: number;
  to_unix: number;
  points?: Point[];
  sources?: { source_region: string; points: Point[] }[];
  watched_since_unix?: number;
}

export interface PairHistory extends History {
  probe_type: string;
}

export interface ActorStats {
  running: number;
  spawned: number;
  stopped: number;
  failed: number;
  messages: number;
  mailbox: { now: number; max: number };
  handler_us: { p50: number; p99: number; max: number };
}

/** What has gone from one kind of actor, an engine or `outside` to another. */
export interface ActorEdge {
  from: string;
  to: string;
  messages: number;
  questions: number;
}

export interface Stats {
  process: {
    version: string;
    role: Role;
    started_unix: number;
    uptime_seconds: number;
    rss_bytes: number;
    cpu_seconds: number;
    open_fds: number;
  };
  scheduler: { policy: string; workers: number };
  actors: Record<string, ActorStats>;
  actor_edges?: ActorEdge[];
  warnings: unknown;
  own_faults?: OwnFault[];
  targets: Record<string, unknown>;
  [section: string]: unknown;
}

/** The agent's own row of a probe; the kind's facts stand below the kind's name. */
export interface ProbeResult {
  kind: string;
  time_unix: number;
  success: boolean;
  error: string | null;
  local_error: boolean;
  detail: string;
  address: string;
  duration_ms: number | null;
  /** What the probe is about; null: not measured. */
  time_ms: number | null;
  loss_percent: number | null;
  /** What is to be said of a success beside these. */
  remark: string;
  start_lag_ms: number | null;
  shared: boolean;
  resolve_cached: boolean;
  [facts: string]: unknown;
}

export interface AgentTarget {
  uid: string;
  target: string;
  region: string;
  probe_type: string;
  state: "ok" | "failing" | "prober_fault" | "waiting";
  /** When the first of the results in a row came that have this state. */
  since_unix: number | null;
  last: ProbeResult | null;
}

export interface AgentTargetList {
  targets: AgentTarget[];
  matching: number;
  total: number;
  ok: number;
  failing: number;
  prober_fault: number;
  waiting: number;
}

export interface AgentStory extends AgentTarget {
  probing: boolean;
  counters: Record<string, number>;
  results: ProbeResult[];
  failures: ProbeResult[];
}

/** A step of a probe. */
export interface Step {
  at_ms: number;
  text: string;
  fields: Record<string, string>;
}

export interface SentCertificate {
  subject: string;
  issuer: string;
  dns_names: string[];
  not_before_unix: number | null;
  not_after_unix: number | null;
  key: string | null;
  fingerprint_sha256: string | null;
}

/** What one agent sees at a target. */
export interface CertificateWitness {
  source_region: string;
  agent: string;
  fingerprint_sha256: string;
  /** "accepted", or why it was refused; null: it was not judged. */
  verdict: string | null;
}

export interface CertifiedTarget {
  uid: string;
  target: string;
  region: string;
  probe_type: string;
  /** Not all see the same certificate. */
  differs: boolean;
  /** So many agents see it; `seen` has a hundred of them at most. */
  seen_by: number;
  seen: CertificateWitness[];
}

export type ChainState = "complete" | "incomplete" | "wrong_order" | "unrelated" | "untrusted_root" | "unverified";

/** A link whose bytes no agent has sent yet has its fingerprint alone. */
export interface ChainLink {
  fingerprint_sha256: string;
  subject: string | null;
  issuer: string | null;
  dns_names: string[];
  not_before_unix: number | null;
  not_after_unix: number | null;
  key: string | null;
}

/** A certificate that targets show as their own. */
export interface Certificate extends ChainLink {
  /** What ends first of the chain. */
  ends_first: { subject: string | null; fingerprint_sha256: string; not_after_unix: number | null; own: boolean };
  chain: ChainLink[];
  chain_state: ChainState;
  /** In so many ways the chain is sent. */
  chains: number;
  targets: number;
  differing: number;
  refused: number;
  /** Why it was refused, each reason once. */
  refusals: string[];
  sources: string[];
  shown: CertifiedTarget[];
}

export interface CertificateList {
  certificates: Certificate[];
  matching: number;
  known: { certificates: number; chains: number; sightings: number; agents: number; left_out: number; refused: number };
  next: string | null;
}

/** One probe that an agent made because somebody asked for it. */
export interface ProbeAnswer {
  module: string;
  kind: string;
  /** The target is on that agent's list. */
  listed: boolean;
  result: ProbeResult;
  first_address: string;
  resolve_ms: number | null;
  steps: Step[];
}

export interface AskedAgent {
  region: string;
  local_ip: string;
  state: AgentState;
  last_seen_unix: number;
}

export interface ProbeNowAnswer {
  agent: AskedAgent;
  answer: ProbeAnswer;
}

/** What the server knows of one source, and what its agent has said. */
export interface SourceStory {
  agent: AskedAgent;
  source: SourceRow | null;
  story: AgentStory | null;
  problem: string | null;
}
