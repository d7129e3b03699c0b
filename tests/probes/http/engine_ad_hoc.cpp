#define CAF_SUITE engine_ad_hoc

#include <csignal>

#include "probes/http/probe_fixture.hpp"
#include "probes/stream/tls_server.hpp"
#include "xprober/probes/ad_hoc.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_ad_hoc_suite {

using namespace xprober;
using namespace xprober::http::test;
using namespace std::chrono_literals;

namespace {

/// What of an `ad_hoc_request` a test wants.
struct wish {
  nanoseconds time_limit{0};
  std::string hostname = {};
  std::uint32_t echoes = 0;
  bool with_lines = false;

  ad_hoc_request request(std::function<void(probe_story&&)> tell) const {
    return {time_limit, hostname, echoes, with_lines, std::move(tell)};
  }
};

std::string url_of(const script_server& server, std::string_view host) {
  return "http://" + server.authority(host) + "/";
}

const http_story& more_of(const probe_story& story) {
  return dynamic_cast<const http_story&>(*story.more);
}

struct told_outcome {
  probe_outcome outcome;
  std::optional<probe_story> story;
};

struct fixture : probe_fixture {
  fixture() { ::signal(SIGPIPE, SIG_IGN); }

  told_outcome ask(std::string target, const wish& wanted = {}) {
    auto story = std::make_shared<std::optional<probe_story>>();
    auto tell = [story](probe_story&& told) { story->emplace(std::move(told)); };
    auto promise = std::make_shared<std::promise<probe_outcome>>();
    prober().start({make_target(std::move(target)), monotonic_clock::now(),
                    std::make_shared<const ad_hoc_request>(wanted.request(std::move(tell)))},
                   [promise](probe_outcome&& outcome) { promise->set_value(std::move(outcome)); });
    auto future = promise->get_future();
    told_outcome told{await(future), {}};
    engine_->stop(); // its thread has ended: the story is ours
    engine_.reset();
    told.story = std::move(*story);
    return told;
  }

