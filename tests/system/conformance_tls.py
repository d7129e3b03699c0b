"""TLS as the cases of conformance/*.json have it: a case's "tls" is what its server does.

    chain       the certificates that it shows, its own first: names of authorities, or objects (see
                conformance_certificates); [{}, "middle"] where it is left out
    versions    the first and the last one that it speaks: ["TLS10", "TLS13"]; 1.2 and 1.3
    ciphers     of TLS 1.2 and below, as OpenSSL names them
    group       the only one in which it agrees on keys
    sni         the name that it must be told, null: none; else it refuses
    client      "demanded", "wanted" (which takes none for an answer): certificates that "root" trusts
    alerts      false: it says nothing of why it ends a handshake
    limit       so many bytes get out of it, then comes what the case has as "then"
    pieces      so many bytes at most get out at once
    raw         bytes that it says outside of TLS behind its answer
    alert       true: a fatal alert behind its answer

A case's own keys beside it are

    trusts      whom the prober trusts; ["root"] where it is left out
    shows       the certificates that the prober has for a server that asks for one
"""

import socket
import ssl

import conformance_certificates

KEYS = {"chain", "versions", "ciphers", "group", "sni", "client", "alerts", "limit", "pieces",
        "raw", "alert"}
VERSIONS = {"TLS10": ssl.TLSVersion.TLSv1, "TLS11": ssl.TLSVersion.TLSv1_1,
            "TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}


class Limit(Exception):
    """All that may get out has got out."""


class Tls:
    """The files and contexts of all cases."""

    def __init__(self, folder):
        self._certificates = conformance_certificates.Certificates(folder)

    def client_files(self, case):
        """What a case adds to the keys of the agent's module."""
        if case.tls is None and not case.trusts:
            return {}
        files = {"ca_file": str(self._certificates.chain(case.trusts or ["root"])[0])}
        if case.shows:
            chain, key = self._certificates.chain(case.shows)
            files.update(cert_file=str(chain), key_file=str(key))
        return files

    def context(self, plan):
        """The context of a server that does this."""
        if set(plan) - KEYS:
            raise ValueError(f"unknown keys: {set(plan) - KEYS}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(f"{plan.get('ciphers', 'DEFAULT')}:@SECLEVEL=0")
        first, last = plan.get("versions", ("TLS12", "TLS13"))
        context.minimum_version, context.maximum_version = VERSIONS[first], VERSIONS[last]
        context.load_cert_chain(*self._certificates.chain(plan.get("chain", [{}, "middle"])))
        if "group" in plan:
            context.set_ecdh_curve(plan["group"])
        if "client" in plan:
            context.verify_mode = {"demanded": ssl.CERT_REQUIRED,
                                   "wanted": ssl.CERT_OPTIONAL}[plan["client"]]
            context.load_verify_locations(self._certificates.chain(["root"])[0])
        if "sni" in plan:
            context.sni_callback = lambda _, name, __: (
                None if (name and name.lower()) == plan["sni"]
                else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
        return context


class Side:
    """A server's side of TLS on a connection: Python's own behind a memory buffer, so that nothing
    gets out that shall not."""

    def __init__(self, connection, context, plan):
        # What was said before a reset has to be on its way by then.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._plan = plan
        self._left = plan.get("limit")
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def handshake(self):
        self._drive(self._tls.do_handshake)

    def recv(self, most):
        return self._drive(lambda: self._tls.read(most))

    def sendall(self, data):
        if data:
            self._drive(lambda: self._tls.write(data))

    def say_more(self):
        """What a case has behind the answer."""
        self._connection.sendall(self._plan.get("raw", "").encode("latin-1"))
        if self._plan.get("alert"):
            self._incoming.write(b"\x17\x03\x03\x00\x20" + bytes(32))  # no key fits
            self._drive(lambda: self._tls.read(1))

    def notify(self):
        """Says that nothing more will come, and does not wait for the same from the other end."""
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self._flush()

    def _flush(self):
        data = self._outgoing.read()
        if self._left is not None:
            data = data[:self._left]
            self._left -= len(data)
        most = self._plan.get("pieces", max(len(data), 1))
        for begin in range(0, len(data), most):
            self._connection.sendall(data[begin:begin + most])
        if self._left == 0:
            raise Limit

    def _drive(self, operation):
        while True:
            try:
                result = operation()
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                data = self._connection.recv(65536)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                if self._plan.get("alerts", True):
                    self._flush()
                raise
