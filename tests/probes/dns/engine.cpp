#define CAF_SUITE engine

#include "xprober/probes/dns/engine.hpp"

#include <csignal>

#include "probes/stream/kind_fixture.hpp"
#include "probes/stream/tls_server.hpp"
#include "support/shown.hpp"
#include "xprober/probes/dns/presenter.hpp"
#include "xprober/probes/dns/session.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_suite {

using namespace xprober;
using namespace xprober::stream::test;
using namespace std::chrono_literals;

namespace {

namespace column = kinds::dns_column;

const std::string all_phases = "resolve connect request";

/// A name server over UDP on a free loopback port: the script makes the datagrams that answer one.
class udp_script {
public:
  using script = std::function<std::vector<std::string>(const std::string& query)>;

  explicit udp_script(script answer) : answer_(std::move(answer)) {
    receive();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~udp_script() {
    io_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return port_; }

private:
  void receive() {
    socket_.async_receive_from(
        boost::asio::buffer(buffer_), peer_, [this](boost::system::error_code e, std::size_t n) {
          if (!e) {
            for (const auto& reply : answer_(std::string(buffer_.data(), n))) {
              boost::system::error_code ignored;
              socket_.send_to(boost::asio::buffer(reply), peer_, 0, ignored);
            }
            receive();
          }
        });
  }

  script answer_;
  boost::asio::io_context io_;
  boost::asio::ip::udp::socket socket_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::uint16_t port_ = socket_.local_endpoint().port();
  boost::asio::ip::udp::endpoint peer_;
  std::array<char, 1500> buffer_{};
  std::thread thread_;
};

/// The answer to a query with so many A records 192.0.2.1 and further bits of the flags.
std::string reply_to(const std::string& query, int records = 1, unsigned char more_flags = 0,
                     unsigned char rcode = 0) {
  auto out = query;
  out[2] = static_cast<char>(0x81 | more_flags);
  out[3] = static_cast<char>(0x80 | rcode);
  out[7] = static_cast<char>(records);
  for (int i = 0; i < records; ++i) {
    out += std::string{"\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4\xC0\0\2\1", 16};
  }
  return out;
}

/// One message over a stream: its length and the bytes.
std::string read_framed(peer& client) {
  const auto head = client.read_bytes(2);
  return head.size() < 2
             ? std::string{}
             : client.read_bytes(static_cast<std::size_t>(static_cast<unsigned char>(head[0]) << 8 |
                                                          static_cast<unsigned char>(head[1])));
}

std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} +
         message;
}

struct fixture : kind_fixture {
  fixture() : kind_fixture(kinds::dns(), dns_query::make_engine) {
    ::signal(SIGPIPE, SIG_IGN);
    config.dns.timeout = 5s;
  }

  void check(const probe_outcome& outcome, probe_error error, const std::string& done) {
    CAF_MESSAGE(outcome.detail);
    CAF_CHECK_EQUAL(outcome.error, error);
    CAF_CHECK_EQUAL(outcome.success, error == probe_error::none);
    CAF_CHECK_EQUAL(phases(outcome), done);
  }

  static std::string at(std::uint16_t port, const std::string& server = "127.0.0.1") {
    return "a.example@" + server + ":" + std::to_string(port);
  }

