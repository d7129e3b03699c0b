// Numbers and times as people read them. Pure: the zone and the present come in.

export type Zone = "local" | "utc";

const groups = new Intl.NumberFormat("en-US");

/** 12345 → "12,345". What is not known is a dash. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : groups.format(value);
}

function rounded(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return Number(value.toFixed(digits)).toString();
}

/** Milliseconds with three figures and their unit; above a second in seconds. */
export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  return Math.abs(value) >= 10_000 ? `${rounded(value / 1000)} s` : `${rounded(value)} ms`;
}

/** Microseconds of a handler: "12 µs", "1.2 ms". */
export function us(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  return value >= 1000 ? ms(value / 1000) : `${rounded(value)} µs`;
}

/** A share that is not nothing is never shown as nothing, and one that is not all never as all. */
export function percent(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  const text = rounded(value);
  if (value > 0 && text === "0") {
    return "<0.001 %";
  }
  return value > 99.9 && value < 100 ? ">99.9 %" : `${text} %`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  let left = value;
  while (left >= 1024 && at < units.length - 1) {
    left /= 1024;
    ++at;
  }
  return `${at === 0 ? left : rounded(left)} ${units[at]}`;
}

/** A rate for a node or a row: "0", "0.2", "12", "1.2k". */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return "–";
  }
  if (value >= 10_000) {
    return `${rounded(value / 1000)}k`;
  }
  return value >= 100 ? Math.round(value).toString() : rounded(Number(value.toPrecision(2)));
}

/** The two largest units of a length of time: "45 s", "12 min", "3 h 5 min", "2 d 4 h". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  }
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** "12 min ago", "in 3 d"; "never" for what was not. */
export function ago(unix: number | null | undefined, now: number): string {
  if (!unix) {
    return "never";
  }
  const gone = now - unix;
  if (gone < 0) {
    return `in ${duration(-gone)}`;
  }
  return gone < 1 ? "just now" : `${duration(gone)} ago`;
}

function parts(unix: number, zone: Zone) {
  const at = new Date(unix * 1000);
  const two = (value: number) => value.toString().padStart(2, "0");
  return zone === "utc"
    ? {
        day: `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`,
        time: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`,
      }
    : {
        day: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
        time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
      };
}

/** "14:02", of another day "2026-01-02 14:02". */
export function moment(unix: number | null | undefined, now: number, zone: Zone): string {
  if (!unix) {
    return "never";
  }
  const at = parts(unix, zone);
  const time = at.time.slice(0, 5);
  return at.day === parts(now, zone).day ? time : `${at.day} ${time}`;
}

/** "14:02:33" */
export function clock(unix: number, zone: Zone): string {
  return parts(unix, zone).time;
}

/** "2026-01-02 14:02:33" */
export function full(unix: number, zone: Zone): string {
  const at = parts(unix, zone);
  return `${at.day} ${at.time}`;
}

/** "UTC", "UTC+2", "UTC-3:30" */
export function zoneName(zone: Zone, offsetMinutes: number): string {
  if (zone === "utc" || offsetMinutes === 0) {
    return "UTC";
  }
  const size = Math.abs(offsetMinutes);
  const minutes = size % 60 === 0 ? "" : `:${(size % 60).toString().padStart(2, "0")}`;
  return `UTC${offsetMinutes > 0 ? "+" : "-"}${Math.floor(size / 60)}${minutes}`;
}

/** "1 target", "3 targets" */
export function plural(number: number, what: string, many = `${what}s`): string {
  return `${count(number)} ${number === 1 ? what : many}`;
}

/** "a", "a and b", "a, b and 3 more" */
export function listed(names: string[], most = 3, total = names.length): string {
  const shown = names.slice(0, most);
  const left = Math.max(total, names.length) - shown.length;
  if (left > 0) {
    return shown.length === 0 ? count(left) : `${shown.join(", ")} and ${count(left)} more`;
  }
  const last = shown.pop();
  return shown.length === 0 ? (last ?? "none") : `${shown.join(", ")} and ${last}`;
}

/** "http://10.0.0.1:8080/x" → "http://10.0.0.1" and ":8080/x"; the second is empty where there is no port. */
export function portApart(address: string): [string, string] {
  const at = address.search(/(?<=[^:/]):\d{1,5}(?:$|[/?])/);
  return at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at)];
}

/** snake_case as words. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}
