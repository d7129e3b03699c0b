"""Batches as docs/wire.md describes them, made without the program's own encoder."""

import struct

import harness

_BLOCK = 100_000


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value):
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return varint(len(data)) + data


def half(value):
    return struct.pack("<e", value)


def _frame(body):
    """A Zstandard frame (RFC 8878) whose blocks are not compressed."""
    out = bytearray(struct.pack("<IBI", 0xFD2FB528, 0xA0, len(body)))
    blocks = [body[i:i + _BLOCK] for i in range(0, len(body), _BLOCK)] or [b""]
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        out += struct.pack("<I", int(last) | len(block) << 3)[:3] + block
    return bytes(out)


def icmp(region, address, unix_ms, mean, sent=4, received=4):
    """One row: `mean` None means that nothing was answered."""
    answered = mean is not None
    row = bytes([3 | 4 if answered else 2]) + varint(0 if answered else 1) + half(1)
    row += varint(sent) + varint(received if answered else 0)
    if answered:
        row += struct.pack("<f", mean) + half(mean) * 2 + half(0) * 2 + half(mean) * 3 + bytes([64])
    return ("icmp", 0, region, address, unix_ms, row)


def http(region, address, unix_ms, phases, success=True):
    """One row with the phases that were completed, in ms."""
    row = bytes([1 | (4 if success else 0)]) + varint(0 if success else 1) + half(sum(phases))
    row += bytes([(1 << len(phases)) - 1]) + b"".join(struct.pack("<f", p) for p in phases)
    row += varint(200 if success else 503) + varint(0) + varint(100) + signed(0)
    return ("http", 1, region, address, unix_ms, row)


def batch(instance, sequence, sent_ms, rows, worker="10.9.0.1", region="r-a"):
    """A whole batch; `rows` come from `icmp` and `http`."""
    types, regions, targets = {}, {}, {}
    for kind, form, target_region, address, _, _ in rows:
        types.setdefault(kind, form)
        regions.setdefault(target_region, len(regions))
        targets.setdefault((kind, target_region, address), len(targets))
    numbers = {kind: i for i, kind in enumerate(types)}
    body = text(worker) + text(region)
    body += varint(len(types)) + b"".join(text(k) + bytes([f]) for k, f in types.items())
    body += varint(2) + text("none") + text("no_reply")
    body += varint(len(regions)) + b"".join(text(name) for name in regions)
    body += varint(len(targets))
    for kind, target_region, address in targets:
        body += varint(numbers[kind]) + varint(regions[target_region]) + varint(0) + text(address)
    expected, last_ms = 0, 0
    for kind, _, target_region, address, unix_ms, row in rows:
        number = targets[kind, target_region, address]
        body += text(signed(number - expected) + signed(unix_ms - last_ms) + row)
        expected, last_ms = number + 1, unix_ms
    head = b"xpbt" + bytes([1]) + instance + struct.pack("<QqI", sequence, sent_ms, len(rows))
    return head + _frame(body)


def push(rpc, data, timeout=10):
    """The server's answer to a batch; raises NotYet where it does not take it."""
    answer = harness.http(f"http://{rpc}/rpc/Server.PushBatch", "POST", data,
                          {"Content-Type": "application/x-xprober-batch"}, timeout)
    if answer.status != 200:
        raise harness.NotYet(f"the batch was answered {answer.status}: {answer.text[:200]}")
    return answer.json()