  static const dns_query::dns_details& details(const probe_outcome& outcome) {
    return dynamic_cast<const dns_query::dns_details&>(*outcome.details);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(dns_tests, fixture)

CAF_TEST(a name that is there) {
  udp_script server{
      [](const std::string& query) { return std::vector<std::string>{reply_to(query, 2)}; }};
  const auto outcome = probe(at(server.port(), "named.test"));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  CAF_CHECK(outcome.values.whole(column::answers) == 2u);
  CAF_CHECK(outcome.values.whole(column::rcode) == 0u);
  CAF_CHECK(outcome.values.whole(column::lowest_ttl) == 60u);
  CAF_CHECK(!outcome.values.has(column::serial));
  CAF_CHECK(!details(outcome).over_tcp);
  CAF_REQUIRE_EQUAL(details(outcome).records.size(), 2u);
  CAF_CHECK_EQUAL(details(outcome).records[0], "a.example.\t60\tIN\tA\t192.0.2.1");
}

CAF_TEST(what is asked is what is configured and ids differ) {
  std::vector<std::string> asked;
  udp_script server{[&](const std::string& query) {
    asked.push_back(query);
    return std::vector<std::string>{reply_to(query, 0)};
  }};
  config.dns.query_type = "TXT";
  config.dns.query_class = "CH";
  config.dns.recursion_desired = false;
  for (int i = 0; i < 3; ++i) {
    check(probe(at(server.port())), probe_error::none, all_phases);
  }
  stop();
  CAF_REQUIRE_EQUAL(asked.size(), 3u);
  CAF_CHECK_EQUAL(asked[0][2], 0);
  CAF_CHECK_EQUAL(asked[0].substr(asked[0].size() - 4), (std::string{"\0\x10\0\3", 4}));
  CAF_CHECK(asked[0].substr(0, 2) != asked[1].substr(0, 2) ||
            asked[1].substr(0, 2) != asked[2].substr(0, 2));
}

CAF_TEST(an answer is for a name however that is written) {
  udp_script server{
      [](const std::string& query) { return std::vector<std::string>{reply_to(query)}; }};
  const auto to = "@127.0.0.1:" + std::to_string(server.port());
  for (const std::string name : {"m\xC3\xBCnchen.example", "a$b.example", "hostmaster@example",
                                 "a\\065.example", "a\\.b.example", "a(b;c).example", "."}) {
    CAF_MESSAGE(name);
    check(probe(name + to), probe_error::none, all_phases);
  }
  check(probe("\xFF.example" + to), probe_error::bad_target, "");
}

CAF_TEST(impostors are passed over) {
  udp_script server{[](const std::string& query) {
    auto other_id = reply_to(query);
    ++other_id[0];
    auto other_question = reply_to(query);
    other_question[13] = 'b';
    auto no_answer = reply_to(query);
    no_answer[2] = 1;
    return std::vector<std::string>{"junk", other_id, other_question, no_answer,
                                    reply_to(query, 3)};
  }};
  const auto outcome = probe(at(server.port()));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK(outcome.values.whole(column::answers) == 3u);
}

CAF_TEST(a code that is not wanted and one that is) {
  udp_script server{
      [](const std::string& query) { return std::vector<std::string>{reply_to(query, 0, 0, 3)}; }};
  const auto outcome = probe(at(server.port()));
  check(outcome, probe_error::bad_rcode, all_phases);
  CAF_CHECK(holds(outcome.detail, "the server answered NXDOMAIN"));
  CAF_CHECK(outcome.values.whole(column::rcode) == 3u);
  auto next = config;
  next.dns.valid_rcodes = {"NXDOMAIN"};
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  CAF_CHECK(probe(at(server.port())).success);
  next.dns.validate_answer_rrs.fail_if_none_matches_regexp = {"192"};
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  CAF_CHECK_EQUAL(probe(at(server.port())).error, probe_error::bad_answer);
  next.dns.query_type = "NOPE";
  CAF_CHECK(holds(engine().prepare(next), "dns.query_type: 'NOPE'"));
}

CAF_TEST(silence ends at the deadline and a closed port is refused) {
  config.dns.timeout = 300ms;
  std::uint16_t closed = 0;
  {
    udp_script silent{[](const std::string&) { return std::vector<std::string>{}; }};
    const auto outcome = probe(at(silent.port()));
    check(outcome, probe_error::deadline, "resolve connect");
    CAF_CHECK(holds(outcome.detail, "request not completed within the timeout of 300 ms"));
    closed = silent.port();
  }
  check(probe(at(closed)), probe_error::refused, "resolve connect");
  check(probe("a.example@missing.test"), probe_error::resolve_not_found, "");
  check(probe("@127.0.0.1"), probe_error::bad_target, "");
  check(probe(std::string(64, 'x') + "@127.0.0.1"), probe_error::bad_target, "");
}

CAF_TEST(a question that is refused goes to the next address of its server) {
  std::uint16_t closed = 0;
  {
    udp_script server{[](const std::string& query) { return std::vector{reply_to(query)}; }};
    const auto outcome = probe(at(server.port(), "many.test"));
    check(outcome, probe_error::none, all_phases);
    CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
    closed = server.port();
  }
  const auto refused = probe(at(closed, "many.test"));
  check(refused, probe_error::refused, "resolve connect");
  CAF_CHECK(
      holds(refused.detail, "to 127.0.0.21:" + std::to_string(closed) + ": Connection refused"));
  CAF_CHECK(holds(refused.detail, "12 of 12 addresses were tried"));
}

CAF_TEST(a truncated answer is asked for over TCP) {
  script_server over_tcp{[](peer& client) {
    client.send(framed(reply_to(read_framed(client), 5)));
    client.wait_closed();
  }};
  // The same port for both.
  boost::asio::io_context io;
  boost::asio::ip::udp::socket udp{io, {boost::asio::ip::address_v4::loopback(), over_tcp.port()}};
  std::thread once{[&] {
    std::array<char, 512> buffer{};
    boost::asio::ip::udp::endpoint from;
    for (int i = 0; i < 2; ++i) {
      const auto n = udp.receive_from(boost::asio::buffer(buffer), from);
      udp.send_to(boost::asio::buffer(reply_to(std::string(buffer.data(), n), 0, 2)), from);
    }
  }};
  const auto outcome = probe(at(over_tcp.port()));
  auto next = config;
  next.dns.tcp_fallback = false;
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  const auto without = probe(at(over_tcp.port()));
  once.join();
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK(details(outcome).over_tcp);
  CAF_CHECK(outcome.values.whole(column::answers) == 5u);
  check(without, probe_error::dns_truncated, "resolve connect");
}

CAF_TEST(over TCP from the beginning) {
  config.dns.transport_protocol = dns_transport::tcp;
  script_server server{[](peer& client) {
    const auto reply = framed(reply_to(read_framed(client)));
    client.send(reply.substr(0, 1)); // in pieces
    client.send(reply.substr(1, 20));
    client.send(reply.substr(21));
    client.wait_closed();
  }};
  check(probe(at(server.port())), probe_error::none, all_phases);
  script_server closes{[](peer& client) { read_framed(client); }};
  check(probe(at(closes.port())), probe_error::early_close, "resolve connect");
  script_server garbage{[](peer& client) {
    read_framed(client);
    client.send(framed("no DNS"));
    client.wait_closed();
  }};
  check(probe(at(garbage.port())), probe_error::dns_malformed, "resolve connect");
}

CAF_TEST(over TLS) {
  const auto authority =
      make_identity("authority", {.alternative_names = "", .valid_to_s = 7200, .authority = true});
  const pem_file file{authority};
  config.dns.dns_over_tls = true;
  config.dns.tls_config.ca_file = file.path();
  tls_server server{make_identity("leaf", {.alternative_names = "DNS:other.test"}, &authority)};
  const auto outcome = probe(at(server.port(), "named.test"));
  check(outcome, probe_error::tls_wrong_name, "resolve");
  CAF_REQUIRE(stream::tls_of(outcome) != nullptr);
  // An HTTP server's answer is none of DNS, but the way to it was made.
  auto next = config;
  next.dns.tls_config.server_name = "other.test";
  next.dns.timeout = 500ms;
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  const auto made = probe(at(server.port(), "named.test"));
  CAF_CHECK_EQUAL(made.error, probe_error::deadline);
  CAF_CHECK_EQUAL(phases(made), "resolve connect");
  CAF_CHECK_EQUAL(server.server_name(), "other.test");
}

CAF_TEST(a target without a server asks the one of the resolver) {
  // The fixture's own server, which knows all names below .test.
  const auto outcome = probe("named.test");
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK(outcome.values.whole(column::answers) == 1u);
  CAF_CHECK_EQUAL(details(outcome).server, names.address());
}

CAF_TEST(the serial of a zone) {
  config.dns.query_type = "SOA";
  udp_script server{[](const std::string& query) {
    auto out = reply_to(query, 0);
    out[7] = 1;
    out += std::string{"\xC0\x0C\0\6\0\1\0\0\0\x3C\0\x18\xC0\x0C\xC0\x0C\0\0\x30\x39", 20} +
           std::string(16, '\0');
    return std::vector<std::string>{out};
  }};
  const auto outcome = probe(at(server.port()));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK(outcome.values.whole(column::serial) == 12345u);
  const dns_query::presenter show;
  const auto gauges = shown::gauges(show, outcome);
  CAF_CHECK(holds(gauges, "probe_dns_serial 12345\n"));
  CAF_CHECK(holds(gauges, "probe_dns_answer_rrs 1\n"));
  CAF_CHECK(holds(gauges, "probe_dns_duration_seconds{phase=request}"));
  CAF_CHECK(holds(gauges, "probe_dns_query_succeeded 1\n"));
  CAF_CHECK(holds(shown::facts(show, outcome), "rcode_text NOERROR; server 127.0.0.1:"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_suite
