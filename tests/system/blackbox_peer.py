"""blackbox_exporter as the tests beside it run it, and what they read of both probers."""

import json

import harness

EXPORTER = "prometheus-blackbox-exporter"


def start_exporter(test, modules, launcher=()):
    """Starts it with these modules of its configuration; gives its URL once it answers. It ends with
    `test`, a harness.SystemTest. `launcher` is a command that runs it."""
    address = f"127.0.0.1:{harness.free_port()}"
    config = test.write(f"blackbox-{len(test.processes)}.yml", json.dumps({"modules": modules}))
    exporter = test.start("blackbox", *launcher, EXPORTER, f"--config.file={config}",
                          f"--web.listen-address={address}", "--log.level=error")
    test.wait("blackbox_exporter answers",
              lambda: harness.http(f"http://{address}/-/healthy").status == 200, 20, [exporter])
    return f"http://{address}"


def only(metrics, name):
    """The value of a metric without labels; None where it is not there."""
    found = metrics.series(name)
    return found[0][1] if len(found) == 1 and not found[0][0] else None
