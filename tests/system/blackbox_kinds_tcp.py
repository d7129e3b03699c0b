"""What blackbox_exporter's prober tcp and the agent's kind tcp are to say of connections, lines and
TLS."""

from blackbox_kinds_world import DARK, SOME, Case


def expect(*texts):
    return {"query_response": [{"expect": text} for text in texts]}


def says(*steps):
    """"> text" is sent, anything else expected."""
    return {"query_response": [{"send": step[2:]} if step.startswith("> ") else {"expect": step}
                               for step in steps]}


SMTP = [{"expect": "^220 ([^ ]+) ESMTP"}, {"send": "EHLO prober"}, {"expect": "^250-STARTTLS"},
        {"send": "STARTTLS"}, {"expect": "^220"}, {"starttls": True}, {"send": "EHLO prober"},
        {"expect": "^250-AUTH"}, {"send": "QUIT"}]

OF_ADDRESSES = ("probe_ip_protocol", "probe_ip_addr_hash")
OF_TLS = ("probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_expiry_timestamp_seconds",
          "probe_ssl_last_chain_info", "probe_tls_version_info")


def cases(world):
    return [*line_cases(world), *dialogue_cases(world), *tls_cases(world), *name_cases(world)]


def line_cases(world):
    at = world.at
    return [
        Case("connect", at("mute"), 1),
        Case("refused", f"127.0.0.1:{world.closed}", 0, reason="refused"),
        Case("nobody answers", f"{DARK}:80", 0, timeout="1s", reason="connect_timeout"),
        Case("banner", at("banner"), 1, expect("^220 ")),
        Case("another banner", at("banner, then end"), 0, expect("^SSH-"), reason="bad_answer"),
        Case("another banner, stays", at("banner"), 0, expect("^SSH-"), timeout="1s",
             reason="deadline"),
        Case("says nothing", at("mute"), 0, expect("."), timeout="1s", reason="deadline"),
        Case("closes", at("closes"), 0, expect("."), reason="early_close"),
        Case("resets", at("reset"), 0, expect("."), reason="reset"),
        Case("many lines", at("many"), 1, expect("^. done$")),
        Case("line feeds alone", at("feeds"), 1, expect("^two$", "^three$")),
        Case("line by line", at("feeds"), 0, expect("two\nthree"), timeout="1s"),
        Case("in order", at("feeds"), 0, expect("^two$", "^one$"), timeout="1s"),
        Case("returns", at("banner"), 1, expect("ready$")),
        Case("a return within", at("returns"), 1, expect("^a\\rb$")),
        Case("blank lines", at("blank"), 1, expect("^$", "^$", "^ready$")),
        Case("no end of line", at("no end"), 1, expect("^220 ready$")),
        Case("after a long line", at("long"), 1, expect("^ready$")),
        Case("a line too long", at("too long"), 0, expect("^ready$"), reason="bad_answer",
             values_differ={"probe_failed_due_to_regex": (
                 0, 1, "a line above 64 KiB is to the agent one that does not match")}),
        Case("accents", at("accents"), 1, expect("^b.cher$")),
        Case("bytes", at("telnet"), 1, expect("^... login:$")),
    ]


def dialogue_cases(world):
    return [
        Case("Redis", world.at("redis"), 1, says("> PING", "^\\+PONG")),
        Case("Redis, another answer", world.at("redis"), 0, says("> AUTH", "^\\+PONG"),
             reason="early_close"),
        Case("SSH", world.at("ssh"), 1, {"query_response": [
            {"expect": "^SSH-2.0-OpenSSH_([^ ]+)", "send": "SSH-2.0-prober-${1}"}]}),
        Case("SMTP", world.at("smtp"), 1, {"query_response": [
            {"expect": "^220 (?P<host>[^ ]+) ESMTP", "send": "EHLO ${host}"}, {"expect": "^250 "},
            {"send": "QUIT"}, {"expect": "^221"}]}),
        Case("IRC", world.at("irc"), 1, {"query_response": [
            {"send": "NICK prober"}, {"send": "USER prober prober prober :prober"},
            {"expect": "^PING :([^ ]+)", "send": "PONG ${1}"}, {"expect": "^:[^ ]+ 001"}]}),
        Case("dollars", world.at("dollars"), 1, {"query_response": [
            {"expect": "key=(?P<first>.+) value=(.+)", "send": "$2 ${first} $1x$3 $$ $- $"},
            {"expect": "right"}]}),
    ]


