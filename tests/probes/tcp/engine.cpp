#define CAF_SUITE engine

#include "xprober/probes/tcp/engine.hpp"

#include <csignal>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/stream/kind_fixture.hpp"
#include "probes/stream/tls_server.hpp"
#include "support/shown.hpp"
#include "xprober/probes/ad_hoc.hpp"
#include "xprober/probes/stream/tls_details.hpp"
#include "xprober/probes/tcp/presenter.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_suite {

using namespace xprober;
using namespace xprober::stream::test;
using namespace std::chrono_literals;

namespace {

namespace column = kinds::tcp_column;

const std::string all_phases = "resolve connect tls exchange";

struct fixture : kind_fixture {
  fixture() : kind_fixture(kinds::tcp(), tcp::make_engine) {
    ::signal(SIGPIPE, SIG_IGN);
    config.tcp.timeout = 5s;
  }

  void check(const probe_outcome& outcome, probe_error error, const std::string& done) {
    CAF_MESSAGE(outcome.detail);
    CAF_CHECK_EQUAL(outcome.error, error);
    CAF_CHECK_EQUAL(outcome.success, error == probe_error::none);
    CAF_CHECK_EQUAL(phases(outcome), done);
  }

  identity authority =
      make_identity("authority", {.alternative_names = "", .valid_to_s = 7200, .authority = true});
  pem_file authority_file{authority};
};

std::string closed_port() {
  const script_server gone{[](peer&) {}};
  return gone.authority();
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(tcp_tests, fixture)

CAF_TEST(a port that is open) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  const auto outcome = probe(server.authority("named.test"));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  CAF_CHECK(outcome.values.number(column::tls) == 0.F);
  CAF_CHECK(!outcome.values.has(column::cert_expiry));
  CAF_CHECK(outcome.details == nullptr);
  stop();
  CAF_CHECK_EQUAL(report.probes.succeeded, 1u);
  CAF_CHECK_EQUAL(report.kind, "tcp");
  CAF_CHECK_EQUAL(counted("connections"), 1u);
}

CAF_TEST(refused is told from a name that does not exist and from silence) {
  check(probe(closed_port()), probe_error::refused, "resolve");
  check(probe("missing.test:1"), probe_error::resolve_not_found, "");
  config.tcp.timeout = 300ms;
  kind_fixture quick{kinds::tcp(), tcp::make_engine};
  quick.config.tcp.timeout = 300ms;
  const auto silent = quick.probe("silent.test:1");
  CAF_CHECK_EQUAL(silent.error, probe_error::resolve_timeout);
}

CAF_TEST(a connection that is not answered times out) {
  config.tcp.timeout = 300ms;
  // A listener that accepts nothing: past its backlog the kernel drops what comes.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CAF_REQUIRE_EQUAL(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  CAF_REQUIRE_EQUAL(::listen(listener, 0), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    std::ignore = ::connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), size);
  }
  const auto outcome = probe("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  for (const int fd : fillers) {
    ::close(fd);
  }
  ::close(listener);
  check(outcome, probe_error::connect_timeout, "resolve");
}

CAF_TEST(the next address is tried and a target needs a port) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  const auto outcome = probe(server.authority("fallback.test"));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  for (const auto* bad : {"named.test", ":80", "named.test:", "named.test:0", "a:b:c"}) {
    CAF_CHECK_EQUAL(probe(bad).error, probe_error::bad_target);
  }
}

CAF_TEST(an exchange of steps) {
  config.tcp.query_response = {
      {"^220 (\\S+)", "EHLO $1", false}, {"^250 ", "QUIT", false}, {"^221", "", false}};
  std::string asked;
  script_server server{[&](peer& client) {
    client.send("junk\r\n220 mail.test ESMTP\r\n");
    asked = client.read_bytes(15);
    client.send("250-first\r\n250 last\r\n");
    asked += client.read_bytes(5);
    client.send("221 bye"); // without a line end
  }};
  const auto outcome = probe(server.authority());
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(asked, "EHLO mail.test\nQUIT\n");
  CAF_CHECK(outcome.values.whole(column::steps) == 3u);
}

