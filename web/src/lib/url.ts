// Everything that a page shows follows from its address, so that an address can be shared.

export interface Place {
  path: string;
  /** The value of each name, the last one where it has several. */
  query: Record<string, string>;
  /** All values of the names that have several. */
  lists: Record<string, string[]>;
}

export function parsePlace(path: string, search: string): Place {
  const asked = new URLSearchParams(search);
  const query: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const [name, value] of asked) {
    const all = asked.getAll(name).filter((each) => each !== "");
    query[name] = all.at(-1) ?? value;
    if (all.length > 1) {
      lists[name] = all;
    }
  }
  return { path: path.length > 1 ? path.replace(/\/+$/, "") || "/" : "/", query, lists };
}

/** Values that are empty or undefined are left out; the order is that of the names. Those of a list stand one by one. */
export function query(values: Record<string, string | number | string[] | undefined | null>): string {
  const kept = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)]));
  const text = new URLSearchParams(kept).toString();
  return text === "" ? "" : `?${text}`;
}

export function address({ path, query: values, lists }: Place): string {
  const all = Object.entries(values).map(([name, value]) => [name, lists[name]?.at(-1) === value ? lists[name] : value]);
  return path + query(Object.fromEntries(all) as Record<string, string | string[]>);
}

/** The same place with other values; undefined takes a name out. */
export function changed(place: Place, values: Record<string, string | undefined>): Place {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...place.query, ...values })) {
    if (value !== undefined && value !== "") {
      query[name] = value;
    }
  }
  const lists = Object.fromEntries(Object.entries(place.lists).filter(([name]) => !(name in values)));
  return { path: place.path, query, lists };
}

/** The address of a page of this program with what stays wherever one goes, unless it says otherwise itself. */
export function withLasting(href: string, lasting: Record<string, string>): string {
  if (!href.startsWith("/") || Object.keys(lasting).length === 0) {
    return href;
  }
  const [, path, search, hash] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(href)!;
  const at = parsePlace(path!, search ?? "");
  const missing = Object.entries(lasting).filter(([name]) => at.query[name] === undefined);
  return address(changed(at, Object.fromEntries(missing))) + (hash ?? "");
}

/** Names may hold anything: each is one part of the path. */
export function join(...parts: string[]): string {
  return `/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
}

/** The page of two regions, as probes of one kind see them. */
export function pairAddress(from: string, to: string, probeType: string): string {
  return join("pair", from, to) + query({ probe_type: probeType });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The parts of a path after their decoding: "/pair/a/b%2Fc" → ["pair", "a", "b/c"]. */
export function split(path: string): string[] {
  return path.split("/").slice(1).map(decoded);
}

const targetKeys = [
  "state", "source_region", "region", "probe_type", "agent", "target", "uid", "reason", "q", "sort",
  "limit", "cursor",
];

/** The question to /api/v1/targets that an address of /targets stands for. */
export function targetsQuery(place: Place): string {
  const asked: Record<string, string> = { limit: "100" };
  for (const [name, value] of Object.entries(place.query)) {
    if (targetKeys.includes(name) || name.startsWith("label.")) {
      asked[name] = value;
    }
  }
  return `/api/v1/targets${query(asked)}`;
}

/** "team=shop eu" of a filter's field: labels as `label.NAME`, the rest as a part of the name. */
export function readFilter(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  const rest: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const label = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(word);
    const known = /^(source_region|region|probe_type|agent|reason|target):(.+)$/.exec(word);
    if (known) {
      out[known[1]!] = known[2]!;
    } else if (label && !word.includes("://")) {
      out[`label.${label[1]!}`] = label[2]!;
    } else if (word !== "") {
      rest.push(word);
    }
  }
  if (rest.length > 0) {
    out["q"] = rest.join(" ");
  }
  return out;
}

/** The other way round. */
export function writeFilter(values: Record<string, string>): string {
  const out: string[] = [];
  for (const name of ["source_region", "region", "probe_type", "agent", "reason", "target"]) {
    if (values[name]) {
      out.push(`${name}:${values[name]}`);
    }
  }
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("label.")) {
      out.push(`${name.slice(6)}=${value}`);
    }
  }
  if (values["q"]) {
    out.push(values["q"]);
  }
  return out.join(" ");
}
