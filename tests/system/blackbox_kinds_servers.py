"""Servers of lines and of DNS messages that behave as the table of blackbox_kinds_world.py wants."""

import contextlib
import socket
import ssl
import struct
import threading
import time

import harness
import servers

TLS = object()  # a step of `dialogue`
LATE = 0.2  # seconds that slow servers take

A, NS, CNAME, SOA, MX, TXT, AAAA, OPT = 1, 2, 5, 6, 15, 16, 28, 41
REFUSED, FORMERR = 5, 1
RESPONSE, TRUNCATED, RECURSION_DESIRED = 0x8000, 0x0200, 0x0100


# -- lines ------------------------------------------------------------------------------------------


def dialogue(*steps, context=None, closes=False):
    """A server that sends the bytes among the steps, and wants the texts among them as lines; it ends
    the connection where another one comes. TLS is a handshake with `context`. After the last step it
    waits until the prober goes, or `closes`."""
    def serve(connection, _):
        with contextlib.ExitStack() as open_until_then:
            lines = connection.makefile("rb")
            for step in steps:
                if step is TLS:
                    connection = open_until_then.enter_context(
                        context.wrap_socket(connection, server_side=True))
                    lines = connection.makefile("rb")
                elif isinstance(step, bytes):
                    connection.sendall(step)
                elif lines.readline().decode("utf-8", "replace").rstrip("\r\n") != step:
                    return
            if not closes:
                lines.read()

    return serve


def reset(connection, _):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def late(serve):
    def serve_late(connection, peer):
        time.sleep(LATE)
        serve(connection, peer)
    return serve_late


def context_of(folder, name, version=None):
    """A server's side of TLS with NAME.pem of `folder`, and this version alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    if version:
        context.minimum_version = context.maximum_version = version
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


SMTP_GREETS = (b"220 mail.test ESMTP\r\n", "EHLO prober",
               b"250-mail.test\r\n250-STARTTLS\r\n250 HELP\r\n", "STARTTLS")
SMTP_SECURE = (TLS, "EHLO prober", b"250-mail.test\r\n250-AUTH PLAIN\r\n250 HELP\r\n", "QUIT",
               b"221 bye\r\n")
SMTP_TLS = (*SMTP_GREETS, b"220 go on\r\n", *SMTP_SECURE)
SMTP_INJECTED = (*SMTP_GREETS, b"220 go on\r\n250-AUTH of somebody else\r\n", *SMTP_SECURE)

LINES = {
    "mute": dialogue(),
    "banner": dialogue(b"220 ready\r\n"),
    "banner, then end": dialogue(b"220 ready\r\n", closes=True),
    "feeds": dialogue(b"one\ntwo\nthree\n"),
    "many": dialogue(*[b"* line %d\r\n" % i for i in range(50)], b"* done\r\n"),
    "returns": dialogue(b"a\rb\r\n"),
    "no end": dialogue(b"220 ready", closes=True),
    "blank": dialogue(b"\r\n\r\nready\r\n"),
    "closes": dialogue(closes=True),
    "reset": reset,
    "long": dialogue(b"x" * 60_000 + b"\r\nready\r\n"),
    "too long": dialogue(b"x" * 100_000 + b"\r\nready\r\n"),
    "telnet": dialogue(b"\xff\xfd\x18 login:\r\n"),
    "accents": dialogue("bücher\r\n".encode()),
    "redis": dialogue("PING", b"+PONG\r\n"),
    "ssh": dialogue(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH-2.0-prober-9.2p1"),
    "smtp": dialogue(b"220-welcome\r\n220 mail.test ESMTP\r\n", "EHLO mail.test", b"250 HELP\r\n",
                     "QUIT", b"221 bye\r\n", closes=True),
    "irc": dialogue("NICK prober", "USER prober prober prober :prober", b":irc.test NOTICE * :hello\r\n"
                    b"PING :8f3a\r\n", "PONG 8f3a", b":irc.test 001 prober :Welcome\r\n"),
    "dollars": dialogue(b"key=k value=v\r\n", "v k  $ $- $", b"right\r\n"),
    "late": late(dialogue(b"ready\r\n")),
    "smtp, refused": dialogue(*SMTP_GREETS, b"454 not today\r\n", closes=True),
    "smtp, no TLS": dialogue(*SMTP_GREETS, b"220 go on\r\n", b"what else?\r\n" * 20),
}


# -- messages ---------------------------------------------------------------------------------------


def question_of(query):
    """The bytes of the query's question."""
    return query[12:query.index(b"\0", 12) + 5]


def record(kind, data, name=b"\xc0\x0c", klass=1):
    """A record of the name that was asked for."""
    return name + struct.pack("!HHIH", kind, klass, 60, len(data)) + data


def address(last):
    return record(A, bytes([127, 0, 0, last]))


def answer(query, *answers, authorities=(), additionals=(), code=0, flags=0x8180, question=None,
           number=None, claimed=None):
    """An answer to the query with these records. `number` is another id than the query's, `question`
    another question (b"": none), `claimed` how many answers it says it has."""
    asked = question_of(query) if question is None else question
    counts = (1 if asked else 0, len(answers) if claimed is None else claimed, len(authorities),
              len(additionals))
    own = struct.unpack("!H", query[:2])[0] if number is None else number
    return struct.pack("!HHHHHH", own, flags | code, *counts) + asked \
        + b"".join([*answers, *authorities, *additionals])


def other_number(query):
    return struct.unpack("!H", query[:2])[0] ^ 0xFFFF


