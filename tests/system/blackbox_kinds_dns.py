"""What blackbox_exporter's prober dns and the agent's kind dns are to say of name servers, of Knot DNS
and of such that lie."""

import functools

from blackbox_kinds_world import DARK, Case

WWW, ZONE, EMPTY = "www.example.test", "example.test", "mail.example.test"  # EMPTY has no AAAA
TCP = {"transport_protocol": "tcp"}
OPTIONS = ("timeout", "reason", "own", "values_differ", "verdicts_differ")

ALL_MATCH = "fail_if_all_match_regexp of blackbox_exporter fails where not every record matches"
ANSWERS, QUERY = "probe_dns_answer_rrs", "probe_dns_query_succeeded"


def cases(world):
    return [*record_cases(world), *check_cases(world), *text_cases(world), *transport_cases(world),
            *secure_cases(world), *lying_cases(world), *truncated_cases(world)]


def ask(server, name, success, query, kind="A", **more):
    """A question to the server; `more` has keys of the module's section, and what Case takes."""
    options = {key: more.pop(key) for key in OPTIONS if key in more}
    section = {"query_name": query, **({"query_type": kind} if kind else {}), **more}
    return Case(name, server, success, dns=section, **options)


def record_cases(world):
    knot = functools.partial(ask, world.knot)
    return [
        knot("A", 1, WWW),
        knot("A, with a dot", 1, f"{WWW}."),
        knot("A, in capitals", 1, WWW.upper()),
        knot("AAAA", 1, WWW, "AAAA"),
        knot("MX", 1, ZONE, "MX"),
        knot("SOA", 1, ZONE, "SOA"),
        knot("SOA, none", 1, WWW, "SOA", values_differ={
            "probe_dns_serial": (0, None, "what was not measured is left out")}),
        knot("TXT", 1, ZONE, "TXT"),
        knot("NS", 1, ZONE, "NS"),
        knot("SRV", 1, "_sip._tcp.example.test", "SRV"),
        knot("CNAME", 1, "alias.example.test", "CNAME"),
        knot("A of an alias", 1, "alias.example.test"),
        knot("A of an alias to elsewhere", 1, "outside.example.test"),
        knot("ANY", 1, "ns2.example.test", "ANY", **TCP),
        knot("no type", 1, EMPTY, None, **TCP),
        ask(world.lies["by type"], "no type, where it matters", 1, WWW, None, values_differ={
            ANSWERS: (2, 1, "blackbox_exporter asks for ANY, the agent for A")}),
        knot("wildcard", 1, "a.b.wild.example.test"),
        knot("no records", 1, EMPTY, "AAAA"),
        knot("no such name", 0, "gone.example.test", reason="bad_rcode"),
        knot("no such name, wanted", 1, "gone.example.test", valid_rcodes=["NXDOMAIN"]),
        knot("no such name, allowed", 1, "gone.example.test", valid_rcodes=["NOERROR", "NXDOMAIN"]),
        knot("name found, not wanted", 0, WWW, valid_rcodes=["NXDOMAIN"], reason="bad_rcode"),
        knot("server fails", 0, "any.broken.test", reason="bad_rcode"),
        knot("server fails, wanted", 1, "any.broken.test", valid_rcodes=["SERVFAIL"]),
        knot("server refuses", 0, "elsewhere.test", reason="bad_rcode"),
        knot("server refuses, wanted", 1, "elsewhere.test", valid_rcodes=["REFUSED"]),
    ]


