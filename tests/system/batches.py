"""Batches as docs/wire.md describes them, made without the program's own encoder."""

import functools
import struct

import harness

_BLOCK = 100_000
REASONS = ("none", "no_reply", "tls_expired")


@functools.lru_cache(4096)
def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


@functools.lru_cache(4096)
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


# Roles and forms of columns.
SUCCESS, DURATION, LOSS, PHASE, COUNT, GAUGE, TIME = range(7)
FLOAT, HALF, WHOLE = range(3)


def column(key, old_name="", name="", phase="", unit="", role=GAUGE, form=FLOAT, kept=False,
           old_missing=None):
    out = text(key) + text(old_name) + text(name) + text(phase) + text(unit)
    out += bytes([role, form, int(kept) | (2 if old_missing is not None else 0)])
    return out + (struct.pack("<f", old_missing) if old_missing is not None else b"")


def kind(name, takes, grouped_by, mesh, own_region, failed, columns):
    """The description of a kind of probe."""
    head = text(name) + bytes([takes, grouped_by, int(mesh) | (2 if own_region else 0)])
    return head + struct.pack("<f", failed) + varint(len(columns)) + b"".join(columns)


def _phase(name):
    return column(name, f"http_{name}Duration_millonseconds", "probe_http_duration_seconds", name,
                  "ms", PHASE, FLOAT, True)


_KINDS = {
    "icmp": kind("icmp", 0, 0, True, False, -1, [
        column("success", "ping_target_success", "probe_success", role=SUCCESS, kept=True),
        column("drop_rate", "ping_packageDrop_rate", "xprober_probe_icmp_loss_ratio", "", "percent",
               LOSS, FLOAT, True),
        column("latency_ms", "ping_latency_millonseconds", "probe_icmp_duration_seconds", "rtt",
               "ms", DURATION, FLOAT, True, -1),
        column("sent", role=COUNT, form=WHOLE),
        *[column(key, unit="ms", form=HALF) for key in
          ("min_ms", "max_ms", "stddev_ms", "jitter_ms", "p50_ms", "p90_ms", "p99_ms")],
        column("reply_ttl", form=WHOLE),
        *[column(key, role=COUNT, form=WHOLE) for key in ("duplicates", "late", "reordered")]]),
    "http": kind("http", 1, 1, False, True, 0, [
        column("success", "http_interface_success", "probe_success", role=SUCCESS, kept=True),
        *[_phase(name) for name in ("resolve", "connect", "tls", "processing", "transfer")],
        column("status", name="probe_http_status_code", form=WHOLE, kept=True),
        column("cert_expiry_unix", name="probe_ssl_earliest_cert_expiry", unit="seconds", role=TIME,
               form=WHOLE, kept=True),
        column("redirects", role=COUNT, form=WHOLE),
        column("body_bytes", unit="bytes", role=COUNT, form=WHOLE)]),
}


def icmp(region, address, unix_ms, mean, sent=4, received=4):
    """One row: `mean` None means that nothing was answered."""
    answered = mean is not None
    loss = 100 * (sent - received) / sent if answered else 100
    row = bytes([0 if answered else 1]) + varint(0 if answered else 1) + half(1)
    row += varint(0b111111111110 if answered else 0b1010) + struct.pack("<f", loss)
    row += struct.pack("<f", mean) if answered else b""
    row += varint(sent)
    if answered:
        row += half(mean) * 2 + half(0) * 2 + half(mean) * 3 + varint(64)
    return ("icmp", region, address, unix_ms, row)


def http(region, address, unix_ms, phases, success=True, reason="no_reply", cert_expiry_unix=None):
    """One row with the phases that were completed, in ms."""
    row = bytes([0 if success else 1]) + varint(0 if success else REASONS.index(reason)) + half(sum(phases))
    row += varint(((1 << len(phases)) - 1) << 1 | 0b1101000000 | (0 if cert_expiry_unix is None else 1 << 7))
    row += b"".join(struct.pack("<f", p) for p in phases)
    row += varint(200 if success else 503)
    row += (b"" if cert_expiry_unix is None else varint(cert_expiry_unix)) + varint(0) + varint(100)
    return ("http", region, address, unix_ms, row)


def batch(instance, sequence, sent_ms, rows, worker="10.9.0.1", region="r-a"):
    """A whole batch; `rows` come from `icmp` and `http`."""
    types, regions, targets = {}, {}, {}
    for name, target_region, address, _, _ in rows:
        types.setdefault(name, len(types))
        regions.setdefault(target_region, len(regions))
        targets.setdefault((name, target_region, address), len(targets))
    body = text(worker) + text(region)
    body += varint(len(types)) + b"".join(text(_KINDS[name]) for name in types)
    body += varint(len(types)) + b"".join(text(name) + varint(i) for name, i in types.items())
    body += varint(len(REASONS)) + b"".join(text(name) for name in REASONS)
    body += varint(len(regions)) + b"".join(text(name) for name in regions)
    body += varint(0)  # no sentence
    body += varint(len(targets))
    for name, target_region, address in targets:
        body += varint(types[name]) + varint(regions[target_region]) + varint(0) + text(address)
    expected, last_ms = 0, 0
    for name, target_region, address, unix_ms, row in rows:
        number = targets[name, target_region, address]
        body += text(signed(number - expected) + signed(unix_ms - last_ms) + row)
        expected, last_ms = number + 1, unix_ms
    head = b"xpbt" + bytes([2]) + instance + struct.pack("<QqI", sequence, sent_ms, len(rows))
    return head + _frame(body)


def push(rpc, data, timeout=10):
    """The server's answer to a batch; raises NotYet where it does not take it."""
    answer = harness.http(f"http://{rpc}/rpc/Server.PushBatch", "POST", data,
                          {"Content-Type": "application/x-xprober-batch"}, timeout)
    if answer.status != 200:
        raise harness.NotYet(f"the batch was answered {answer.status}: {answer.text[:200]}")
    return answer.json()
