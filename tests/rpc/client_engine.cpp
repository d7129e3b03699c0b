#define CAF_SUITE client_engine

#include "xprober/rpc/client_engine.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <unistd.h>

#include "net/test_certs.hpp"
#include "net/thrown.hpp"
#include "rpc/call_now.hpp"
#include "rpc/fake_actors.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/dsl.hpp"

namespace client_engine_suite {

// The client against the server of this program.

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;
using test::call_now;
using test::text_of;
namespace asio = boost::asio;

namespace {

const get_targets_request north{"north", "127.0.0.1", ""};

struct fixture {
  fixture() {
    options.listen = "127.0.0.1:0";
    client.backoff_initial = 20ms;
    client.backoff_max = 100ms;
    client.connect_timeout = 3000ms;
    client.call_timeout = 8000ms;
    client.seed = 1;
  }
  ~fixture() {
    engine.reset();
    backend.io.on_thread([this] { port.reset(); });
    std::filesystem::remove(token_file);
  }

  /// Starts the server, on `listen` when that is given.
  std::string serve(const std::string& listen = "127.0.0.1:0") {
    options.listen = listen;
    port.emplace(backend.io.context, backend.actors, options);
    return "127.0.0.1:" + std::to_string(port->local_endpoint().port());
  }

  void stop_server() {
    std::promise<void> stopped;
    port->stop(0ms, [&] { stopped.set_value(); });
    stopped.get_future().get();
    backend.io.on_thread([this] { port.reset(); });
  }

  client_engine& connect(std::vector<std::string> servers) {
    client.servers = std::move(servers);
    return engine.emplace(backend.io.context, client);
  }

  void use_tls() {
    options.rpc.cert_file = certs.path("server.pem");
    options.rpc.key_file = certs.path("server.key");
    client.rpc.ca_file = certs.path("ca.pem");
  }