def check_cases(world):
    def check(name, success, query, kind, section, theirs=None, **checks):
        verdicts = None if theirs is None else (theirs, success, ALL_MATCH)
        checks = {f"fail_if_{key}_regexp": texts for key, texts in checks.items()}
        return ask(world.knot, name, success, query, kind, verdicts_differ=verdicts,
                   reason=None if success else "bad_answer", **{f"validate_{section}_rrs": checks})

    answer = functools.partial(check, query=WWW, kind="A", section="answer")
    nothing = functools.partial(check, query=EMPTY, kind="AAAA", section="answer")
    authority = functools.partial(check, query=EMPTY, kind="AAAA", section="authority")
    # Of NS: an A and an AAAA of ns2, and an A of ns.
    additional = functools.partial(check, query=ZONE, kind="NS", section="additional")
    return [
        answer("answer matches", 0, matches=["x$", r"127\.0\.0\.6$"]),
        answer("answer does not match", 1, matches=[r"127\.0\.0\.7$", "^x"]),
        answer("one answer is wrong", 0, not_matches=[r"\.5$"]),
        answer("answers are right", 1, not_matches=["^www", r"\tIN\tA\t127"]),
        answer("no answer is right", 0, none_matches=[r"\.7$", r"\.8$"]),
        answer("an answer is right", 1, none_matches=[r"\.7$", r"\.6$"]),
        answer("answers all match", 0, theirs=1, all_match=[r"^www\..*\.[56]$"]),
        answer("answers do not all match", 1, theirs=0, all_match=[r"\.5$"]),
        nothing("nothing that matches", 1, matches=["."]),
        nothing("nothing that could match", 0, not_matches=["."]),
        nothing("nothing of which one could", 0, none_matches=["."]),
        nothing("nothing of which all could", 1, all_match=["."]),
        authority("authority matches", 0, matches=[r" 2024010203 3600 600 86400 300$"]),
        authority("authority does not match", 1, matches=["\tNS\t"]),
        authority("authority is wrong", 0, not_matches=["\tNS\t"]),
        authority("authority is right", 1, not_matches=["\tSOA\t"]),
        authority("no authority is right", 0, none_matches=["\tNS\t", "MX"]),
        authority("an authority is right", 1, none_matches=["\tNS\t", "SOA"]),
        authority("authorities all match", 0, theirs=1, all_match=["SOA"]),
        authority("authorities do not all match", 1, theirs=0, all_match=["MX"]),
        authority("no authority at all", 0, query=WWW, kind="A", none_matches=["SOA"]),
        additional("additional matches", 0, matches=[r"127\.0\.0\.2$"]),
        additional("additional does not match", 1, matches=[r"127\.0\.0\.5$"]),
        additional("one additional is wrong", 0, not_matches=["^ns2"]),
        additional("additionals are right", 1, not_matches=["^ns2?[.]example"]),
        additional("no additional is right", 0, none_matches=[r"AAAA\t::3$"]),
        additional("an additional is right", 1, none_matches=[r"AAAA\t::2$"]),
        additional("additionals all match", 0, theirs=1, all_match=["^ns"]),
        additional("additionals do not all match", 1, theirs=0, all_match=["AAAA"]),
    ]


def text_cases(world):
    """The whole text of records, as expressions see it."""
    def text(kind, data, query=ZONE, ttl=300, klass="IN", **more):
        owner = more.pop("owner", query).replace("\\", r"\\").replace(".", r"\.")
        return ask(world.knot, f"text of {kind}" + more.pop("what", ""), 1, query,
                   more.pop("asked", kind), validate_answer_rrs={"fail_if_not_matches_regexp": [
                       rf"^{owner}\.\t{ttl}\t{klass}\t{kind}\t{data}$"]}, **more)

    return [
        text("A", r"127\.0\.0\.[56]", WWW),
        text("AAAA", "fd00::5", WWW),
        text("SOA", r"ns\.example\.test\. hostmaster\.example\.test\. 2024010203 3600 600 86400 300"),
        text("NS", r"ns2?\.example\.test\."),
        text("MX", r"[12]0 mail2?\.example\.test\."),
        text("TXT", r'"v=spf1 -all" "a \\"quoted\\" \\\\ text"'),
        text("TXT", r'"b\\195\\188cher\\009"', "bytes.example.test", what=" of bytes"),
        text("SRV", r"1 2 5060 www\.example\.test\.", "_sip._tcp.example.test"),
        text("CAA", r'0 issue "authority\.test"'),
        text("TYPE65300", r"\\# 3 616263", "odd.example.test", asked="ANY", verdicts_differ=(
            0, 1, "RFC 3597, section 5: blackbox_exporter writes IN as CLASS1 there"), **TCP),
        text("TLSA", "3 1 1 (0123456789abcdef){4}", "host.example.test"),
        text("SSHFP", "4 2 (0123456789ABCDEF){4}", "host.example.test"),
        text("DS", "12345 13 2 (0123456789ABCDEF){4}", "child.example.test"),
        text("DNSKEY", "257 3 13 AAECAwQFBgcICQoLDA0ODw==", "host.example.test"),
        text("NAPTR", r'10 20 "u" "E2U\+sip" "!\^\.\*\$!sip:a@b\.test!" \.', "host.example.test"),
        text("TXT", '"probed"', "version.bind", 0, "CH", what=" of a server", query_class="CH"),
        text("A", r"127\.0\.0\.8", r"a\.b.example.test", what=" of a name with a dot in a label",
             owner=r"a\.b.example.test"),
    ]


def transport_cases(world):
    closed, dark = f"127.0.0.1:{world.closed}", f"{DARK}:53"
    by_name = f"both.test:{world.knot.rpartition(':')[2]}"
    return [
        ask(world.knot, "TCP", 1, WWW, **TCP),
        ask(closed, "TCP, refused", 0, WWW, reason="refused", **TCP),
        ask(dark, "TCP, nobody answers", 0, WWW, timeout="1s", reason="connect_timeout", **TCP),
        ask(world.at("closes"), "TCP, closes", 0, WWW, **TCP),
        ask(world.at("mute"), "TCP, says nothing", 0, WWW, timeout="1s", reason="deadline", **TCP),
        ask(closed, "UDP, refused", 0, WWW, reason="refused"),
        ask(dark, "UDP, nobody answers", 0, WWW, timeout="1s", reason="deadline"),
        ask(world.knot6, "server at IPv6", 1, WWW),
        ask("::1", "server at IPv6, no port", 1, WWW),
        ask("127.0.0.1", "server at no port", 1, "web.test"),
        ask(by_name, "server by name", 1, WWW),
        ask(by_name, "server by name, IPv6", 1, WWW, preferred_ip_protocol="ip6"),
        ask("nosuch.test", "server's name not found", 0, WWW, reason="resolve_not_found"),
        ask("web.test", "server without such an address", 0, WWW, reason="resolve_no_address",
            preferred_ip_protocol="ip6", ip_protocol_fallback=False),
    ]