def refuse_recursion(query):
    wanted = struct.unpack("!H", query[2:4])[0] & RECURSION_DESIRED
    return answer(query, code=REFUSED) if wanted else answer(query, address(1))


def answer_by_type(query):
    """One record, and two where ANY is asked for."""
    any_type = question_of(query)[-4:-2] == b"\0\xff"
    return answer(query, *[address(i) for i in ((1, 2) if any_type else (1,))])


def wrong_then_right(query):
    return [answer(query, address(9), number=other_number(query)), answer(query, address(1))]


OTHER_QUESTION = b"\x05other\x04test\0\0\1\0\1"
EMPTY_OPT = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 0)

# What each server makes of a query: one message, several, or none.
LIES = {
    "silent": lambda query: [],
    "noise": lambda query: bytes(range(256)),
    "half a header": lambda query: query[:7],
    "another id": lambda query: answer(query, address(1), number=other_number(query)),
    "another id first": wrong_then_right,
    "another question": lambda query: answer(query, address(1), question=OTHER_QUESTION),
    "no question": lambda query: answer(
        query, record(A, bytes([127, 0, 0, 1]), b"\3any\4test\0"), question=b""),
    "no question, not understood": lambda query: answer(query, code=FORMERR, question=b""),
    "the query itself": lambda query: query,
    "records that are not there": lambda query: answer(query, claimed=7),
    "a cut address": lambda query: answer(query, address(1)[:-1]),
    "a name without end": lambda query: answer(query, record(NS, b"\xc0\x2a", b"\xc0\x2a")),
    "bytes after it": lambda query: answer(query, address(1)) + b"more",
    "other letters": lambda query: answer(query, address(1), question=question_of(query).swapcase()),
    "truncated": lambda query: answer(query, address(1), flags=0x8180 | TRUNCATED),
    "large": lambda query: answer(query, *[address(i) for i in range(1, 101)]),
    "options": lambda query: answer(query, address(1), additionals=[EMPTY_OPT]),
    "no recursion": refuse_recursion,
    "slow": lambda query: time.sleep(LATE) or answer(query, address(1)),
    "by type": answer_by_type,
}


def messages(lie, query):
    made = lie(query)
    return [made] if isinstance(made, bytes) else made


class LyingDns(servers.DnsServer):
    """Answers each query over UDP, and at the same port over TCP, with what `lie(query)` makes of it."""

    def __init__(self, lie):
        super().__init__({}, port=harness.free_port())
        self._lie = lie
        self._streams = servers.TcpServer(self._serve, port=self.port)

    def _run(self):
        while True:
            try:
                query, peer = self._socket.recvfrom(4096)
            except OSError:
                return
            if len(query) > 12:
                threading.Thread(target=self._tell, args=(query, peer), daemon=True).start()

    def _tell(self, query, peer):
        try:
            for message in messages(self._lie, query):
                self._socket.sendto(message, peer)
        except OSError:
            pass  # the test ends

    def _serve(self, connection, _):
        stream = connection.makefile("rb")
        while len(head := stream.read(2)) == 2:
            for message in messages(self._lie, stream.read(struct.unpack("!H", head)[0])):
                connection.sendall(struct.pack("!H", len(message)) + message)

    def start(self):
        self._streams.start()
        return super().start()

    def close(self):
        self._streams.close()
        super().close()


def over_tls(context, port):
    """Passes what comes through TLS on to the TCP server at this port."""
    def pump(source, to):
        try:
            while part := source.recv(65536):
                to.sendall(part)
        except OSError:
            pass
        finally:
            to.close()

    def serve(connection, _):
        with context.wrap_socket(connection, server_side=True) as secure, \
                socket.create_connection(("127.0.0.1", port)) as upstream:
            back = threading.Thread(target=pump, args=(upstream, secure), daemon=True)
            back.start()
            pump(secure, upstream)
            back.join()

    return serve


# -- the name server -------------------------------------------------------------------------------

# The zone has every type whose text both probers write, and some that only one of them does.
KNOT = """
server:
  rundir: "{folder}/run"
  listen: [ 127.0.0.1@{port}, ::1@{port}, ::1@53 ]
  version: "probed"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}/db"
log:
  - target: stderr
    any: info
zone:
  - domain: example.test
    file: "{folder}/example.zone"
    journal-content: none
    zonefile-load: whole
  - domain: broken.test
    file: "{folder}/missing.zone"
"""

ZONE = """$ORIGIN example.test.
$TTL 300
@ SOA ns hostmaster 2024010203 3600 600 86400 300
@ NS ns
@ NS ns2
@ MX 10 mail
@ MX 20 mail2
@ TXT "v=spf1 -all" "a \\"quoted\\" \\\\ text"
@ CAA 0 issue "authority.test"
ns A 127.0.0.1
ns2 A 127.0.0.2
ns2 AAAA ::2
mail A 127.0.0.3
mail2 A 127.0.0.4
www A 127.0.0.5
www A 127.0.0.6
www AAAA fd00::5
alias CNAME www
outside CNAME www.elsewhere.test.
_sip._tcp SRV 1 2 5060 www
host TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
child NS ns
child DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
host DNSKEY 257 3 13 AAECAwQFBgcICQoLDA0ODw==
host SSHFP 4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
host NAPTR 10 20 "u" "E2U+sip" "!^.*$!sip:a@b.test!" .
odd TYPE65300 \\# 3 616263
long TXT "{text}" "{text}" "{text}"
*.wild A 127.0.0.7
bytes TXT "b\\195\\188cher\\009"
a\\.b A 127.0.0.8
"""
