#define CAF_SUITE engine_request

#include <csignal>
#include <cstdio>
#include <fstream>

#include "probes/http/probe_fixture.hpp"
#include "probes/stream/tls_server.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_request_suite {

using namespace xprober;
using namespace xprober::http::test;
using namespace std::chrono_literals;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A file in the working directory for as long as this lives.
struct text_file {
  explicit text_file(const std::string& text)
      : path("secret." + std::to_string(::getpid()) + ".txt") {
    std::ofstream{path, std::ios::binary} << text;
  }
  ~text_file() { std::remove(path.c_str()); }
  text_file(const text_file&) = delete;
  text_file& operator=(const text_file&) = delete;

  std::string path;
};

struct fixture : probe_fixture {
  fixture() { ::signal(SIGPIPE, SIG_IGN); }

  /// Whether a proxy or a server, it notes requests and answers them all the same way.
  script_server::script noting(std::string answer, std::size_t body = 0) {
    return [this, answer, body](peer& client) {
      auto request = client.read_request();
      request += client.read_bytes(body);
      asked.push_back(std::move(request)); // before the probe can end
      client.send(answer);
    };
  }

  std::vector<std::string> asked; ///< read once the probe has ended and the engine was stopped
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(request_tests, fixture)

CAF_TEST(a body is sent and a redirect that keeps the method keeps it) {
  config.method = "PUT";
  config.body = "hello";
  config.headers = {{"Content-Type", "text/x"}};
  script_server last{noting(response("200 OK"), 5)};
  script_server first{noting(
      response("307 Temporary Redirect", "", "Location: http://" + last.authority() + "/\r\n"), 5)};
  CAF_CHECK(probe(first.authority()).success);
  prober().stop();
  CAF_REQUIRE_EQUAL(asked.size(), 2u);
  for (const auto& request : asked) {
    CAF_CHECK(request.starts_with("PUT / "));
    CAF_CHECK(holds(request, "\r\nContent-Type: text/x\r\n"));
    CAF_CHECK(request.ends_with("\r\n\r\nhello"));
  }
}

CAF_TEST(a redirect that changes the method drops the body) {
  config.method = "POST";
  text_file file{"from a file"};
  config.body_file = file.path;
  script_server last{noting(response("200 OK"))};
  script_server first{
      noting(response("303 See Other", "", "Location: http://" + last.authority() + "/\r\n"), 11)};
  CAF_CHECK(probe(first.authority()).success);
  prober().stop();
  CAF_REQUIRE_EQUAL(asked.size(), 2u);
  CAF_CHECK(asked[0].ends_with("\r\n\r\nfrom a file"));
  CAF_CHECK(asked[1].starts_with("GET / "));
  CAF_CHECK(!holds(asked[1], "Content-"));
}

CAF_TEST(credentials come from the configuration a file or the url) {
  config.basic_auth = {"Aladdin", "open sesame", ""};
  script_server server{noting(response("200 OK"))};
  CAF_CHECK(probe(server.authority()).success);
  const auto outcome = probe("http://u%40x:pw@" + server.authority() + "/");
  CAF_CHECK(outcome.success);
  text_file file{"\xEF\xBB\xBFsecret \r\n"};
  config.basic_auth = {"Aladdin", "", file.path};
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK(probe(server.authority()).success);
  config.basic_auth = {};
  config.bearer_token_file = file.path;
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK(probe(server.authority()).success);
  prober().stop();
  CAF_REQUIRE_EQUAL(asked.size(), 4u);
  CAF_CHECK(holds(asked[0], "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  CAF_CHECK(holds(asked[1], "\r\nAuthorization: Basic dUB4OnB3\r\n"));
  CAF_CHECK(holds(asked[2], "\r\nAuthorization: Basic QWxhZGRpbjpzZWNyZXQg\r\n"));
  CAF_CHECK(holds(asked[3], "\r\nAuthorization: Bearer secret \r\n"));
}

CAF_TEST(files that cannot be used are named with their key) {
  const auto refusal = [&](const http_config& wrong) { return reconfigure(wrong); };
  auto wrong = config;
  wrong.body_file = "missing";
  CAF_CHECK(holds(refusal(wrong), "http.body_file: missing: cannot be read: No such file"));
  wrong = config;
  wrong.bearer_token_file = "/";
  CAF_CHECK(holds(refusal(wrong), "http.bearer_token_file: /: "));
  text_file empty{"\n"};
  wrong.bearer_token_file = empty.path;
  CAF_CHECK(holds(refusal(wrong), "is empty"));
  wrong = config;
  wrong.cert_file = wrong.key_file = empty.path;
  CAF_CHECK(holds(refusal(wrong), "http.cert_file: "));
  wrong = config;
  wrong.proxy_url = "http://";
  CAF_CHECK(holds(refusal(wrong), "http.proxy_url: "));
}

CAF_TEST(a proxy is asked for http targets by their whole url) {
  script_server proxy{noting(response("200 OK", "via"))};
  config.proxy_url = "http://u:pw@" + proxy.authority("proxy.test") + "/";
  config.no_proxy = {"direct.test"};
  auto outcome = probe("http://far.test:81/x?y");
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  CAF_CHECK_EQUAL(phases(outcome), all_phases);
  script_server direct{noting(response("200 OK"))};
  CAF_CHECK(probe(direct.authority("direct.test")).success);
  prober().stop();
  CAF_REQUIRE_EQUAL(asked.size(), 2u);
  CAF_CHECK(asked[0].starts_with("GET http://far.test:81/x?y HTTP/1.1\r\nHost: far.test:81\r\n"));
  CAF_CHECK(holds(asked[0], "\r\nProxy-Authorization: Basic dTpwdw==\r\n"));
  CAF_CHECK(asked[1].starts_with("GET / "));
  CAF_CHECK(!holds(asked[1], "Proxy-"));
}

CAF_TEST(a proxy makes a tunnel for https targets) {
  const auto self = make_identity("self", {.alternative_names = "DNS:far.test"});
  pem_file trusted{self};
  config.ca_file = trusted.path();
  tls_server server{self};
  script_server proxy{[&](peer& client) {
    asked.push_back(client.read_request());
    client.send("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
    client.join(server.port());
  }};
  config.proxy_url = "http://u:pw@" + proxy.authority();
  auto outcome = probe(server.url("far.test"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(server.server_name(), "far.test");
  CAF_CHECK(*summary(outcome).phase(http_phase::tls) > 0.f);
  prober().stop();
  CAF_REQUIRE_EQUAL(asked.size(), 1u);
  const auto host = "far.test:" + std::to_string(server.port());
  CAF_CHECK(asked[0].starts_with("CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n"));
  CAF_CHECK(holds(asked[0], "\r\nProxy-Authorization: Basic dTpwdw==\r\n"));
}

CAF_TEST(a proxy that makes no tunnel is named) {
  const auto tunnel = [&](const script_server& proxy) {
    config.proxy_url = "http://u:pw@" + proxy.authority();
    CAF_CHECK_EQUAL(reconfigure(config), "");
    auto outcome = probe("https://far.test/");
    CAF_MESSAGE(outcome.detail);
    CAF_CHECK_EQUAL(phases(outcome), "resolve");
    CAF_CHECK(!holds(outcome.detail, "pw"));
    return outcome;
  };
  script_server refuses{noting(response("407 Proxy Authentication Required", "no"))};
  auto outcome = tunnel(refuses);
  CAF_CHECK_EQUAL(outcome.error, probe_error::proxy_failed);
  CAF_CHECK(holds(outcome.detail, "CONNECT to https://far.test/: HTTP status 407"));
  script_server closes{[](peer& client) { client.read_request(); }};
  CAF_CHECK_EQUAL(tunnel(closes).error, probe_error::proxy_failed);
  script_server garbage{noting("SSH-2.0-x\r\n")};
  CAF_CHECK_EQUAL(tunnel(garbage).error, probe_error::proxy_failed);
  script_server talks{noting("HTTP/1.1 200 OK\r\n\r\nbefore its turn")};
  CAF_CHECK_EQUAL(tunnel(talks).error, probe_error::proxy_failed);
  config.timeout = 300ms;
  script_server stalls{[](peer& client) { client.wait_closed(); }};
  outcome = tunnel(stalls);
  CAF_CHECK_EQUAL(outcome.error, probe_error::proxy_failed);
  CAF_CHECK(holds(outcome.detail, "no answer within the timeout of 300 ms"));
}

CAF_TEST(the other family is tried unless it must not) {
  script_server four{noting(response("200 OK"))};
  config.preferred_ip_protocol = ip_family::ip6;
  auto outcome = probe(four.authority("both.test"));
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  config.ip_protocol_fallback = false;
  CAF_CHECK_EQUAL(reconfigure(config), "");
  outcome = probe(four.authority("both.test"));
  CAF_CHECK(!outcome.success);
  CAF_CHECK_EQUAL(outcome.address, "::1");
  outcome = probe(four.authority("four.test"));
  CAF_CHECK_EQUAL(outcome.error, probe_error::resolve_no_address);
  CAF_CHECK(holds(outcome.detail, "four.test: the name has no IPv6 address"));
  config.preferred_ip_protocol = ip_family::ip4;
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK_EQUAL(probe(four.authority("six.test")).error, probe_error::resolve_no_address);
  CAF_CHECK(probe(four.authority("both.test")).success);
}

CAF_TEST(another server name is asked for and certified) {
  const auto self = make_identity("self", {.alternative_names = "DNS:inner.test"});
  pem_file trusted{self};
  config.ca_file = trusted.path();
  config.server_name = "inner.test";
  tls_server server{self};
  auto outcome = probe(server.url("127.0.0.1"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(server.server_name(), "inner.test");
  config.server_name = "other.test";
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK_EQUAL(probe(server.url("inner.test")).error, probe_error::tls_wrong_name);
}

CAF_TEST(versions of TLS can be bounded) {
  const auto self = make_identity("self", {.alternative_names = "DNS:a.test"});
  pem_file trusted{self};
  config.ca_file = trusted.path();
  tls_server old{self, {.max_version = TLS1_1_VERSION}};
  tls_server current{self};
  CAF_CHECK_EQUAL(probe(old.url("a.test")).error, probe_error::tls_protocol);
  config.min_tls_version = tls_version::tls10;
  config.max_tls_version = tls_version::tls12;
  CAF_CHECK_EQUAL(reconfigure(config), "");
  auto outcome = probe(old.url("a.test"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_REQUIRE(summary(outcome).tls);
  CAF_CHECK((summary(outcome).tls->version == "TLSv1.1"));
  CAF_CHECK((summary(probe(current.url("a.test"))).tls->version == "TLSv1.2"));
  config.min_tls_version = config.max_tls_version = tls_version::tls13;
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK((summary(probe(current.url("a.test"))).tls->version == "TLSv1.3"));
}

CAF_TEST(a client certificate is shown to who asks for one) {
  const auto authority =
      make_identity("authority", {.alternative_names = "DNS:a.test", .authority = true});
  pem_file trusted{authority};
  config.ca_file = trusted.path();
  tls_server server{authority, {.clients_of = authority.certificate}};
  CAF_CHECK(!probe(server.url("a.test")).success);
  pem_file own{make_identity("client", {}, &authority), true};
  config.cert_file = config.key_file = own.path();
  CAF_CHECK_EQUAL(reconfigure(config), "");
  const auto outcome = probe(server.url("a.test"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK(outcome.success);
}

CAF_TEST(a client certificate is for the first host alone) {
  const auto authority =
      make_identity("authority", {.alternative_names = "DNS:a.test,DNS:b.test", .authority = true});
  pem_file trusted{authority};
  config.ca_file = trusted.path();
  pem_file own{make_identity("client", {}, &authority), true};
  config.cert_file = config.key_file = own.path();
  tls_server wants{authority, {.clients_of = authority.certificate}};
  tls_server leads{authority,
                   {.body = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " +
                            wants.url("b.test") + "\r\n\r\n"}};
  CAF_CHECK(probe(wants.url("b.test")).success);
  const auto led = probe(leads.url("a.test"));
  CAF_CHECK(!led.success);
  CAF_CHECK(led.detail.find("goes to the first host alone") != std::string::npos);
}

CAF_TEST(an answer before the request was taken is the answer) {
  config.method = "POST";
  config.body = std::string(1'000'000, 'x');
  for (const auto* answer : {"HTTP/1.1 413 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                             "HTTP/1.1 413 X\r\n\r\nit is too large",
                             "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 413 X\r\n\r\n"}) {
    script_server server{[answer](peer& client) { client.send(answer); }};
    for (int i = 0; i < 20; ++i) {
      const auto outcome = probe(server.authority());
      CAF_REQUIRE_EQUAL(outcome.detail, "HTTP status 413");
    }
  }
}

CAF_TEST(an answer that a reset cuts short is none however long the request was) {
  script_server server{[](peer& client) {
    const auto head = client.read_request();
    client.read_bytes(head.starts_with("POST") ? 20'000 : 0);
    client.send("HTTP/1.1 200 OK\r\n\r\nthe first hal");
    client.reset();
  }};
  const auto short_one = probe(server.authority());
  CAF_CHECK_EQUAL(short_one.error, probe_error::http_early_close);
  config.method = "POST";
  config.body = std::string(20'000, 'x');
  CAF_CHECK_EQUAL(reconfigure(config), "");
  const auto long_one = probe(server.authority());
  CAF_CHECK_EQUAL(long_one.error, probe_error::http_early_close);
  CAF_CHECK_EQUAL(long_one.detail, short_one.detail);
}

CAF_TEST(the next request does not begin with the rest of one that was not taken) {
  config.method = "POST";
  config.body = std::string(1'000'000, 'x');
  script_server target{[](peer& client) {
    const bool whole = client.read_request().starts_with("GET /x ");
    client.send(response(whole ? "200 OK" : "400 Something else was asked"));
  }};
  script_server server{[&](peer& client) {
    client.send("HTTP/1.1 302 X\r\nLocation: http://" + target.authority() +
                "/x\r\nContent-Length: 0\r\n\r\n");
  }};
  for (int i = 0; i < 20; ++i) {
    CAF_REQUIRE_EQUAL(probe(server.authority()).detail, "");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_request_suite
