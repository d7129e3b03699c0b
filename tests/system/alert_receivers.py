"""Who is told of incidents: a webhook receiver that behaves as a test wants, Alertmanager, and readers of
what the server itself says of its incidents."""

import json
import os
import re
import threading
import time

import harness
import servers

ALERTMANAGER = "/usr/bin/prometheus-alertmanager"

# What an incident always has.
FIELDS = ("id", "kind", "severity", "summary", "opened_unix", "closed_unix", "probe_type", "reason",
          "phase", "detail", "sources", "targets", "labels", "flapping", "acknowledged", "timeline")
KINDS = ("target", "source", "path", "prober")
MOST_NAMES = 20


# -- what the server says ---------------------------------------------------------------------------


def check_form(incident):
    """Fails where an incident lacks something that every one has."""
    lacks = [field for field in FIELDS if field not in incident]
    if lacks:
        raise AssertionError(f"an incident without {lacks}: {incident}")
    if incident["kind"] not in KINDS:
        raise AssertionError(f"no kind of incidents: {incident['kind']!r}")
    for side in (incident["sources"], incident["targets"]):
        if not {"affected", "of", "names"} <= set(side) or len(side["names"]) > MOST_NAMES:
            raise AssertionError(f"not a side of an incident: {side}")
    return incident


def _pages(server, state):
    cursor, found = None, []
    while True:
        page = harness.get_json(f"{server.url}/api/v1/incidents?state={state}"
                                + (f"&cursor={cursor}" if cursor else ""))
        found += map(check_form, page["incidents"])
        cursor = page.get("next")
        if not cursor:
            return found


def open_incidents(server):
    """Those that are open, by id."""
    found = sorted(_pages(server, "open"), key=lambda i: i["id"])
    closed = [i for i in found if i["closed_unix"] is not None]
    if closed:
        raise AssertionError(f"closed among those that are open: {closed}")
    return found


def incidents(server):
    """All, by id: those that are open, and those that are closed."""
    found = {i["id"]: i for i in open_incidents(server)}
    for incident in _pages(server, "closed"):
        if incident["closed_unix"] is None:
            raise AssertionError(f"open among those that are closed: {incident}")
        found[incident["id"]] = incident  # it closed between the two questions
    return [found[i] for i in sorted(found)]


def is_about(incident, name):
    """True where the incident names this region, agent or target."""
    names = incident["sources"]["names"] + incident["targets"]["names"] \
        + list(incident["labels"].values())
    return any(name in (known, re.split(r"[/ @,]", known)[0]) for known in names)


def about_others(found):
    """Those that blame what is probed, or the way to it. An agent to which a busy machine leaves no time says
    rightly that it is overloaded: what a test does to its targets has nothing to do with that."""
    return [i for i in found if i["kind"] != "prober"]


def brief(found):
    """A line for each, for messages."""
    return [f"{i['id']} {i['kind']}{' (closed)' if i['closed_unix'] else ''}: {i['summary']}"
            for i in found]


def only_incident(found):
    """The one that there is; NotYet for none, a failure for several."""
    if not found:
        raise harness.NotYet("no incident")
    if len(found) > 1:
        raise AssertionError(f"{len(found)} incidents where there is one cause: {brief(found)}")
    return found[0]