def secure_cases(world):
    def secure(name, success, server, reason=None, transport=TCP, verdicts_differ=None,
               values_differ=None, **keys):
        return ask(server, name, success, WWW, reason=reason, verdicts_differ=verdicts_differ,
                   values_differ=values_differ, dns_over_tls=True,
                   tls_config={"ca_file": str(world.authority), **keys}, **transport)

    at = {name: f"localhost:{port}" for name, port in world.secure.items()}
    return [
        secure("over TLS", 1, at["good"]),
        secure("over TLS, no port", 1, "localhost"),
        secure("over TLS, expired", 0, at["expired"], "tls_expired"),
        secure("over TLS, wrong name", 0, at["other"], "tls_wrong_name"),
        secure("over TLS, another name", 1, at["other"], server_name="other.test"),
        secure("over TLS, not verified", 1, at["expired"], insecure_skip_verify=True),
        secure("over TLS, a plain server", 0, world.knot),
        secure("over TLS, transport left out", 1, at["good"], transport={}, verdicts_differ=(
            0, 1, "the agent needs no transport_protocol: there is only one for TLS"), values_differ={
                ANSWERS: (0, 2, "the same"), QUERY: (0, 1, "the same")}),
    ]


def lying_cases(world):
    def lie(name, success, reason=None, called=None, **more):
        return ask(world.lies[name], called or name, success, "any.test", reason=reason,
                   timeout=None if success else "1s", **more)

    def taken(name, why, answers=1, reason="deadline", **more):
        """What blackbox_exporter takes for an answer."""
        return lie(name, 0, reason, verdicts_differ=(1, 0, why), values_differ={
            ANSWERS: (answers, 0, why), QUERY: (1, 0, why)}, **more)

    return [
        lie("silent", 0, "deadline"),
        lie("noise", 0, "deadline"),
        lie("noise", 0, "dns_malformed", called="noise over TCP", **TCP),
        lie("half a header", 0, "deadline"),
        lie("another id", 0, "deadline"),
        lie("another id", 0, "dns_malformed", called="another id over TCP", **TCP),
        lie("another id first", 1),
        taken("another question", "RFC 5452, section 9.1: the question is compared"),
        taken("another question", "the same", reason="dns_malformed",
              called="another question over TCP", **TCP),
        taken("no question", "the same"),
        lie("no question, not understood", 0, "bad_rcode"),
        taken("the query itself", "RFC 1035, section 4.1.1: QR says that it is a query", 0),
        taken("records that are not there", "RFC 1035, section 4.1.1: ANCOUNT is 7", 0),
        lie("a cut address", 0, "deadline"),
        lie("a name without end", 0, "deadline"),
        lie("bytes after it", 1),
        lie("other letters", 1),
        lie("options", 1, values_differ={"probe_dns_additional_rrs": (
            1, 0, "RFC 6891, section 6.1.1: OPT is no record of the zone")}),
        lie("large", None, verdicts_differ=(0, 1, "the agent reads what a datagram has"), values_differ={
            ANSWERS: (0, 100, "the same"), QUERY: (0, 1, "the same")}),
        lie("no recursion", 0, "bad_rcode"),
        lie("no recursion", 1, called="no recursion wanted", recursion_desired=False),
    ]


def truncated_cases(world):
    why = "an answer that was cut proves nothing"

    def cut(name, server, query, success, **more):
        return ask(server, name, success, query, "TXT",
                   reason=None if success else "dns_truncated", **more)

    return [
        cut("truncated, then over TCP", world.knot, "long.example.test", 1, values_differ={
            ANSWERS: (0, 1, "the agent asks again over TCP")}),
        cut("truncated, tcp_fallback false", world.knot, "long.example.test", 0,
            own={"tcp_fallback": False}, verdicts_differ=(1, 0, why)),
        cut("truncated", world.lies["truncated"], "any.test", 0, verdicts_differ=(1, 0, why)),
        cut("truncated over TCP", world.lies["truncated"], "any.test", 0, verdicts_differ=(1, 0, why),
            **TCP),
    ]


def slow_cases(world):
    """What takes 0.2 s, and the phase that it is of."""
    slow = functools.partial(ask, world.lies["slow"], success=1, query="any.test")
    return [(slow("slow"), "request"), (slow("slow over TCP", **TCP), "request"),
            (ask(f"localhost:{world.secure['slow']}", "slow TLS", 1, WWW, dns_over_tls=True, **TCP,
                 tls_config={"ca_file": str(world.authority)}), "connect")]