  static bool has_line(const probe_story& story, std::string_view text) {
    return std::ranges::any_of(story.lines, [&](const auto& line) { return line.text == text; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ad_hoc_tests, fixture)

CAF_TEST(the story of a redirect sums up its hops) {
  script_server last{[](peer& client) {
    client.read_request();
    std::this_thread::sleep_for(30ms); // a slow server is what is played here
    client.send(response("200 OK", "hello", "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n"));
  }};
  script_server first{[&](peer& client) {
    client.read_request();
    std::this_thread::sleep_for(30ms);
    client.send(response("302 Found", "", "Location: " + url_of(last, "named.test") + "\r\n"));
  }};
  const auto [outcome, story] = ask(url_of(first, "127.0.0.1"), {.with_lines = true});
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_REQUIRE(story);
  CAF_CHECK_EQUAL(story->first_address, "127.0.0.1");
  CAF_CHECK(story->resolve == 0ns); // of the target, which is an address
  for (const auto& phase : more_of(*story).phases) {
    CAF_CHECK(phase.has_value());
  }
  CAF_CHECK(*more_of(*story).phases[static_cast<std::size_t>(http_phase::resolve)] > 0ns);
  // The sum of both hops, of which the outcome has the last one.
  const std::chrono::duration<float, std::milli> both =
      *more_of(*story).phases[static_cast<std::size_t>(http_phase::processing)];
  CAF_CHECK_GREATER(both.count(), *summary(outcome).phase(http_phase::processing));
  CAF_CHECK_EQUAL(more_of(*story).content_length, 5);
  CAF_CHECK_EQUAL(more_of(*story).decoded_bytes, 5u);
  CAF_CHECK(!more_of(*story).over_tls);
  CAF_REQUIRE(more_of(*story).last_modified_unix);
  CAF_CHECK_EQUAL(*more_of(*story).last_modified_unix, 1'445'412'480);
  for (const auto* line :
       {"Resolving target address", "Resolved target address", "Making HTTP request",
        "Received HTTP response", "Times of the round trip"}) {
    CAF_CHECK(has_line(*story, line));
  }
}

CAF_TEST(without lines there are none) {
  script_server server{[](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  }};
  const auto [outcome, story] = ask(url_of(server, "127.0.0.1"));
  CAF_CHECK(outcome.success);
  CAF_REQUIRE(story);
  CAF_CHECK(story->lines.empty());
  CAF_CHECK_EQUAL(more_of(*story).content_length, -1);
  CAF_CHECK_EQUAL(more_of(*story).decoded_bytes, 13u);
}

CAF_TEST(a failure tells how far it came) {
  const auto [outcome, story] = ask("http://missing.test/", {.with_lines = true});
  CAF_CHECK_EQUAL(outcome.error, probe_error::resolve_not_found);
  CAF_REQUIRE(story);
  CAF_CHECK(story->first_address.empty());
  CAF_CHECK(!more_of(*story).phases[0]);
  CAF_REQUIRE(!story->lines.empty());
  CAF_CHECK_EQUAL(story->lines.back().text, outcome.detail);
}

CAF_TEST(a time limit cuts a probe short and no longer one prolongs it) {
  script_server silent{[](peer& client) {
    client.read_request();
    client.read_bytes(1);
  }};
  const auto begun = monotonic_clock::now();
  const auto [outcome, story] = ask(url_of(silent, "127.0.0.1"), {.time_limit = 200ms});
  CAF_CHECK_EQUAL(outcome.error, probe_error::deadline);
  CAF_CHECK(monotonic_clock::now() - begun < 3s);
  CAF_CHECK(story.has_value());
  config.timeout = 200ms;
  CAF_CHECK_EQUAL(ask(url_of(silent, "127.0.0.1"), {.time_limit = 1h}).outcome.error,
                  probe_error::deadline);
}

CAF_TEST(a probe whose time was over before it began is no failure of the target) {
  script_server server{[](peer& client) { client.read_request(); }};
  const auto [outcome, story] = ask(url_of(server, "127.0.0.1"), {.time_limit = 1ns});
  CAF_CHECK_EQUAL(outcome.error, probe_error::local_overload);
}

CAF_TEST(a host name that was wished for is in the header and not for other hosts) {
  std::vector<std::string> asked;
  const auto note = [&](std::string answer) {
    return [&asked, answer](peer& client) {
      asked.push_back(client.read_request());
      client.send(answer);
    };
  };
  script_server last{note(response("200 OK"))};
  script_server first{
      note(response("302 Found", "", "Location: " + url_of(last, "named.test") + "\r\n"))};
  config.headers = {{"host", "configured.test"}};
  CAF_CHECK(ask(url_of(first, "127.0.0.1"), {.hostname = "virtual.test"}).outcome.success);
  CAF_REQUIRE_EQUAL(asked.size(), 2u);
  CAF_CHECK(asked[0].find("\r\nHost: virtual.test\r\n") != std::string::npos);
  CAF_CHECK(asked[0].find("configured.test") == std::string::npos);
  CAF_CHECK(asked[1].find("\r\nHost: named.test:") != std::string::npos);
}

CAF_TEST(TLS asks for the name in the Host header) {
  const auto authority =
      make_identity("authority", {.alternative_names = "", .valid_to_s = 7200, .authority = true});
  const pem_file file{authority};
  config.ca_file = file.path();
  tls_server server{make_identity(
      "leaf", {.alternative_names = "DNS:virtual.test", .valid_to_s = 3600}, &authority)};
  const auto [outcome, story] = ask(server.url("127.0.0.1"), {.hostname = "virtual.test:8443"});
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(server.server_name(), "virtual.test");
  CAF_CHECK(story && more_of(*story).over_tls);
  const auto& tls = *summary(outcome).tls;
  CAF_CHECK_EQUAL(tls.fingerprint_sha256.size(), 64u);
  CAF_CHECK_EQUAL(tls.chain_expiry_unix, tls.expiry_unix);
  // So it does for targets of the list.
  config.headers = {{"Host", "virtual.test"}};
  CAF_CHECK(probe(server.url("127.0.0.1")).success);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_ad_hoc_suite