def tls_cases(world):
    refused = {name: (None, SOME, "the agent tells of a certificate that it refuses")
               for name in ("probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_info")}

    def tls(port, name, success, reason=None, host="localhost", steps=None, values_differ=None, **keys):
        module = {"tls": True, "tls_config": {"ca_file": str(world.authority), **keys},
                  **(expect("^220 ready$") if steps is None else steps)}
        return Case(name, f"{host}:{port}", success, module, timeout=None if success else "1s",
                    reason=reason, values_differ=values_differ)

    def starttls(port, name, success, reason=None, values_differ=None, verdicts_differ=None):
        module = {"query_response": SMTP, "tls_config": {"ca_file": str(world.authority)}}
        return Case(name, f"localhost:{port}", success, module, timeout=None if success else "1s",
                    reason=reason, values_differ=values_differ, verdicts_differ=verdicts_differ)

    of, blind = world.tls, {"insecure_skip_verify": True}
    return [
        tls(of["good"], "TLS", 1),
        tls(of["good"], "TLS and no more", 1, steps={}),
        tls(of["good"], "TLS, another banner", 0, "deadline", steps=expect("^250")),
        tls(of["good"], "TLS by address", 1, host="127.0.0.1"),
        tls(of["expired"], "expired", 0, "tls_expired", values_differ=refused),
        tls(of["expired"], "expired, not verified", 1, **blind),
        tls(of["other"], "wrong name", 0, "tls_wrong_name", values_differ=refused),
        tls(of["other"], "another name", 1, server_name="other.test"),
        tls(of["self"], "self-signed", 0, "tls_unknown_issuer", values_differ=refused),
        tls(of["self"], "self-signed, not verified", 1, **blind),
        tls(of["tls12"], "TLS 1.2", 1),
        tls(of["tls12"], "TLS 1.3 demanded", 0, "tls_protocol", min_version="TLS13"),
        tls(of["tls11"], "TLS 1.1", 0, "tls_protocol"),
        tls(of["tls11"], "TLS 1.1 allowed", 1, min_version="TLS10"),
        tls(world.port["banner"], "TLS to a plain server", 0),
        tls(world.port["mute"], "TLS that stalls", 0, "deadline"),
        Case("plain to a TLS server", f"localhost:{of['good']}", 0, expect("^220"), timeout="1s"),
        starttls(world.smtp["good"], "STARTTLS", 1),
        starttls(world.smtp["other"], "STARTTLS, wrong name", 0, "tls_wrong_name", refused),
        starttls(world.smtp["injected"], "STARTTLS, more in the clear", 0, "starttls_failed", {
            name: (SOME, None, "the same") for name in OF_TLS},
                 (1, 0, "what was injected before TLS is not to be trusted (CVE-2011-0411)")),
        starttls(world.port["smtp, refused"], "STARTTLS refused", 0, "bad_answer"),
        starttls(world.port["smtp, no TLS"], "STARTTLS without TLS", 0),
    ]


def name_cases(world):
    six, only_six = {"preferred_ip_protocol": "ip6"}, {
        "preferred_ip_protocol": "ip6", "ip_protocol_fallback": False}
    only_four = {"ip_protocol_fallback": False}
    unresolved = {name: (SOME, 0, "the agent refuses the target first") for name in OF_ADDRESSES}

    def differs(name, target, theirs, why, values_differ=None, tcp=None):
        return Case(name, target, None, tcp, verdicts_differ=(theirs, 1 - theirs, why),
                    values_differ=values_differ)

    return [
        Case("IPv6", f"[::1]:{world.six}", 1),
        Case("IPv4 of both", f"both.test:{world.both}", 1, expect("127.0.0.1")),
        Case("IPv6 of both", f"both.test:{world.both}", 1, {**six, **expect("::1")}),
        Case("IPv6 alone", f"both.test:{world.six}", 1, only_six),
        Case("another family", f"web.test:{world.both}", 1, {**six, **expect("127.0.0.1")}),
        Case("no other family", f"web.test:{world.both}", 0, only_six, reason="resolve_no_address"),
        Case("no other family than IPv4", f"six.test:{world.six}", 0, only_four,
             reason="resolve_no_address"),
        differs("address of the other family", f"[::1]:{world.six}", 0,
                "ip_protocol_fallback is about names: an address is what was asked for",
                {"probe_ip_protocol": (0, 6, "the same"), "probe_ip_addr_hash": (0, SOME, "the same")},
                only_four),
        Case("name not found", f"nosuch.test:{world.six}", 0, reason="resolve_not_found"),
        Case("no port", "127.0.0.1", 0, reason="bad_target", values_differ={
            name: (None, 0, "the agent has it always") for name in OF_ADDRESSES}),
        Case("port too large", "127.0.0.1:65536", 0, reason="bad_target", values_differ=unresolved),
        differs("port with a name", "127.0.0.1:http", 1, "the agent takes numbers alone", unresolved),
        differs("the first address is dead", f"two.test:{world.both}", 0, "the agent tries them all"),
        differs("the first family is dead", f"dead4.test:{world.six}", 0, "the agent tries them all"),
    ]


def slow_cases(world):
    """What takes 0.2 s."""
    return [Case("slow", world.at("late"), 1, expect("ready")),
            Case("slow TLS", f"localhost:{world.slow_tls}", 1, {
                "tls": True, "tls_config": {"ca_file": str(world.authority)}})]