CAF_TEST(what is expected and does not come) {
  config.tcp.query_response = {{"^220 ", "", false}};
  script_server other{[](peer& client) { client.send("554 no\r\n"); }};
  auto outcome = probe(other.authority());
  check(outcome, probe_error::bad_answer, "resolve connect tls");
  CAF_CHECK(holds(outcome.detail, "a line that matches '^220 '"));
  CAF_CHECK(holds(outcome.detail, "'554 no'"));
  script_server nothing{[](peer&) {}};
  check(probe(nothing.authority()), probe_error::early_close, "resolve connect tls");
  script_server reset{[](peer& client) { client.reset(); }};
  // It may come before connect(2) has told of the connection.
  CAF_CHECK_EQUAL(probe(reset.authority()).error, probe_error::reset);
  script_server endless{[](peer& client) {
    while (client.send(std::string(4096, 'x'))) {
    }
  }};
  check(probe(endless.authority()), probe_error::bad_answer, "resolve connect tls");
}

CAF_TEST(silence where something is expected ends at the deadline) {
  config.tcp.timeout = 300ms;
  config.tcp.query_response = {{"^220 ", "", false}};
  script_server silent{[](peer& client) { client.wait_closed(); }};
  const auto outcome = probe(silent.authority());
  check(outcome, probe_error::deadline, "resolve connect tls");
  CAF_CHECK(holds(outcome.detail, "exchange not completed within the timeout of 300 ms"));
}

CAF_TEST(TLS from the beginning and a certificate that is for others) {
  config.tcp.tls = true;
  config.tcp.tls_config.ca_file = authority_file.path();
  config.tcp.query_response = {{"", "GET / HTTP/1.0\r\n\r", false}, {"^HTTP/1.1 200", "", false}};
  tls_server server{make_identity("leaf", {.alternative_names = "DNS:named.test"}, &authority)};
  const auto target = "named.test:" + std::to_string(server.port());
  const auto outcome = probe(target);
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK(*outcome.values.number(column::tls) > 0.F);
  CAF_CHECK(outcome.values.has(column::cert_expiry));
  CAF_REQUIRE(stream::tls_of(outcome) != nullptr);
  CAF_CHECK_EQUAL(stream::tls_of(outcome)->subject, "CN=leaf");
  const auto wrong = probe("other.test:" + std::to_string(server.port()));
  check(wrong, probe_error::tls_wrong_name, "resolve connect");
  CAF_CHECK(wrong.values.has(column::cert_expiry));
}

CAF_TEST(TLS that begins within an exchange) {
  const auto who = make_identity("leaf", {.alternative_names = "DNS:named.test"}, &authority);
  tls_server secure{who};
  script_server plain{[&](peer& client) {
    client.send("220 ready\r\n");
    client.read_bytes(9);
    client.send("220 go\r\n");
    client.join(secure.port());
  }};
  config.tcp.tls_config.ca_file = authority_file.path();
  config.tcp.query_response = {{"^220", "STARTTLS", false},
                               {"^220", "", true},
                               {"", "GET / HTTP/1.0\r\n\r", false},
                               {"200", "", false}};
  const auto outcome = probe(plain.authority("named.test"));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK(*outcome.values.number(column::tls) > 0.F);
}

CAF_TEST(what comes in the clear behind the answer fails the start of TLS) {
  config.tcp.query_response = {{"^220 go", "", true}};
  script_server injects{[](peer& client) {
    client.send("220 go\r\nINJECTED\r\n");
    client.wait_closed();
  }};
  const auto outcome = probe(injects.authority("named.test"));
  check(outcome, probe_error::starttls_failed, "resolve connect");
  CAF_CHECK(holds(outcome.detail, "the server sent more than its answer before TLS"));
}

