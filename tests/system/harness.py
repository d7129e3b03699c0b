"""What the system tests share: processes that surely end, waiting for conditions, HTTP and
Prometheus readers, and network namespaces. Python's standard library only.

A test file ends with `harness.main()`. Its surroundings come from the environment:
XPROBER_BIN (the program), XPROBER_SOURCE (the repository), XPROBER_BUILD (a folder for what tests
build and keep), XPROBER_TIME_FACTOR (how much slower than usual this build and this machine are),
XPROBER_SANITIZE (the build's sanitizers, "" for none).
"""

import contextlib
import ctypes
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from http import client as http_client

SOURCE = pathlib.Path(
    os.environ.get("XPROBER_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
PROGRAM = pathlib.Path(
    os.environ.get("XPROBER_BIN", SOURCE / "build" / "release" / "xprober"))
BUILD = pathlib.Path(os.environ.get("XPROBER_BUILD", SOURCE / "build" / "system"))
TIME_FACTOR = float(os.environ.get("XPROBER_TIME_FACTOR", "1"))
SANITIZED = bool(os.environ.get("XPROBER_SANITIZE"))

os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
# Neither the tests' requests nor the program's may leave through somebody's proxy.
for _name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
    os.environ.pop(_name, None)


def scaled(seconds):
    """`seconds` for this build, as sanitizers are slower, and for this machine."""
    return seconds * TIME_FACTOR


# -- waiting ----------------------------------------------------------------------------------------


class NotYet(Exception):
    """Raised by a condition that can say what it still lacks."""


def wait_until(what, condition, timeout, processes=()):
    """Asks `condition` until it gives something true, and gives that back.

    An exception of the network or NotYet counts as "not yet". Fails with `what`, and with what was
    last seen, after `timeout` seconds or as soon as one of `processes` has ended.
    """
    deadline = time.monotonic() + scaled(timeout)
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (OSError, http_client.HTTPException, NotYet, KeyError, IndexError,
                ValueError) as error:
            last = f"{type(error).__name__}: {error}"
        for process in processes:
            if process.poll() is not None:
                raise AssertionError(
                    f"{process.name} ended with {process.poll()} while waiting for: {what}")
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {scaled(timeout):g} s: {what}; last seen: {str(last)[:2000]}")
        time.sleep(0.05)


# -- processes --------------------------------------------------------------------------------------

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def _die_with_parent(how=signal.SIGKILL):
    _libc.prctl(_PR_SET_PDEATHSIG, how)


_OF_OURS, _OF_TESTS, _OF_PEERS = -10, -5, 0


def _take_priority(nice):
    """Where this is permitted (to root), our programs run before the tests, which are their targets and
    receivers, and these before browsers, peers and unit tests: as on a machine that is there for them. A
    thread of theirs that stands still is their own fault, which they say in place of the answer that a
    test asks for. In a session of its own the kernel may weigh the session in place of the process."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w", encoding="ascii") as weight:
        weight.write(str(nice))


def _be_of_tests():
    """In a session of its own, which hears of no Ctrl-C, a test ends with who has started it."""
    with contextlib.suppress(PermissionError):
        os.setsid()
        _die_with_parent(signal.SIGINT)
        _take_priority(_OF_TESTS)


_OURS = {str(PROGRAM), *(os.environ.get(name, "") for name in ("XPROBER_SIMNET", "XPROBER_TOY_AGENT"))}


def _before_exec(arguments):
    """What a process does before it becomes what `arguments` say."""
    ours = any(argument and str(argument) in _OURS for argument in arguments)

    def prepare():
        _die_with_parent()
        _take_priority(_OF_OURS if ours else _OF_PEERS)

    return prepare


class Process:
    """A process in a group of its own. Its output goes to files, so that no pipe can fill up."""

    def __init__(self, name, arguments, folder, stdin=None, **options):
        self.name = name
        self.arguments = [str(a) for a in arguments]
        self._out = tempfile.NamedTemporaryFile(dir=folder, prefix=f"{name}-out-", delete=False)
        self._err = tempfile.NamedTemporaryFile(dir=folder, prefix=f"{name}-err-", delete=False)
        self._kept = None
        self._process = subprocess.Popen(
            self.arguments, stdin=stdin or subprocess.DEVNULL, stdout=self._out, stderr=self._err,
            start_new_session=True, preexec_fn=_before_exec(self.arguments), **options)

    @property
    def pid(self):
        return self._process.pid

    def poll(self):
        """The exit status, or None while it runs. A signal's number is negative."""
        return self._process.poll()

    def _read(self, file):
        return pathlib.Path(file.name).read_text(encoding="utf-8", errors="replace")

    def out(self):
        return self._kept[0] if self._kept else self._read(self._out)

    def err(self):
        return self._kept[1] if self._kept else self._read(self._err)

    def text(self):
        """Standard output and standard error."""
        return self.out() + self.err()

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, timeout):
        """The exit status; an AssertionError when it does not end in time."""
        try:
            return self._process.wait(scaled(timeout))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {scaled(timeout):g} s") from None

    def kill(self):
        """SIGKILL, at once."""
        if self.poll() is None:
            self._process.kill()
        self._process.wait()

    def stop(self, timeout=15):
        """SIGTERM; the exit status."""
        if self.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def close(self):
        """Ends it and whatever is left of its group, and keeps its output in memory."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._kept is None:
            self._kept = (self._read(self._out), self._read(self._err))
            self._out.close()
            self._err.close()

    def usage(self):
        """(resident bytes, CPU seconds) as the kernel counts them."""
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return (int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
                ticks / os.sysconf("SC_CLK_TCK"))

    def peak(self):
        """The most memory in bytes that it ever had resident."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")


