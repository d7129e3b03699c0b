"""The messages of conformance/names/*.json and the name servers that send them.

`says` of a server is a list of messages, which are sent for each query, or a list of
[expression, messages], of which the first counts whose expression is found in the query as text:
"udp A www.test". Where none is found, the answer has no records. No message is silence.

A message is text, its bytes as hexadecimal digits, where {id} and {question} stand for the query's,
and 78*63 for 63 bytes; or an object. What it leaves out is as in a good answer:

    id           "other"
    flags        of "qr aa tc rd ra z ad cd"; "qr rd ra" where it is left out
    opcode, rcode
    question     "" (none), "swapped" (upper and lower case), as in "www.test A IN", or a list
    answer, authority, additional
                 records: "NAME TTL TYPE DATA", where the name "@" points to the question's and
                 {big:63} is 63 times 'x', or "hex " and the bytes of a record; data of other types
                 than A, AAAA, NS, CNAME, PTR, DNAME, MX, TXT and SOA are hexadecimal digits
    counts       of the four sections, whatever is in them
    cut, behind  so many bytes are missing at the end; these bytes are behind it
    from         "port" or "address": it is sent from another one (UDP)
    length       what is said to be its length (TCP)
    pieces       it is sent in pieces of so many bytes (TCP)
    bare         in place of a message: bytes without a length before them (TCP)
    then         "close" or "reset" behind it (TCP)
"""

import re
import selectors
import socket
import struct
import threading

MESSAGE_KEYS = {"id", "flags", "opcode", "rcode", "question", "answer", "authority", "additional",
                "counts", "cut", "behind", "from", "length", "pieces", "bare", "then"}
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
         "DNAME": 39, "OPT": 41, "ANY": 255}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
CLASSES = {"IN": 1, "CH": 3, "HS": 4, "ANY": 255}
FLAGS = {"qr": 0x8000, "aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080, "z": 0x0040,
         "ad": 0x0020, "cd": 0x0010}
SECTIONS = ("answer", "authority", "additional")


class Query:
    """What was asked: `text` for the expressions of cases, `name` in small letters."""

    def __init__(self, data, transport):
        self.data = data
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
            at += 1 + data[at]
        self.question = data[12:at + 5]
        kind, = struct.unpack("!H", data[at + 1:at + 3])
        asked = ".".join(labels)
        self.name = asked.lower()
        self.text = f"{transport} {TYPE_NAMES.get(kind, kind)} {asked}"


def type_number(text):
    return TYPES[text] if text in TYPES else int(text.removeprefix("TYPE"))


def hex_bytes(text, query=None):
    """The bytes of hexadecimal digits with blanks, in which one byte can be repeated."""
    if query is not None:
        text = text.replace("{id}", query.data[:2].hex()).replace("{question}", query.question.hex())
    out = b""
    for word in text.split():
        digits, _, times = word.partition("*")
        out += bytes.fromhex(digits) * int(times or 1)
    return out