CAF_TEST(what a server says cannot move a terminal) {
  config.tcp.query_response = {{"^220", "", false}};
  script_server server{[](peer& client) { client.send("\x1b[2Jhi\xff\r\n"); }};
  auto told = std::make_shared<probe_story>();
  auto wishes = std::make_shared<ad_hoc_request>();
  wishes->with_lines = true;
  wishes->tell = [told](probe_story&& story) { *told = std::move(story); };
  const auto outcome = probe(server.authority(), wishes);
  check(outcome, probe_error::bad_answer, "resolve connect tls");
  CAF_CHECK(holds(outcome.detail, "the last line was '?[2Jhi?'"));
  std::string lines;
  for (const auto& line : told->lines) {
    lines += line.text == "Read line" ? line.fields.front().second : "";
  }
  CAF_CHECK_EQUAL(lines, "?[2Jhi?");
}

CAF_TEST(descriptors used up are a fault of this process) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  CAF_CHECK(probe(server.authority()).success); // all is set up
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto none = before;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto outcome = probe(server.authority());
  ::setrlimit(RLIMIT_NOFILE, &before);
  check(outcome, probe_error::local_no_socket, "resolve");
  stop();
  CAF_CHECK_EQUAL(counted("no_descriptor"), 1u);
  CAF_CHECK_EQUAL(report.probes.local_errors, 1u);
  CAF_CHECK_EQUAL(report.probes.failed, 0u);
}

CAF_TEST(settings are prepared and refused without a trace) {
  script_server server{[](peer& client) { client.send("no\r\n"); }};
  CAF_CHECK(probe(server.authority()).success);
  auto next = config;
  next.tcp.query_response = {{"^yes", "", false}};
  next.modules["broken"].prober = &kinds::tcp();
  next.modules["broken"].tcp.query_response = {{"(", "", false}};
  CAF_CHECK(holds(engine().prepare(next), "modules.broken.tcp.query_response[0].expect"));
  engine().commit();
  CAF_CHECK(probe(server.authority()).success);
  next.modules.clear();
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  CAF_CHECK_EQUAL(probe(server.authority()).error, probe_error::bad_answer);
}

CAF_TEST(who asks is told the steps) {
  config.tcp.query_response = {{"^220", "", false}};
  script_server server{[](peer& client) { client.send("220 hi\r\n"); }};
  auto told = std::make_shared<probe_story>();
  auto wishes = std::make_shared<ad_hoc_request>();
  wishes->with_lines = true;
  wishes->tell = [told](probe_story&& story) { *told = std::move(story); };
  CAF_CHECK(probe(server.authority("named.test"), wishes).success);
  CAF_CHECK_EQUAL(told->first_address, "127.0.0.1");
  std::string lines;
  for (const auto& line : told->lines) {
    lines += line.text + ";";
  }
  CAF_CHECK_EQUAL(lines, "Resolving target address;Resolved target address;Connected;Read line;");
}

CAF_TEST(how it is shown) {
  const tcp::presenter show;
  probe_outcome outcome;
  outcome.error = probe_error::bad_answer;
  outcome.values.set(column::resolve, 1);
  outcome.values.set(column::connect, 2);
  outcome.values.set(column::tls, 0);
  CAF_CHECK_EQUAL(show.failed_phase(outcome), "exchange");
  CAF_CHECK_EQUAL(shown::facts(show, outcome),
                  "cert_expiry_unix -; steps -; failed_phase exchange; phases_ms { resolve 1; "
                  "connect 2; tls 0; exchange -; } tls null; ");
  CAF_CHECK_EQUAL(shown::gauges(show, outcome), "probe_failed_due_to_regex 1\n"
                                                "probe_tcp_duration_seconds{phase=resolve} 0.001\n"
                                                "probe_tcp_duration_seconds{phase=connect} 0.002\n"
                                                "probe_tcp_duration_seconds{phase=tls} 0\n");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_suite