def open_files(wanted):
    """Lets this process open so many files, as far as it may; how many."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    possible = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
    return possible


def run(arguments, timeout=30, **options):
    """Runs a command to its end: CompletedProcess with text. Standard input is empty."""
    return subprocess.run(
        [str(a) for a in arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", timeout=scaled(timeout), check=False,
        start_new_session=True, preexec_fn=_before_exec(arguments), **options)


_STALL = re.compile(r"^\S+ warn  \w+: the engine's thread stood still: .*\n", re.MULTILINE)


def xprober(*arguments, timeout=30, **options):
    """Runs the program to its end. Where its own thread stood still on a busy machine it says so on
    standard error: that is in `stalls` and not in `stderr`, as it is no answer to what was asked."""
    done = run([PROGRAM, *arguments], timeout, **options)
    done.stalls = _STALL.findall(done.stderr)
    done.stderr = _STALL.sub("", done.stderr)
    return done


_claims = []


def _claim(port):
    """Whether this port is ours until we end: tests that run beside us draw from the same range, and
    between drawing and listening nothing else would show that it is taken."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0xprober-test-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def free_port(address="127.0.0.1"):
    """A TCP port that nothing listens on, below the range that the kernel hands out itself."""
    while True:
        port = random.randrange(12000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
        if _claim(port):
            return port


# -- HTTP -------------------------------------------------------------------------------------------

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        self.text = body.decode("utf-8", errors="replace")

    def json(self):
        return json.loads(self.text)


def http(url, method="GET", body=None, headers=None, timeout=10):
    """One request; any status is an answer."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with _opener.open(request, timeout=scaled(timeout)) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def get_json(url):
    answer = http(url)
    if answer.status != 200:
        raise NotYet(f"{url} answered {answer.status}: {answer.text[:200]}")
    return answer.json()


# -- the Prometheus text format ---------------------------------------------------------------------

_SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"(?:,|$)')
_ESCAPES = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}


class Metrics:
    """Samples of one scrape: name → list of (labels, value)."""

    def __init__(self, text):
        self.text = text
        self.samples = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                self._add(line)

    def _add(self, line):
        match = _SAMPLE.match(line)
        if not match:
            raise AssertionError(f"not in the Prometheus text format: {line!r}")
        name, inside, value = match.groups()
        labels = {}
        at = 0
        while inside and at < len(inside):
            label = _LABEL.match(inside, at)
            if not label:
                raise AssertionError(f"bad labels: {line!r}")
            labels[label.group(1)] = re.sub(
                r'\\[\\n"]', lambda m: _ESCAPES[m.group(0)], label.group(2))
            at = label.end()
        self.samples.setdefault(name, []).append((labels, float(value)))

    def series(self, name, /, **labels):
        """[(labels, value)] of the series that have these labels and maybe others."""
        return [(have, value) for have, value in self.samples.get(name, [])
                if all(have.get(key) == wanted for key, wanted in labels.items())]

    def value(self, name, /, **labels):
        """The value of the one series; NotYet when there is none."""
        found = self.series(name, **labels)
        if not found:
            raise NotYet(f"no series {name} {labels}")
        if len(found) > 1:
            raise AssertionError(f"{len(found)} series {name} {labels}: {found[:5]}")
        return found[0][1]

    def has(self, name, /, **labels):
        return bool(self.series(name, **labels))


def get_metrics(url):
    answer = http(url)
    if answer.status != 200:
        raise NotYet(f"{url} answered {answer.status}")
    return Metrics(answer.text)


# -- network namespaces -----------------------------------------------------------------------------

_ENTERED = "XPROBER_TEST_NAMESPACE"


def _unshare_command():
    base = ["unshare", "--net", "--mount"]
    for command in ([base] if os.geteuid() == 0 else []) + [[*base, "--map-root-user"]]:
        with contextlib.suppress(OSError):
            if run([*command, "ip", "link", "set", "lo", "up"]).returncode == 0:
                return command
    return None


def enter_private_network():
    """Goes on in a network and mount namespace of this file's own: its addresses, kernel settings
    and resolv.conf are nobody else's. True when that is so, False where it is not allowed.
    Call it first: the process starts again.
    """
    if os.environ.get(_ENTERED) == "1":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return True
    command = _unshare_command()
    if command is None:
        return False
    os.environ[_ENTERED] = "1"
    os.execvp(command[0], [*command, sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])
    return False


def in_private_network():
    return os.environ.get(_ENTERED) == "1"


NEEDS_NAMESPACE = "network namespaces are not allowed here (root, or user namespaces)"


def sysctl(name, value):
    """Sets a setting of this namespace's network."""
    pathlib.Path("/proc/sys/net/ipv4", name).write_text(f"{value}\n", encoding="ascii")


# -- the program's two roles ------------------------------------------------------------------------

# Short periods, so that a test sees many of them.
FAST_AGENT = {"sync_interval": "500ms", "probe_interval": "1s", "push_interval": "500ms"}


def _set_arguments(settings):
    arguments = []
    for key, value in settings.items():
        arguments += ["--set", f"{key}={value}"]
    return arguments


class Role(Process):
    """A running agent or server with its page at `url`."""

    def __init__(self, test, role, config, settings, page, name=None, launcher=(), **options):
        self.page = page
        self.url = f"http://{page}"
        super().__init__(
            name or role,
            [*launcher, PROGRAM, role, "--config", config, *_set_arguments(settings)],
            test.folder, **options)

    def stats(self):
        return get_json(f"{self.url}/stats")

    def metrics(self):
        return get_metrics(f"{self.url}/metrics")

    def targets(self, state=""):
        return get_json(f"{self.url}/targets?limit=1000" + (f"&state={state}" if state else ""))

    def target(self, address):
        """The story of the target with this address."""
        for line in self.targets()["targets"]:
            if line["target"] == address:
                return get_json(f"{self.url}/targets/{line['uid']}")
        raise NotYet(f"no target {address}")

    def healthy(self):
        return http(f"{self.url}/-/healthy").status == 200

    def wait_healthy(self, timeout=20):
        wait_until(f"{self.name} is healthy", self.healthy, timeout, [self])
        return self

    def wait_ready(self, timeout=30):
        wait_until(f"{self.name} is ready", lambda: http(f"{self.url}/-/ready").status == 200,
                   timeout, [self])
        return self


class SystemTest(unittest.TestCase):
    """A test with a folder of its own, whose processes end with it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="xprober-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.processes = []

    def keep(self, process):
        """The process ends with the test, and its output is shown if the test fails."""
        self.processes.append(process)
        self.addCleanup(process.close)
        return process

    def start(self, name, *arguments, **options):
        return self.keep(Process(name, arguments, self.folder, **options))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def serve(self, server):
        """Runs a server of `servers` until the test ends."""
        server.start()
        self.addCleanup(server.close)
        return server

    def start_server(self, targets="", settings=None, config=None, rpc_port=None, **options):
        """A server. `targets`: the text of `prober_targets:`, "" for none. `config` instead of it:
        a file. Its RPC address is `.rpc`."""
        rpc = f"127.0.0.1:{rpc_port or free_port()}"
        page = f"127.0.0.1:{free_port()}"
        if config is None:
            config = self.write(f"server-{len(self.processes)}.yaml", server_text(targets))
        server = self.keep(Role(self, "server", config, {
            "rpc_listen_addr": rpc, "metrics_listen_addr": page, "state_dir": "",
            **(settings or {})}, page, **options))
        server.rpc = rpc
        server.config = config
        return server

    def start_agent(self, rpc, region="r-a", local_ip="127.0.0.1", settings=None, config=None,
                    **options):
        """An agent with short periods that asks `rpc`."""
        page = f"127.0.0.1:{free_port()}"
        return self.keep(Role(self, "agent", config or SOURCE / "config" / "agent.yaml", {
            "region": region, "local_ip": local_ip, "http_addr": page, "rpc_server_addr": rpc,
            "state_dir": "", **FAST_AGENT, **(settings or {})}, page, **options))

    def wait(self, what, condition, timeout, processes=None):
        """wait_until; fails early when a process of `processes` (all that run now) ends."""
        watched = [p for p in self.processes if p.poll() is None] if processes is None else processes
        return wait_until(what, condition, timeout, watched)

    def said(self, process, text, timeout=10):
        """Waits until its log has the text: lines are written beside what they tell of, so an answer of
        the same moment may be there first."""

        def look():
            ended = process.poll() is not None
            if text in process.err():
                return True
            if ended:
                raise AssertionError(f"{process.name} has ended without {text!r}:\n{process.err()}")
            return False

        wait_until(f"{process.name} says {text!r}", look, timeout)

    def show_processes(self):
        for process in self.processes:
            print(f"\n--- {process.name} (pid {process.pid}, exit {process.poll()}): "
                  f"{' '.join(process.arguments)}")
            for title, text in (("stdout", process.out()), ("stderr", process.err())):
                if text:
                    print(f"--- its {title}, the last of {len(text)} characters:\n{text[-6000:]}")
        sys.stdout.flush()


def server_text(targets):
    """A server's configuration with these `prober_targets`."""
    if not targets.strip():
        return "prober_targets: []\n"
    return "prober_targets:\n" + targets.rstrip() + "\n"


def target_text(prober_type, region, addresses, source_regions=()):
    """One entry of `prober_targets`."""
    return (f"  - prober_type: {prober_type}\n    region: {region}\n"
            f"    target: {json.dumps(list(addresses))}\n"
            f"    source_regions: {json.dumps(list(source_regions))}\n")


# -- running a file ---------------------------------------------------------------------------------


class _Result(unittest.TextTestResult):
    def _show(self, test):
        if hasattr(test, "show_processes"):
            self.stream.flush()
            test.show_processes()

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._show(test)

    def addError(self, test, err):
        super().addError(test, err)
        self._show(test)

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok ({time.monotonic() - self.began:.1f} s)")

    def addSkip(self, test, reason):
        unittest.TestResult.addSkip(self, test, reason)
        self.stream.writeln(f"left out: {reason}")


def run_suite(suite):
    """Runs it as a test file does; its unittest result."""
    return unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=_Result).run(suite)


def main():
    """Runs the tests of the calling file. When every one of them was left out, says so in the form
    that ctest counts as skipped: a line `SKIPPED: why`."""
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"{PROGRAM} is no program: build it first (./dev build) or set XPROBER_BIN")
    _be_of_tests()
    sys.stdout.reconfigure(line_buffering=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=_Result)
    program = unittest.main(module="__main__", testRunner=runner, exit=False)
    result = program.result
    if result.testsRun == 0:
        sys.exit("no test was run")
    if result.wasSuccessful() and len(result.skipped) == result.testsRun:
        print("SKIPPED: " + "; ".join(sorted({reason for _, reason in result.skipped})))
    sys.exit(0 if result.wasSuccessful() else 1)
