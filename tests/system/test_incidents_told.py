"""What people hear of incidents and what they do with them: an expired certificate with its sentence,
acknowledgements and mutes."""

import urllib.parse

import alert_receivers as alerts
import harness
import incident_world as world
import servers

QUICK = {"probe_interval": "400ms", "push_interval": "200ms", "sync_interval": "400ms"}
# Of which one or two fail: nobody takes them for their source.
PAGES = 12


class Told(harness.SystemTest):
    def begin(self, settings):
        """A server and an agent that probes `self.pages`, all of which are well."""
        self.pages = self.serve(world.Pages(PAGES))
        self.server = self.start_server(
            harness.target_text("http", "r-web", self.pages.urls),
            {"mesh": "false", **settings}).wait_healthy()
        self.start_agent(self.server.rpc, "r-a", settings=QUICK)
        world.wait_pages_well(self, self.server, self.pages.urls)
        self.assertEqual(alerts.brief(alerts.about_others(alerts.incidents(self.server))), [],
                         "nothing has failed yet")

    def wait_incident(self, url, timeout=15):
        """The open incident of a page."""
        incident = self.wait(f"an incident of {url}", lambda: alerts.only_incident(
            [i for i in alerts.open_incidents(self.server) if alerts.is_about(i, url)]), timeout)
        self.assertEqual((incident["kind"], incident["targets"]["names"], incident["reason"]),
                         ("target", [url], "bad_status"), incident)
        return incident

    def wait_closed(self):
        self.wait("every incident is closed",
                  lambda: alerts.about_others(alerts.open_incidents(self.server)) == [], 15)

    def wait_told(self, hook, incident, *events, timeout=15):
        self.wait(f"{incident['id']} is told: {', '.join(events)}",
                  lambda: hook.events(incident["id"]) == list(events), timeout)

    def assert_refused(self, answer, status=400):
        """With a sentence that says why."""
        self.assertEqual(answer.status, status, answer.text)
        self.assertGreater(len(answer.text.split()), 2, f"not a sentence: {answer.text!r}")

    # -- acknowledging ------------------------------------------------------------------------------

    def test_an_acknowledgement_is_kept_with_who_gave_it(self):
        hook = self.serve(alerts.WebhookReceiver())
        self.begin(alerts.telling(hook))
        page = self.pages.urls[3]
        self.pages.down(page)
        incident = self.wait_incident(page)
        self.assertFalse(incident["acknowledged"], incident)
        self.check_bad_acknowledgements(incident["id"])
        self.check_filters(incident, page)

        answer = alerts.send(self.server, f"/api/v1/incidents/{incident['id']}/acknowledge",
                             {"by": "ada", "note": "the host is being replaced"})
        self.assertEqual(answer.status, 200, answer.text)
        incident = self.wait_incident(page)
        self.check_acknowledged(incident)
        self.pages.up(page)
        self.wait_closed()
        closed = alerts.only_incident(alerts.about_others(alerts.incidents(self.server)))
        self.assertEqual(closed["id"], incident["id"])
        self.check_acknowledged(closed)
        self.wait_told(hook, incident, "opened", "closed")
        hook.check_each_once()
        answer = alerts.send(self.server, f"/api/v1/incidents/{incident['id']}/acknowledge",
                             {"by": "ada", "note": "too late"})
        self.assertGreaterEqual(answer.status, 400, "it is closed")

    def check_filters(self, incident, page):
        """It is found by what it is, and not by what it is not."""
        def found(**filters):
            question = urllib.parse.urlencode(filters)
            answer = harness.get_json(f"{self.server.url}/api/v1/incidents?{question}")
            return [one["id"] for one in answer["incidents"]]

        for filters in ({"kind": "prober,target"}, {"severity": "info,warning,critical"},
                        {"probe_type": "icmp,http"}, {"reason": "timeout,bad_status"},
                        {"region": "r-web"}, {"target": page}, {"target": "*/page-03"}, {"source": "r-a"},
                        {"sort": "severity", "state": "open", "target": page}):
            self.assertEqual(found(**filters), [incident["id"]], filters)
        for filters in ({"kind": "prober,path"}, {"probe_type": "icmp"}, {"reason": "timeout"},
                        {"region": "r-b"}, {"target": self.pages.urls[4]}, {"source": "r-b"}):
            self.assertEqual(found(**filters), [], filters)
        for wrong, allowed in (("kind=page", "target, source, path, prober"),
                               ("severity=high", "info, warning, critical"),
                               ("sort=worst", "newest, severity"), ("type=http", "probe_type, reason")):
            answer = harness.http(f"{self.server.url}/api/v1/incidents?{wrong}")
            self.assert_refused(answer)
            self.assertIn(allowed, answer.text)

    def check_acknowledged(self, incident):
        by = incident["acknowledged"]
        self.assertEqual((by["by"], by["note"]), ("ada", "the host is being replaced"), incident)

    def check_bad_acknowledgements(self, number):
        path = f"/api/v1/incidents/{number}/acknowledge"
        for body in (b"", b"by: ada", b'{"by": "ada"', [], {}, {"by": ""}, {"by": 5, "note": "n"},
                     {"by": "ada", "note": ["n"]}):
            with self.subTest(acknowledgement=body):
                self.assert_refused(alerts.send(self.server, path, body))
        self.assert_refused(alerts.send(self.server, "/api/v1/incidents/999999/acknowledge",
                                        {"by": "ada", "note": "n"}), 404)
        self.assertIn(alerts.send(self.server, "/api/v1/incidents/it/acknowledge",
                                  {"by": "ada", "note": "n"}).status, (400, 404))
        incident = self.wait_incident(self.pages.urls[3])
        self.assertFalse(incident["acknowledged"], "what was refused was obeyed")

    # -- muting -------------------------------------------------------------------------------------

    def test_a_mute_keeps_quiet_until_it_is_taken_away(self):
        hook = self.serve(alerts.WebhookReceiver())
        self.begin(alerts.telling(hook))
        muted, loud = self.pages.urls[2], self.pages.urls[7]
        self.check_bad_mutes(muted)
        answer = alerts.send(self.server, "/api/v1/mutes", {
            "matchers": [{"field": "target", "value": muted}], "for": "1h", "by": "ada",
            "why": "the page is being rebuilt"})
        self.assertIn(answer.status, (200, 201), answer.text)
        number = answer.json()["id"]
        self.assertEqual([mute["id"] for mute in self.mutes()], [number])

        self.pages.down(muted)
        quiet = self.wait_incident(muted)
        self.pages.down(loud)
        incident = self.wait_incident(loud)
        # Notices come in their order, and this one is later.
        self.wait_told(hook, incident, "opened")
        self.assertEqual(hook.told(), [(incident["id"], "opened")], "a mute lasts")

        answer = alerts.send(self.server, f"/api/v1/mutes/{number}", b"", "DELETE")
        self.assertIn(answer.status, (200, 204), answer.text)
        self.wait_told(hook, quiet, "opened")
        self.assertEqual(self.mutes(), [])
        self.assert_refused(alerts.send(self.server, f"/api/v1/mutes/{number}", b"", "DELETE"), 404)
        for url in (muted, loud):
            self.pages.up(url)
        self.wait_closed()
        for told in (quiet, incident):
            self.wait_told(hook, told, "opened", "closed")
        hook.check_each_once()
        self.assertEqual(len(alerts.about_others(alerts.incidents(self.server))), 2)

    def mutes(self):
        return harness.get_json(f"{self.server.url}/api/v1/mutes")["mutes"]

    def check_bad_mutes(self, url):
        good = {"matchers": [{"field": "target", "value": url}], "for": "1h", "by": "ada", "why": "w"}
        wrong = [b"", b"a mute", b'{"for": "1h"', [good], {}]
        wrong += [{key: value for key, value in good.items() if key != left_out} for left_out in good]
        wrong += [{**good, **other} for other in (
            {"matchers": []}, {"matchers": {"target": 5}}, {"matchers": [url]},
            {"matchers": [{"field": "target"}]}, {"matchers": [{"field": "", "value": url}]},
            {"matchers": [{"field": "target", "value": 5}]}, {"matchers": good["matchers"] * 30},
            {"for": "soon"}, {"for": "-1h"}, {"for": "0s"}, {"by": ""}, {"why": ""},
            {"why": "w" * 10_000})]
        for body in wrong:
            with self.subTest(mute=str(body)[:200]):
                self.assert_refused(alerts.send(self.server, "/api/v1/mutes", body))
        self.assertEqual(self.mutes(), [])

    # -- certificates -------------------------------------------------------------------------------

    def test_certificates_that_have_ended_and_that_end_soon_are_told(self):
        hook = self.serve(alerts.WebhookReceiver())
        authority = servers.make_authority(self.folder)
        expired = servers.make_certificate(self.folder, "expired", "IP:127.0.0.1", days=-1)
        web = self.serve(servers.WebServer(servers.reply, context=expired))
        self.pages = self.serve(world.Pages(PAGES))
        url = f"{web.url}/shop"
        ending = servers.make_certificate(self.folder, "ending", "IP:127.0.0.1", days=5)
        soon = f"{self.serve(servers.WebServer(servers.reply_steadily, context=ending)).url}/soon"
        self.server = self.start_server(
            harness.target_text("http", "r-web", [url, soon, *self.pages.urls]),
            alerts.telling(hook, mesh="false")).wait_healthy()
        for region, address in (("r-a", "127.0.0.1"), ("r-b", "127.0.0.2")):
            self.start_agent(self.server.rpc, region, address,
                             {**QUICK, "http.ca_file": authority})

        # That the certificate has ended may be an incident of its own.
        incident = self.wait("an incident of the page", lambda: alerts.only_incident(
            [i for i in alerts.open_incidents(self.server) if i["reason"] == "tls_expired"]), 20)
        print(f"{alerts.brief([incident])}: {incident['detail']}")
        self.assertEqual((incident["kind"], incident["probe_type"], incident["phase"]),
                         ("target", "http", "tls"), incident)
        self.assertEqual(incident["targets"]["names"], [url], incident)
        for part in ("certificate has expired", "test authority", "valid from"):
            self.assertIn(part, incident["detail"])
        self.wait_told(hook, incident, "opened")
        notice, = [n for n in hook.taken if n.id == incident["id"]]
        self.assertEqual(notice.incident["reason"], "tls_expired", notice.body)
        self.assertIn("certificate has expired", notice.incident["detail"])
        others = [i for i in alerts.about_others(alerts.incidents(self.server))
                  if not alerts.is_about(i, url) and not alerts.is_about(i, soon)]
        self.assertEqual(alerts.brief(others), [])
        for source in ("r-a", "r-b"):
            line = world.line_of(self.server, target=url, source_region=source)
            self.assertEqual((line["state"], line["reason"]), ("failing", "tls_expired"), line)
            self.assertIn("certificate has expired", line["detail"])
        self.check_ends_soon(hook, soon)

    def check_ends_soon(self, hook, url):
        incident = self.wait("an incident of the certificate that ends soon", lambda: alerts.only_incident(
            [i for i in alerts.open_incidents(self.server)
             if alerts.is_about(i, url) and i["reason"] == "certificate_ends"]), 40)
        print(alerts.brief([incident]))
        self.assertEqual((incident["kind"], incident["severity"]), ("target", "warning"), incident)
        self.assertIn("its certificate of CN=ending ends at", incident["summary"])
        self.wait_told(hook, incident, "opened")
        self.assertEqual(world.line_of(self.server, target=url, source_region="r-a")["reason"], None)


if __name__ == "__main__":
    harness.main()