  test::fake_backend backend;
  test::test_certs certs;
  server_options options;
  client_options client;
  std::optional<server> port;
  std::optional<client_engine> engine;
  std::string token_file =
      (std::filesystem::temp_directory_path() / ("xprober-client-" + std::to_string(::getpid())))
          .string();
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_engine_tests, fixture)

CAF_TEST(every_transport_carries_both_calls) {
  const auto plain = serve();
  for (const auto& address : {plain, "msgpack://" + plain, "http://" + plain}) {
    CAF_MESSAGE(address);
    connect({address});
    const auto list = call_now(*engine, north);
    CAF_CHECK_EQUAL(text_of(list), "north.example");
    CAF_CHECK(std::get<get_targets_response>(list).wire_bytes > 40);
    CAF_CHECK(std::get<get_targets_response>(list).wire_bytes < 200);
    CAF_CHECK_EQUAL(text_of(call_now(*engine, push_request{{{}, {}}})), "2");
    CAF_CHECK(std::get<leave_response>(call_now(*engine, leave_request{"north", "ip", "a"})).known);
    const auto unchanged = call_now(*engine, get_targets_request{"north", "ip", "r1"});
    CAF_CHECK(std::get<get_targets_response>(unchanged).unchanged);
    CAF_CHECK(has(text_of(call_now(*engine, get_targets_request{"bad", "ip", ""})),
                  "the server refused: " + address));
  }
}

CAF_TEST(tls_carries_both_calls) {
  use_tls();
  const auto address = serve();
  for (const auto& url : {"msgpacks://" + address, "https://" + address}) {
    CAF_MESSAGE(url);
    connect({url});
    CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
    CAF_CHECK_EQUAL(text_of(call_now(*engine, push_request{{{}}})), "1");
  }
}

CAF_TEST(what_is_large_is_read_on_another_thread) {
  const auto work = std::make_shared<net::work_thread>();
  options.work = work;
  client.work = work;
  const auto address = serve();
  push_request batch;
  batch.values.resize(30'000, {"worker", "metric", "192.0.2.1", "a", "b", "icmp", 1700000000, 1});
  for (const auto& url : {"msgpack://" + address, "http://" + address}) {
    CAF_MESSAGE(url);
    connect({url});
    CAF_CHECK_EQUAL(text_of(call_now(*engine, batch)), "30000");
    for (int i = 0; i < 2; ++i) {
      const auto list = call_now(*engine, get_targets_request{"large", "ip", ""});
      CAF_REQUIRE(std::holds_alternative<get_targets_response>(list));
      CAF_CHECK_EQUAL(std::get<get_targets_response>(list).targets.at(0).targets.size(), 50'000u);
      CAF_CHECK(std::get<get_targets_response>(list).content_hash != 0);
    }
    CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
  }
  work->stop();
}

CAF_TEST(large_lists_and_batches_arrive_whole) {
  use_tls();
  const auto address = serve();
  push_request batch;
  batch.values.resize(30'000, {"worker", "metric", "192.0.2.1", "a", "b", "icmp", 1700000000, 1});
  for (const auto& url : {"msgpacks://" + address, "https://" + address}) {
    CAF_MESSAGE(url);
    connect({url});
    CAF_CHECK_EQUAL(text_of(call_now(*engine, batch)), "30000");
    const auto list = call_now(*engine, get_targets_request{"large", "ip", ""});
    CAF_REQUIRE(std::holds_alternative<get_targets_response>(list));
    CAF_CHECK_EQUAL(std::get<get_targets_response>(list).targets.at(0).targets.size(), 50'000u);
    CAF_CHECK(std::get<get_targets_response>(list).wire_bytes > 600'000);
  }
}

CAF_TEST(a_server_of_a_foreign_authority_is_not_used) {
  use_tls();
  client.rpc.ca_file = certs.path("other-ca.pem");
  const auto address = serve();
  connect({"msgpacks://" + address});
  const auto text = text_of(call_now(*engine, north));
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "server unreachable: msgpacks://" + address + ": certificate not accepted"));
}

CAF_TEST(client_certificates_and_tokens_open_the_door) {
  use_tls();
  std::ofstream{token_file} << "secret-0123456789";
  options.rpc.token_file = token_file;
  const auto address = serve();
  connect({"https://" + address});
  CAF_CHECK(has(text_of(call_now(*engine, north)), "HTTP 401: the token is missing or wrong"));
  client.rpc.token_file = token_file;
  connect({"https://" + address});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
  connect({"msgpacks://" + address});
  CAF_CHECK(has(text_of(call_now(*engine, north)), "wants a token"));
  stop_server();
  options.rpc.client_ca_file = certs.path("ca.pem");
  client.rpc.cert_file = certs.path("client.pem");
  client.rpc.key_file = certs.path("client.key");
  connect({"msgpacks://" + serve()});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
}

CAF_TEST(a_server_that_is_away_is_named_and_used_when_it_is_back) {
  const auto address = serve();
  connect({address});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
  stop_server();
  const auto text = text_of(call_now(*engine, north));
  CAF_MESSAGE(text);
  CAF_CHECK(has(text, "server unreachable: " + address + ": Connection refused"));
  serve(address);
  // A wait of 100 ms at most may still have to pass; the call waits for it.
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
}

CAF_TEST(the_http_client_notices_that_its_idle_connection_was_closed) {
  options.idle_timeout = 100ms;
  connect({"http://" + serve()});
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
    std::this_thread::sleep_for(300ms);
  }
}

CAF_TEST(the_next_server_of_the_list_takes_over) {
  const auto gone = serve();
  stop_server();
  const auto here = serve();
  connect({gone, "nonsense.invalid:1", here});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
  stop_server();
  const auto text = text_of(call_now(*engine, north));
  CAF_MESSAGE(text);
  // The whole list was tried before the call failed.
  CAF_CHECK(has(text, gone + ": Connection refused"));
  CAF_CHECK(has(text, "nonsense.invalid"));
  CAF_CHECK(has(text, here + ": "));
}

CAF_TEST(calls_beyond_the_limit_fail_at_once) {
  client.max_outstanding = 2;
  client.call_timeout = 1500ms;
  connect({serve()});
  const get_targets_request mute{"mute", "ip", ""};
  auto first = test::begin_call(*engine, mute);
  auto second = test::begin_call(*engine, mute);
  CAF_CHECK(has(text_of(call_now(*engine, mute)), "too many calls outstanding"));
  CAF_CHECK(has(text_of(first.get()), "answer in time"));
  CAF_CHECK(has(text_of(second.get()), "answer in time"));
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
}

CAF_TEST(stopping_fails_what_is_under_way) {
  connect({serve()});
  auto call = test::begin_call(*engine, get_targets_request{"mute", "ip", ""});
  CAF_REQUIRE(test::eventually([&] { return backend.counts->lists == 1; }));
  engine->stop();
  CAF_CHECK(has(text_of(call.get()), "shutting down"));
  CAF_CHECK(has(text_of(call_now(*engine, north)), "shutting down"));
}

CAF_TEST(wrong_servers_and_files_are_named) {
  const auto error = [&] {
    return test::thrown<net::setup_error>([&] { client_engine wrong(backend.io.context, client); });
  };
  client.servers = {};
  CAF_CHECK(has(error(), "rpc_server_addr"));
  client.servers = {"ftp://x:1"};
  CAF_CHECK(has(error(), "ftp://x:1"));
  client.servers = {"https://x"};
  client.rpc.ca_file = certs.path("missing.pem");
  CAF_CHECK(has(error(), "rpc.ca_file: " + client.rpc.ca_file));
}

CAF_TEST(it_tells_which_servers_have_answered_and_which_is_in_use) {
  const auto gone = serve();
  stop_server();
  const auto here = serve();
  connect({gone, here});
  std::vector<net::endpoint> answered;
  std::string in_use;
  const auto look = [&] {
    backend.io.on_thread([&] {
      answered = engine->answered();
      in_use = engine->server_in_use().text;
    });
  };
  look();
  CAF_CHECK(answered.empty());
  CAF_CHECK_EQUAL(in_use, gone);
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
  look();
  CAF_REQUIRE_EQUAL(answered.size(), 1u);
  CAF_CHECK_EQUAL(answered[0].text, here);
  CAF_CHECK_EQUAL(in_use, here);
}

CAF_TEST(a_list_can_be_begun_with_another_than_its_first) {
  const auto address = serve();
  client.first_server = 1;
  connect({"127.0.0.1:1", address});
  CAF_CHECK_EQUAL(text_of(call_now(*engine, north)), "north.example");
  std::vector<net::endpoint> answered;
  backend.io.on_thread([&] { answered = engine->answered(); });
  CAF_REQUIRE_EQUAL(answered.size(), 1u);
  CAF_CHECK_EQUAL(answered[0].text, address);
}

CAF_TEST(the_end_of_all_calls_can_be_waited_for) {
  client.call_timeout = 300ms;
  connect({serve()});
  const auto wait = [this](std::chrono::milliseconds longest) {
    asio::co_spawn(backend.io.context, engine->finish_calls(longest), asio::use_future).get();
  };
  wait(10min);
  auto call = test::begin_call(*engine, get_targets_request{"mute", "ip", ""});
  CAF_REQUIRE(test::eventually([&] { return backend.counts->lists == 1; }));
  wait(1ms);
  CAF_MESSAGE("a call that ends ends the waiting");
  wait(10min);
  CAF_CHECK(call.wait_for(0s) == std::future_status::ready);
}

CAF_TEST(credentials_are_told_apart_by_what_is_in_the_files) {
  const auto read = [&](const std::string& server) {
    return read_credentials(parse_servers({server}), client.rpc);
  };
  std::ofstream{token_file} << "secret";
  client.rpc.token_file = token_file;
  const auto plain = read("http://x");
  CAF_CHECK_EQUAL(plain.token, "secret");
  CAF_CHECK(!plain.tls);
  CAF_CHECK(plain.same_files(read("http://y")));
  std::ofstream{token_file} << "another";
  CAF_CHECK(!plain.same_files(read("http://x")));
  client.rpc.ca_file = certs.path("ca.pem");
  const auto safe = read("https://x");
  CAF_CHECK(safe.tls);
  CAF_CHECK(safe.same_files(read("https://x")));
  CAF_CHECK(!safe.same_files(read("http://x")));
  client.rpc.ca_file = certs.path("other-ca.pem");
  CAF_CHECK(!safe.same_files(read("https://x")));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace client_engine_suite
