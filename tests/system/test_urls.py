"""URLs in the configuration are asked for exactly as they are written: no slash is taken away, no
character decoded, and there is a path where only a query is."""

import harness
import servers

# What stands behind the port, and what is asked for.
WRITTEN = [("", "/"), ("/", "/"), ("/write/", "/write/"), ("/write", "/write"), ("?tenant=t", "/?tenant=t"),
           ("/a%2Fb/%41/", "/a%2Fb/%41/"), ("/a//b/../c/./d", "/a//b/../c/./d"),
           ("/w?x=%20&y=a+b&z=/c/", "/w?x=%20&y=a+b&z=/c/"), ("/w?", "/w?")]


class Urls(harness.SystemTest):
    def web(self):
        def respond(request):
            request.rfile.read(int(request.headers.get("Content-Length", 0)))
            servers.reply(request, 200, b"[]", [("Content-Type", "application/json")])

        return self.serve(servers.WebServer(respond))

    def check(self, web, what):
        wanted = {target for _, target in what}
        self.wait("every one is asked", lambda: {path for path, _ in web.requests} >= wanted, 30)
        self.assertEqual({path for path, _ in web.requests}, wanted)

    def test_remote_write(self):
        web = self.web()
        receivers = harness.json.dumps([{"name": str(i), "url": web.url + written}
                                        for i, (written, _) in enumerate(WRITTEN)])
        server = self.start_server(config=self.write("server.yaml", (
            harness.server_text(harness.target_text("icmp", "r-b", ["127.0.0.71"]))
            + f"mesh: false\nremote_write: {receivers}\n"))).wait_healthy()
        self.start_agent(server.rpc, settings={"icmp.count": "1"}).wait_ready()
        self.check(web, WRITTEN)

    def test_lists_of_targets(self):
        web = self.web()
        urls = harness.json.dumps([web.url + written for written, _ in WRITTEN])
        self.start_server(config=self.write("server.yaml", (
            f"mesh: false\ntarget_urls: {urls}\n"))).wait_healthy()
        self.check(web, WRITTEN)

    def test_a_server_below_a_path(self):
        method = "/rpc/Server.GetProberTargets"
        for written, wanted in (("", method), ("/", method), ("/base", "/base" + method),
                                ("/base/", "/base" + method), ("/a%2Fb/", "/a%2Fb" + method)):
            with self.subTest(written=written):
                web = self.web()
                agent = self.start_agent(web.url + written)
                self.check(web, [(written, wanted)])
                agent.stop()

    def test_what_cannot_be_asked_for_is_refused(self):
        for text, key in ((f"remote_write: [{{url: '{url}'}}]\n", "remote_write[0].url")
                          for url in ("http://h/a b", "ftp://h/", "http:///x", "http://h:0/")):
            file = self.write("wrong.yaml", text)
            done = harness.xprober("check-config", file)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(f"{file}:1: {key}: ", done.stderr)


if __name__ == "__main__":
    harness.main()
