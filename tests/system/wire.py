"""The RPC wire for tests: MessagePack, a client, and a server that records what it is told."""

import socket
import struct
import threading

import servers

# -- MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) ----------------------------


class Cut(Exception):
    """The message goes on after these bytes."""


class Float32(float):
    """Packed as a 32-bit float; a plain float takes 64."""


def pack(value):
    """`value` in the old raw form: strings without str8, bytes as strings, as the wire has them."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _pack_int(value)
    if isinstance(value, Float32):
        return struct.pack(">Bf", 0xCA, value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, (str, bytes)):
        raw = value.encode() if isinstance(value, str) else value
        return _head(len(raw), 0xA0, 31, 0xDA) + raw
    if isinstance(value, (list, tuple)):
        return _head(len(value), 0x90, 15, 0xDC) + b"".join(map(pack, value))
    if isinstance(value, dict):
        return _head(len(value), 0x80, 15, 0xDE) + b"".join(
            pack(k) + pack(v) for k, v in value.items())
    raise TypeError(type(value))


def _pack_int(value):
    if 0 <= value < 128:
        return bytes([value])
    if -32 <= value < 0:
        return struct.pack("b", value)
    return struct.pack(">Bq", 0xD3, value) if value < 0 else struct.pack(">BQ", 0xCF, value)


def _head(length, small, most_small, first_long):
    if length <= most_small:
        return bytes([small | length])
    if length <= 0xFFFF:
        return struct.pack(">BH", first_long, length)
    return struct.pack(">BI", first_long + 1, length)


_FIXED = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
          0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
_RAW_LENGTH = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}


def unpack(data, at=0):
    """(value, where it ends). Raises Cut when `data` ends before it."""
    first, at = _take(data, at, ">B")
    if first < 0x80:
        return first, at
    if first >= 0xE0:
        return first - 256, at
    if first in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[first], at
    if first in _FIXED:
        return _take(data, at, _FIXED[first])
    if 0xA0 <= first < 0xC0:
        return _raw(data, at, first & 31)
    if first in _RAW_LENGTH:
        length, at = _take(data, at, _RAW_LENGTH[first])
        return _raw(data, at, length)
    if 0x90 <= first < 0xA0:
        return _array(data, at, first & 15)
    if first in (0xDC, 0xDD):
        length, at = _take(data, at, ">H" if first == 0xDC else ">I")
        return _array(data, at, length)
    if first < 0x90:
        return _map(data, at, first & 15)
    if first in (0xDE, 0xDF):
        length, at = _take(data, at, ">H" if first == 0xDE else ">I")
        return _map(data, at, length)
    raise ValueError(f"byte 0x{first:02x}")


def _take(data, at, form):
    size = struct.calcsize(form)
    if at + size > len(data):
        raise Cut
    return struct.unpack_from(form, data, at)[0], at + size


def _raw(data, at, length):
    if at + length > len(data):
        raise Cut
    return bytes(data[at:at + length]).decode("utf-8", "replace"), at + length


def _array(data, at, length):
    items = []
    for _ in range(length):
        item, at = unpack(data, at)
        items.append(item)
    return items, at


def _map(data, at, length):
    items = {}
    for _ in range(length):
        key, at = unpack(data, at)
        items[key], at = unpack(data, at)
    return items, at


class Reader:
    """Reads whole messages from a socket; gives None at its end."""

    def __init__(self, connection):
        self._connection = connection
        self._data = b""

    def message(self):
        while True:
            try:
                value, end = unpack(self._data)
                self._data = self._data[end:]
                return value
            except Cut:
                more = self._connection.recv(65536)
                if not more:
                    return None
                self._data += more


# -- client and server -------------------------------------------------------------------------------


class Client:
    """A MessagePack-RPC client on one connection."""

    def __init__(self, address, timeout=10):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout)
        self._reader = Reader(self.socket)
        self._sequence = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, argument):
        self._sequence += 1
        self.socket.sendall(pack([0, self._sequence, method, [argument]]))
        return self._sequence

    def message(self):
        return self._reader.message()

    def call(self, method, argument):
        """(error, result) of a call."""
        sequence = self.send(method, argument)
        answer = self.message()
        if answer is None:
            raise ConnectionError("closed before the answer")
        assert answer[0] == 1 and answer[1] == sequence, answer
        return answer[2], answer[3]


def value(metric, number, target, source_region="r-x", target_region="r-y", probe_type="icmp",
          stamp=0, worker="127.0.0.9"):
    """One `ProberResultOne`."""
    return {"workerName": worker, "metricName": metric, "targetAddr": target,
            "sourceRegion": source_region, "targetRegion": target_region,
            "probeType": probe_type, "timeStamp": stamp, "value": Float32(number)}


class RecordingServer(servers.TcpServer):
    """A MessagePack-RPC server in the old form: gives `targets`, keeps every pushed value in
    `values`. What it has kept it has answered, also when it is closed meanwhile: in this form what
    is pushed again cannot be recognised."""

    def __init__(self, targets, **options):
        super().__init__(self._session, **options)
        self.targets = targets
        self.values = []
        self.requests = []
        self.pushes = 0
        self._guard = threading.Lock()

    def close(self):
        self.closing.set()
        with self._guard:
            super().close()

    def _answer(self, method, argument):
        self.requests.append((method, argument))
        if method == "Server.GetProberTargets":
            return {"targets": self.targets}
        if method == "Server.PushProberResults":
            values = argument.get("prober_results") or []
            self.values += values
            self.pushes += 1
            return {"success_num": len(values)}
        raise ValueError(f"no method {method}")

    def _session(self, connection, _peer):
        reader = Reader(connection)
        while (message := reader.message()) is not None:
            _, sequence, method, parameters = message
            error, result = None, None
            with self._guard:
                if self.closing.is_set():
                    return
                try:
                    result = self._answer(method, parameters[0])
                except ValueError as what:
                    error = str(what)
                connection.sendall(pack([1, sequence, error, result]))

    def of(self, target):
        """{metric: [values]} of one target's address."""
        found = {}
        for item in list(self.values):
            if item["targetAddr"] == target:
                found.setdefault(item["metricName"], []).append(item["value"])
        return found