def name_bytes(name):
    if name == "@":
        return b"\xc0\x0c"
    name = re.sub(r"\{big:(\d+)\}", lambda m: "x" * int(m.group(1)), name)
    labels = [label.encode("latin-1") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def data_bytes(kind, text):
    if kind in ("A", "AAAA"):
        return socket.inet_pton(socket.AF_INET if kind == "A" else socket.AF_INET6, text)
    if kind in ("NS", "CNAME", "PTR", "DNAME"):
        return name_bytes(text)
    if kind == "MX":
        preference, name = text.split()
        return struct.pack("!H", int(preference)) + name_bytes(name)
    if kind == "TXT":
        return bytes([len(text)]) + text.encode("latin-1")
    if kind == "SOA":
        server, mailbox, *numbers = text.split()
        return name_bytes(server) + name_bytes(mailbox) + struct.pack("!5I", *map(int, numbers))
    return hex_bytes(text)


def record_bytes(text):
    if text.startswith("hex "):
        return hex_bytes(text[4:])
    name, ttl, kind, *data = text.split(" ", 3)
    content = data_bytes(kind, data[0] if data else "")
    return name_bytes(name) + struct.pack("!HHIH", type_number(kind), 1, int(ttl),
                                          len(content)) + content


def question_bytes(text, query):
    if text == "@":
        return query.question
    if text == "swapped":
        return query.question.swapcase()
    name, kind, *klass = text.split()
    return name_bytes(name) + struct.pack("!HH", type_number(kind), CLASSES[(klass or ["IN"])[0]])


def message_bytes(message, query):
    if isinstance(message, str):
        return hex_bytes(message, query)
    asked = message.get("question", "@")
    asked = [text for text in ([asked] if isinstance(asked, str) else asked) if text]
    sections = [[record_bytes(text) for text in message.get(name, ())] for name in SECTIONS]
    flags = sum(FLAGS[flag] for flag in message.get("flags", "qr rd ra").split())
    flags |= message.get("opcode", 0) << 11 | message.get("rcode", 0)
    number, = struct.unpack("!H", query.data[:2])
    number ^= 0xFFFF if message.get("id") == "other" else 0
    counts = message.get("counts", [len(asked), *map(len, sections)])
    out = struct.pack("!6H", number, flags, *counts) + b"".join(
        [*(question_bytes(text, query) for text in asked), *(one for section in sections
                                                             for one in section)])
    return out[:len(out) - message.get("cut", 0)] + hex_bytes(message.get("behind", ""))


def check_says(says):
    """Refuses what the form above does not have."""
    for entry in says:
        for message in entry[1] if isinstance(entry, list) else [entry]:
            if not isinstance(message, str) and set(message) - MESSAGE_KEYS:
                raise ValueError(f"unknown keys of a message: {set(message) - MESSAGE_KEYS}")


def messages_for(says, query):
    if says and not isinstance(says[0], list):
        return says
    for expression, messages in says:
        if re.search(expression, query.text):
            return messages
    return [{}] if says else []


class NameServers:
    """Any number of them. What one says to a query is `pick(query)`: None is silence, too."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._end, self._ended = socket.socketpair()
        self._selector.register(self._ended, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def listen(self, address, port, pick, transports=("udp", "tcp")):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        at = socket.getaddrinfo(address, port, family, socket.SOCK_DGRAM)[0][4]
        if "udp" in transports:
            datagrams = socket.socket(family, socket.SOCK_DGRAM)
            datagrams.bind(at)
            self._selector.register(datagrams, selectors.EVENT_READ, (self._datagram, pick))
        if "tcp" in transports:
            listener = socket.create_server(at, family=family, backlog=64)
            self._selector.register(listener, selectors.EVENT_READ, (self._accept, pick))

    def start(self):
        self._thread.start()
        return self

    def close(self):
        self._end.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def _run(self):
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                take, pick = key.data
                try:
                    take(key.fileobj, pick)
                except OSError:
                    pass  # the prober has gone

    def _datagram(self, datagrams, pick):
        data, peer = datagrams.recvfrom(65535)
        query = Query(data, "udp")
        for message in pick(query) or ():
            content = message_bytes(message, query)
            if isinstance(message, dict) and "from" in message:
                address, port = datagrams.getsockname()[:2]
                other = (address, 0) if message["from"] == "port" else ("127.0.0.77", port)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind(other)
                    sender.sendto(content, peer)
            else:
                datagrams.sendto(content, peer)

    def _accept(self, listener, pick):
        connection, _ = listener.accept()
        threading.Thread(target=self._stream, args=(connection, pick), daemon=True).start()

    def _stream(self, connection, pick):
        with connection:
            try:
                connection.settimeout(20)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                stream = connection.makefile("rb")
                while len(head := stream.read(2)) == 2:
                    query = Query(stream.read(struct.unpack("!H", head)[0]), "tcp")
                    for message in pick(query) or ():
                        if not self._tell(connection, message, query):
                            return
            except OSError:
                pass  # the prober has gone

    def _tell(self, connection, message, query):
        """False where the connection ends behind it."""
        more = message if isinstance(message, dict) else {}
        if "bare" in more:
            content = hex_bytes(more["bare"])
        else:
            content = message_bytes(message, query)
            content = struct.pack("!H", more.get("length", len(content))) + content
        size = more.get("pieces", len(content) or 1)
        for at in range(0, len(content), size):
            connection.sendall(content[at:at + size])
        if more.get("then") == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return "then" not in more
