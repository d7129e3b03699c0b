"""Receivers of remote write that Debian has, for the delivery benchmark."""

import shutil
import subprocess
import types

import harness


def start(folder, stack):
    """Those that are installed, each running and empty: `.url`, `.port`, `.pid`, `.version`."""
    return [found for found in (_victoria(folder, stack), _prometheus(folder, stack)) if found]


def _run(name, port, path, ready, arguments, folder, stack, version):
    process = harness.Process(name, arguments, folder)
    stack.callback(process.close)
    url = f"http://127.0.0.1:{port}"
    harness.wait_until(f"{name} is ready", lambda: harness.http(url + ready).status == 200, 60,
                       [process])
    return types.SimpleNamespace(url=url + path, port=port, pid=process.pid, version=version)


def _version(package):
    told = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], check=False,
                          capture_output=True, text=True)
    return told.stdout.partition("+")[0]


def _victoria(folder, stack):
    program = shutil.which("victoria-metrics")
    if not program:
        return None
    port = harness.free_port()
    return _run("victoria", port, "/api/v1/write", "/health", [
        program, f"-storageDataPath={folder / 'victoria'}", f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=1"], folder, stack,
                f"VictoriaMetrics {_version('victoria-metrics')}")


def _prometheus(folder, stack):
    program = shutil.which("prometheus")
    if not program:
        return None
    port = harness.free_port()
    config = folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1h}\n", encoding="utf-8")
    return _run("prometheus", port, "/api/v1/write", "/-/ready", [
        program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"],
                folder, stack, f"Prometheus {_version('prometheus')}")
