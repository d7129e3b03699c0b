// The command line that repeats a probe.

/** One word for a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const commands: Record<string, string> = {
  icmp: "ping -c 10",
  http: "http -n 3",
  tcp: "tcp -n 3",
  tls: "tls -n 3",
  dns: "dns -n 3",
};

/** Null for a kind that this page knows no command for. */
export function commandFor(probeType: string, target: string): string | null {
  const command = commands[probeType];
  // What begins with a dash would be an option.
  return command ? `xprober ${command} ${target.startsWith("-") ? "-- " : ""}${shellWord(target)}` : null;
}

/** What the command lacks: nothing shows secrets, and settings stand in the agent's file. */
export function commandLacks(probeType: string, kind: string, target: string): string {
  const secrets = /[?&][^=&]*=\*\*\*/.test(target) ? "Put the secrets in the place of ***." : "";
  const settings = probeType === kind ? "It has the defaults: an agent whose file has other settings probes with those." : `It has not the settings of the module ${probeType}: give them as options.`;
  return [secrets, settings].filter((each) => each !== "").join(" ");
}

export interface Step {
  /** Where it is to be run, and when. */
  where: string;
  line: string;
}

/** How a machine becomes an agent of the server at this address: a server with TLS was made by `xprober server init`, and
 * takes who has joined. */
export function joinCommands(protocol: string, host: string): Step[] {
  if (protocol === "https:") {
    return [
      { where: "On this server, once for each agent; it prints a token:", line: "xprober server token --region REGION" },
      { where: "On the machine that is to probe, with that token:", line: `xprober agent join --server ${shellWord(`https://${host}:6001`)} --token TOKEN` },
      { where: "There, to start it now and at each boot:", line: "systemctl enable --now xprober-agent" },
    ];
  }
  // In YAML, brackets of an IPv6 address need quotes.
  const address = host.startsWith("[") ? `"${host}:6001"` : `${host}:6001`;
  return [{ where: "On the machine that is to probe, which may be this one:", line: `xprober agent --config /etc/xprober/agent.yaml --set region=REGION --set ${shellWord(`rpc_server_addr=${address}`)}` }];
}