def send(server, path, body, method="POST"):
    """The answer to something that is asked of the server; bytes go as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return harness.http(f"{server.url}{path}", method, data, {"Content-Type": "application/json"})


# -- a webhook --------------------------------------------------------------------------------------


class Notice:
    """What was posted: `event` of the incident with this `id`, the key that tells it from others, `at`
    which moment of `time.monotonic` it came, and how (`mode`) the receiver behaved then."""

    def __init__(self, request, mode):
        self.at = time.monotonic()
        self.mode = mode
        self.headers = dict(request.headers)
        self.body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        self.key = request.headers["Idempotency-Key"]
        self.event = self.body["event"]
        self.incident = self.body.get("incident", self.body)
        self.id = self.incident["id"]
        if not self.key:
            raise ValueError("no Idempotency-Key")

    @property
    def what(self):
        return self.id, self.event

    def __repr__(self):
        return f"<{self.event} {self.id}, key {self.key}>"


class WebhookReceiver:
    """Takes notices at `url` until it is told to do otherwise. `taken`: those that it has answered with
    success; `missed`: those that came meanwhile; `problems`: what was posted and is no notice."""

    def __init__(self, address="127.0.0.1"):
        self.taken = []
        self.missed = []
        self.problems = []
        self._now = ("take", threading.Event())  # and what is set when it does otherwise
        self._address = address
        self._web = servers.WebServer(self._respond, address)
        self._port = self._web.port
        self.url = f"{self._web.url}/notices"

    def start(self):
        self._web.start()
        return self

    def close(self):
        self._change("refuse")
        if self._web is not None:
            self._web.close()

    def take(self):
        self._change("take")

    def fail(self):
        """Says that it cannot now."""
        self._change("fail")

    def hang(self):
        """Reads what comes and gives no answer, until it is told to do otherwise: it hangs up then."""
        self._change("hang")

    def refuse(self):
        """Takes no connection, and gives no answer on those that there are."""
        self._change("refuse")
        self._web.close()
        self._web = None

    def _change(self, mode):
        (_, before), self._now = self._now, (mode, threading.Event())
        before.set()
        if self._web is None and mode != "refuse":
            self._web = servers.WebServer(self._respond, self._address, self._port).start()

    def _respond(self, request):
        mode, otherwise = self._now
        try:
            notice = Notice(request, mode)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.problems.append(f"{type(error).__name__}: {error}; {dict(request.headers)}")
            servers.reply(request, 400)
            return
        if mode == "take":
            self.taken.append(notice)
            servers.reply(request, 200)
            return
        self.missed.append(notice)
        if mode == "fail":
            servers.reply(request, 503, b"not now\n")
            return
        if mode == "hang":
            otherwise.wait(harness.scaled(60))
        request.close_connection = True

    # What it was told.

    def told(self):
        """(id, event) of what was taken, each once, in the order in which it came first."""
        return list(dict.fromkeys(notice.what for notice in list(self.taken)))

    def events(self, number):
        """The events of one incident."""
        return [event for told, event in self.told() if told == number]

    def missed_while(self, mode):
        """How many notices came while it was told to `hang` or to `fail`."""
        return sum(notice.mode == mode for notice in list(self.missed))

    def repeats(self):
        """How many notices came again after they had been taken."""
        taken = list(self.taken)
        return len(taken) - len({notice.key for notice in taken})

    def check_each_once(self, most_repeats=0):
        """Fails where something was told twice: under two keys, or under one more often than that."""
        notices = list(self.missed) + list(self.taken)
        keys, whats = {}, {}
        for notice in notices:
            keys.setdefault(notice.what, set()).add(notice.key)
            whats.setdefault(notice.key, set()).add(notice.what)
        wrong = [f"{what} came with the keys {sorted(of)}" for what, of in keys.items() if len(of) > 1]
        wrong += [f"the key {key} came with {sorted(of)}" for key, of in whats.items() if len(of) > 1]
        if self.problems or wrong:
            raise AssertionError(f"{wrong + self.problems} among {len(notices)} notices")
        if self.repeats() > most_repeats:
            raise AssertionError(f"{self.repeats()} notices came again after they had been taken, "
                                 f"{most_repeats} may: {list(self.taken)}")


def telling(*receivers, **settings):
    """The server's settings with which these webhooks are told after three results."""
    return {"alerts.for": "3", "alerts.webhooks": json.dumps([r.url for r in receivers]), **settings}


# -- Alertmanager -----------------------------------------------------------------------------------


class Alertmanager:
    """A running Alertmanager that ends with `test`, a harness.SystemTest."""

    def __init__(self, test):
        if not os.access(ALERTMANAGER, os.X_OK):
            test.fail("prometheus-alertmanager is not installed: ./dev deps test")
        address = f"127.0.0.1:{harness.free_port()}"
        self.url = f"http://{address}"
        config = test.write("alertmanager.yml", "route: {receiver: nobody}\n"
                                                "receivers: [{name: nobody}]\n")
        storage = test.folder / "alertmanager"
        storage.mkdir()
        self.process = test.start(
            "alertmanager", ALERTMANAGER, f"--config.file={config}", f"--storage.path={storage}",
            f"--web.listen-address={address}", "--cluster.listen-address=", "--log.level=warn")
        test.wait("Alertmanager is ready",
                  lambda: harness.http(f"{self.url}/-/ready").status == 200, 20, [self.process])

    def active(self):
        """{an incident's id, a string: its alert} of those that fire now."""
        found = {}
        for alert in harness.get_json(f"{self.url}/api/v2/alerts?active=true"):
            number = alert["labels"].get("incident")
            if number is None or number in found:
                raise AssertionError(f"not one alert for one incident: {alert}, {found.get(number)}")
            found[number] = alert
        return found
