#define CAF_SUITE server

#include "xprober/rpc/server.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <vector>

#include <unistd.h>

#include "net/raw_client.hpp"
#include "net/test_certs.hpp"
#include "rpc/fake_actors.hpp"
#include "rpc/go_messages.hpp"
#include "support/samples.hpp"
#include "xprober/rpc/codec.hpp"
#include "xprober/rpc/envelope.hpp"

#include "caf/test/dsl.hpp"

namespace server_suite {

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;
using test::raw_client;
namespace go = xprober::test::go;

namespace {

struct fixture {
  fixture() { options.listen = "127.0.0.1:0"; }
  ~fixture() {
    if (port) {
      backend.io.on_thread([this] { port.reset(); });
    }
    std::filesystem::remove(token_file);
  }

  raw_client client() {
    if (!port) {
      port.emplace(backend.io.context, backend.actors, options);
    }
    return raw_client{port->local_endpoint()};
  }

  void want_token(const std::string& token) {
    std::ofstream{token_file} << token << "\n";
    options.rpc.token_file = token_file;
  }

  rpc_stats counters() {
    std::promise<rpc_stats> counts;
    port->counters([&](rpc_stats now) { counts.set_value(now); });
    return counts.get_future().get();
  }

  test::fake_backend backend;
  server_options options;
  std::optional<server> port;
  std::string token_file =
      (std::filesystem::temp_directory_path() / ("xprober-server-" + std::to_string(::getpid())))
          .string();
};

std::string targets_request(std::uint64_t seq, const std::string& region,
                            const std::string& revision = "") {
  std::string out;
  begin_request(out, seq, methods::get_targets);
  encode(get_targets_request{region, "127.0.0.1", revision}, wire_format::msgpack, out);
  return out;
}

/// Reads one MessagePack-RPC message and takes it apart; `bytes` keeps what the views point to.
rpc_message read_answer(raw_client& peer, std::string& bytes) {
  frame_scanner scanner;
  bytes = peer.read_until(
      [&](const std::string& got) { return scanner.scan(got) != frame_status::need_more; });
  if (bytes.size() > scanner.size()) {
    peer.put_back(bytes.substr(scanner.size()));
    bytes.resize(scanner.size());
  }
  rpc_message message;
  const auto problem = read_envelope(bytes, message);
  if (!problem.empty()) {
    CAF_FAIL("no answer: " << problem);
  }
  return message;
}

get_targets_response list_in(const rpc_message& message) {
  get_targets_response list;
  CAF_CHECK_EQUAL(decode(message.body, wire_format::msgpack, list), "");
  return list;
}

std::string first_target(const rpc_message& message) {
  return list_in(message).targets.at(0).targets.at(0);
}

/// The error of the next answer; "no error" without one.
std::string read_error(raw_client& peer) {
  std::string bytes;
  return read_answer(peer, bytes).error.value_or("no error");
}

std::string post(const std::string& method, const std::string& body, const std::string& headers) {
  return "POST /rpc/" + method +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

/// A batch of one row; its bytes need not be more than a header here.
std::string batch(std::uint64_t sequence) {
  batch_encoder encoder{{"north", "127.0.0.1"}};
  encoder.add(*samples::result(samples::target(0, "10.0.0.1")));
  return encoder.finish({}, sequence, 0);
}

const std::string as_json = "Content-Type: application/json\r\n";

bool begins(const std::string& text, std::string_view with) { return text.rfind(with, 0) == 0; }
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_tests, fixture)

CAF_TEST(a_large_request_that_cannot_be_read_is_refused_and_the_session_goes_on) {
  const auto work = std::make_shared<net::work_thread>();
  options.work = work;
  auto peer = client();
  std::string broken;
  begin_request(broken, 7, methods::push_results);
  broken += std::string{"\xda\x50\x00", 3} + std::string(0x5000, 'x'); // a text, no struct
  peer.send(broken + targets_request(8, "north"));
  std::vector<std::uint64_t> answered;
  for (int i = 0; i < 2; ++i) {
    std::string bytes;
    const auto answer = read_answer(peer, bytes);
    answered.push_back(answer.seq);
    CAF_CHECK_EQUAL(answer.error.has_value(), answer.seq == 7);
  }
  CAF_CHECK(answered[0] + answered[1] == 15);
  work->stop();
}

CAF_TEST(messages_of_go_are_answered) {
  auto peer = client();
  peer.send(go::request_targets);
  std::string bytes;
  auto answer = read_answer(peer, bytes);
  CAF_CHECK_EQUAL(answer.seq, 0u);
  CAF_CHECK(!answer.error);
  CAF_CHECK_EQUAL(first_target(answer), "r1.example");
  peer.send(go::request_push_str8);
  answer = read_answer(peer, bytes);
  CAF_CHECK_EQUAL(answer.seq, 300u);
  push_response pushed;
  CAF_CHECK_EQUAL(decode(answer.body, wire_format::msgpack, pushed), "");
  CAF_CHECK_EQUAL(pushed.success_num, 2);
  CAF_CHECK_EQUAL(backend.counts->values, 2);
  CAF_CHECK(test::eventually([&] { return backend.counts->seen == 1; }));
  CAF_CHECK(backend.counts->peer_port > 0);
  CAF_CHECK_EQUAL(backend.counts->told_apart, 1); // by its connection
}

CAF_TEST(callers_over_http_are_told_apart_by_what_they_say) {
  auto peer = client();
  int asked = 0;
  for (const auto& [process, told_apart] :
       {std::pair{R"()", 0}, {R"(, "process": "0a1b")", 1}, {R"()", 1}}) {
    peer.send(post("Server.GetProberTargets",
                   R"({"localRegion": "north", "localIp": "ip")" + std::string{process} + "}",
                   as_json));
    CAF_CHECK(begins(peer.read_http(), "HTTP/1.1 200 "));
    ++asked;
    CAF_CHECK(test::eventually([&] { return backend.counts->seen == asked; }));
    CAF_CHECK_EQUAL(backend.counts->told_apart, told_apart);
  }
}

CAF_TEST(what_an_agent_says_of_itself_reaches_the_registry) {
  auto peer = client();
  const std::string fault = R"({"reason": "overload", "detail": "late"})";
  std::string faults = fault;
  for (int i = 0; i < 30; ++i) {
    faults += "," + fault;
  }
  peer.send(post("Server.GetProberTargets",
                 R"({"localRegion": "north", "localIp": "ip", "ownFaults": [)" + faults + "]}",
                 as_json));
  CAF_CHECK(begins(peer.read_http(), "HTTP/1.1 200 "));
  CAF_CHECK(test::eventually([&] { return backend.counts->faults == 20; }));
}

CAF_TEST(a_goodbye_is_answered_with_whether_the_agent_was_known) {
  auto peer = client();
  std::string goodbye;
  begin_request(goodbye, 7, methods::leave);
  encode(leave_request{"north", "127.0.0.1", "00ff"}, wire_format::msgpack, goodbye);
  peer.send(goodbye);
  std::string bytes;
  const auto answer = read_answer(peer, bytes);
  CAF_CHECK_EQUAL(answer.seq, 7u);
  CAF_CHECK(!answer.error);
  leave_response left;
  CAF_CHECK_EQUAL(decode(answer.body, wire_format::msgpack, left), "");
  CAF_CHECK(left.known);
  CAF_CHECK_EQUAL(backend.counts->gone, 1);
  auto web = client();
  web.send(post("Server.Leave", R"({"localRegion": "unknown", "localIp": "ip"})", as_json));
  CAF_CHECK(has(web.read_http(), "{\"known\":false}"));
  web.send(post("Server.Leave", R"({"localRegion": ")" + std::string(300, 'r') + "\"}", as_json));
  CAF_CHECK(has(web.read_http(), "have at most 256 bytes"));
  CAF_CHECK_EQUAL(backend.counts->gone, 2);
}

CAF_TEST(pieces_and_pipelined_requests_are_the_same_to_it) {
  auto peer = client();
  std::string all;
  for (int i = 0; i < 200; ++i) {
    all += targets_request(static_cast<std::uint64_t>(i), std::to_string(i));
  }
  for (std::size_t at = 0; at < all.size(); at += 7) {
    peer.send(std::string_view{all}.substr(at, 7));
  }
  std::vector<bool> answered(200, false);
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    const auto answer = read_answer(peer, bytes);
    CAF_REQUIRE(answer.seq < 200);
    CAF_REQUIRE(!answered[answer.seq]);
    answered[answer.seq] = true;
    CAF_REQUIRE_EQUAL(first_target(answer), std::to_string(answer.seq) + ".example");
  }
}

CAF_TEST(a_current_revision_is_answered_with_unchanged) {
  auto peer = client();
  peer.send(targets_request(5, "north", "r1"));
  std::string bytes;
  const auto list = list_in(read_answer(peer, bytes));
  CAF_CHECK(list.unchanged);
  CAF_CHECK(list.targets.empty());
  CAF_CHECK(bytes.size() < 100);
}

CAF_TEST(errors_are_answers_and_the_connection_stays) {
  auto peer = client();
  std::string unknown;
  begin_request(unknown, 1, "Server.Nope");
  peer.send(unknown + "\x80");
  CAF_CHECK_EQUAL(read_error(peer), "rpc: can't find method Server.Nope");
  std::string wrong;
  begin_request(wrong, 2, methods::get_targets);
  peer.send(wrong + "\x81\xa7localIp\x07");
  CAF_CHECK_EQUAL(read_error(peer), "localIp: a whole number stands where a text belongs");
  peer.send(targets_request(3, "bad"));
  CAF_CHECK(has(read_error(peer), "no list for you"));
  peer.send(targets_request(4, std::string(300, 'x')));
  CAF_CHECK(has(read_error(peer), "at most 256 bytes"));
  peer.send(targets_request(4, std::string(256, 'x')));
  CAF_CHECK_EQUAL(read_error(peer), "no error");
  peer.send(targets_request(5, "north"));
  CAF_CHECK_EQUAL(read_error(peer), "no error");
}

CAF_TEST(a_batch_is_taken_over_messagepack_as_raw_or_bin) {
  auto peer = client();
  const push_batch_request argument{std::make_shared<const std::string>(batch(7))};
  std::string raw;
  begin_request(raw, 1, methods::push_batch);
  std::string bin = raw;
  encode(argument, wire_format::msgpack, raw);
  bin += "\xc5";
  bin += static_cast<char>(argument.bytes->size() >> 8U);
  bin += static_cast<char>(argument.bytes->size() & 0xFFU);
  for (const auto& request : {raw, bin + *argument.bytes}) {
    peer.send(request);
    std::string bytes;
    const auto answer = read_answer(peer, bytes);
    CAF_CHECK(!answer.error);
    push_batch_response taken;
    CAF_CHECK_EQUAL(decode(answer.body, wire_format::msgpack, taken), "");
    CAF_CHECK((taken == push_batch_response{
                            std::string(32, '0'), 7, 1, 1, true, {"row 1: it is cut short"}}));
  }
  CAF_CHECK_EQUAL(backend.counts->rows, 2);
}

CAF_TEST(what_is_no_batch_is_refused_before_the_journal) {
  auto peer = client();
  std::string request;
  begin_request(request, 1, methods::push_batch);
  auto map = request + "\x80";
  peer.send(map);
  CAF_CHECK(has(read_error(peer), "one text or bin"));
  encode(push_batch_request{std::make_shared<const std::string>("nonsense")}, wire_format::msgpack,
         request);
  peer.send(request);
  CAF_CHECK(has(read_error(peer), "cannot be read"));
  auto refused = std::string{};
  begin_request(refused, 3, methods::push_batch);
  encode(push_batch_request{std::make_shared<const std::string>(batch(13))}, wire_format::msgpack,
         refused);
  peer.send(refused);
  CAF_CHECK(has(read_error(peer), "the disk is full"));
  CAF_CHECK_EQUAL(backend.counts->rows, 0);
}

CAF_TEST(a_batch_is_the_body_over_http) {
  auto peer = client();
  const std::string type = "Content-Type: application/x-xprober-batch\r\nConnection: close\r\n";
  peer.send(post("Server.PushBatch", batch(7), type));
  const auto answer = peer.read_to_end();
  CAF_CHECK(begins(answer, "HTTP/1.1 200 "));
  CAF_CHECK(has(answer, R"("sequence":7,"accepted":1,"rejected":1,"duplicate":true)"));
  auto bad = client();
  bad.send(post("Server.PushBatch", "nonsense", type));
  CAF_CHECK(begins(bad.read_to_end(), "HTTP/1.1 400 "));
  auto full = client();
  full.send(post("Server.PushBatch", batch(13), type));
  CAF_CHECK(begins(full.read_to_end(), "HTTP/1.1 503 "));
  auto json = client();
  json.send(post("Server.PushBatch", "{}", as_json + "Connection: close\r\n"));
  CAF_CHECK(begins(json.read_to_end(), "HTTP/1.1 400 "));
  auto other = client();
  other.send(post("Server.PushProberResults", batch(7), type));
  CAF_CHECK(begins(other.read_to_end(), "HTTP/1.1 415 "));
}

CAF_TEST(a_silent_actor_becomes_an_error) {
  options.answer_timeout = 200ms;
  auto peer = client();
  peer.send(targets_request(1, "mute") + targets_request(2, "north"));
  std::string bytes;
  // The second answer does not wait for the first.
  CAF_CHECK_EQUAL(read_answer(peer, bytes).seq, 2u);
  const auto late = read_answer(peer, bytes);
  CAF_CHECK_EQUAL(late.seq, 1u);
  CAF_CHECK(late.error.has_value());
}

CAF_TEST(what_breaks_the_protocol_ends_the_connection) {
  options.frame.max_bytes = 1000;
  for (const auto& bytes :
       {std::string{"\x94\xc1", 2}, std::string{"\x93\x02\xa1x\x90", 5}, go::response_push,
        std::string{"\x94\x00\x01\xdb\xff\xff\xff\xff", 8}, std::string(100, '\x91'),
        std::string{"\x80", 1}, std::string{"\x00\x00", 2}}) {
    auto peer = client();
    peer.send(bytes);
    CAF_CHECK_EQUAL(peer.read_to_end(), "");
    CAF_CHECK(peer.closed());
  }
  CAF_CHECK_EQUAL(counters().malformed, 7u);
}

CAF_TEST(a_message_that_stays_away_ends_the_connection) {
  options.message_window = 200ms;
  options.idle_timeout = 400ms;
  auto slow = client();
  slow.send("\x94\x00");
  const auto begin = std::chrono::steady_clock::now();
  slow.read_to_end();
  CAF_CHECK(slow.closed());
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 5s);
  auto idle = client();
  idle.send(targets_request(0, "north"));
  std::string bytes;
  read_answer(idle, bytes);
  CAF_CHECK_EQUAL(idle.read_to_end(), "");
  CAF_CHECK(idle.closed());
}

CAF_TEST(answers_are_sent_after_the_client_has_ended_its_side) {
  auto peer = client();
  peer.send(targets_request(1, "large") + targets_request(2, "large"));
  peer.shutdown_send();
  std::string bytes;
  CAF_CHECK_EQUAL(list_in(read_answer(peer, bytes)).targets.at(0).targets.size(), 50'000u);
  CAF_CHECK_EQUAL(list_in(read_answer(peer, bytes)).targets.at(0).targets.size(), 50'000u);
  CAF_CHECK_EQUAL(peer.read_to_end(), "");
}

CAF_TEST(a_client_that_reads_nothing_is_no_longer_read) {
  options.max_unsent = 100'000;
  options.max_in_flight = 8;
  client(); // starts the server
  raw_client peer{port->local_endpoint(), 64 * 1024};
  std::string many;
  constexpr int requests = 48;
  for (std::uint64_t i = 0; i < requests; ++i) {
    many += targets_request(i, "large"); // 650 KB each: 31 MB in all
  }
  peer.send(many);
  const auto asked = [&] { return backend.counts->lists.load(); };
  CAF_REQUIRE(test::eventually([&] { return asked() >= 8; }));
  // The first eight, and one for each answer that the server's send buffer (4 MB at most by
  // default) takes whole; never all.
  CAF_CHECK(!test::eventually([&] { return asked() > 24; }, 1s));
  CAF_MESSAGE(asked());
  // When the client reads, the rest follows.
  std::string bytes;
  for (int i = 0; i < requests; ++i) {
    CAF_REQUIRE(!read_answer(peer, bytes).error);
  }
  CAF_CHECK_EQUAL(asked(), requests);
}

CAF_TEST(http_speaks_both_forms) {
  auto peer = client();
  peer.send(
      post("Server.GetProberTargets", R"({"localRegion": "north", "localIp": "ip"})", as_json));
  auto answer = peer.read_http();
  CAF_CHECK(begins(answer, "HTTP/1.1 200 "));
  CAF_CHECK(has(answer, "Content-Type: application/json"));
  CAF_CHECK(has(answer, R"({"targets":[{"proberType":"icmp","region":"other",)"));
  CAF_CHECK(has(answer, R"("revision":"r1")"));
  std::string body;
  encode(push_request{{{}, {}, {}}}, wire_format::msgpack, body);
  peer.send(post("Server.PushProberResults", body,
                 "Content-Type: application/msgpack\r\nAccept: application/json\r\n"));
  answer = peer.read_http();
  CAF_CHECK(has(answer, "{\"success_num\":3}"));
  peer.send(post("Server.PushProberResults", "{\"prober_results\": [{}]}",
                 "Content-Type: application/json; charset=utf-8\r\n"
                 "Accept: text/html, application/msgpack;q=0.9\r\n"));
  answer = peer.read_http();
  CAF_CHECK(has(answer, "Content-Type: application/msgpack"));
  CAF_CHECK(answer.ends_with("\x81\xabsuccess_num\x01"));
}

CAF_TEST(http_errors_have_a_status_and_a_text) {
  options.frame.max_bytes = 2000;
  auto peer = client();
  const auto status = [&](const std::string& request, std::string_view text) {
    peer.send(request);
    const auto answer = peer.read_http();
    CAF_CHECK(has(answer, text));
    CAF_CHECK(has(answer, "{\"error\": "));
    return answer.substr(9, 3);
  };
  CAF_CHECK_EQUAL(status(post("Server.Nope", "{}", as_json), "can't find method Server.Nope"),
                  "404");
  CAF_CHECK_EQUAL(status("GET /rpc/Server.GetProberTargets HTTP/1.1\r\n\r\n", "POST"), "405");
  CAF_CHECK_EQUAL(status("GET / HTTP/1.1\r\n\r\n", "no such path"), "404");
  CAF_CHECK_EQUAL(status(post("Server.PushProberResults", "{}", ""), "Content-Type"), "415");
  CAF_CHECK_EQUAL(
      status(post("Server.PushProberResults", "{}", "Content-Type: text/plain\r\n"), ""), "415");
  CAF_CHECK_EQUAL(
      status(post("Server.PushProberResults", "{}", as_json + "Accept: text/html\r\n"), ""), "406");
  CAF_CHECK_EQUAL(status(post("Server.PushProberResults", "{\"prober_results\": 1}", as_json),
                         "prober_results: a whole number"),
                  "400");
  CAF_CHECK_EQUAL(status(post("Server.PushProberResults", "{", as_json),
                         "no JSON at byte 2: syntax error while parsing"),
                  "400");
  CAF_CHECK_EQUAL(
      status(post("Server.GetProberTargets", R"({"localRegion": "bad"})", as_json), "no list"),
      "503");
  CAF_CHECK_EQUAL(status(post("Server.PushProberResults", std::string(2001, ' '), as_json), "2000"),
                  "413");
}

CAF_TEST(a_token_is_wanted_over_http_and_keeps_msgpack_out) {
  want_token("secret-0123456789");
  for (const std::string headers : {"", "Authorization: Bearer wrong!\r\n"}) {
    auto stranger = client();
    stranger.send(post("Server.PushProberResults", "{}", as_json + headers));
    const auto refused = stranger.read_to_end();
    CAF_CHECK(begins(refused, "HTTP/1.1 401 "));
    CAF_CHECK(has(refused, "WWW-Authenticate: Bearer"));
    CAF_CHECK(stranger.closed());
  }
  auto peer = client();
  const auto call = [&](const std::string& headers) {
    peer.send(post("Server.PushProberResults", "{}", as_json + headers));
    return peer.read_http();
  };
  CAF_CHECK(begins(call("Authorization: Bearer secret-0123456789\r\n"), "HTTP/1.1 200 "));
  auto plain = client();
  plain.send(targets_request(9, "north"));
  std::string bytes;
  const auto answer = read_answer(plain, bytes);
  CAF_CHECK_EQUAL(answer.seq, 9u);
  CAF_CHECK(has(*answer.error, "token"));
  CAF_CHECK_EQUAL(backend.counts->lists, 0);
  CAF_CHECK_EQUAL(counters().unauthorized, 3u);
  // A new token counts from the next request on.
  std::ofstream{token_file} << "another-0123456789";
  port->use(read_server_credentials(options.rpc, {}));
  CAF_CHECK(begins(call("Authorization: Bearer another-0123456789\r\n"), "HTTP/1.1 200 "));
}

CAF_TEST(a_credential_speaks_for_its_agents_alone) {
  std::ofstream{token_file} << "northern-0123456789";
  options.access = {{token_file, "", {"north"}, {"127.0.0.0/8"}}};
  auto peer = client();
  const auto call = [&](const std::string& method, const std::string& body,
                        const std::string& token) {
    peer.send(post(method, body, as_json + "Authorization: Bearer " + token + "\r\n"));
    return peer.read_http();
  };
  const auto asked = [](const std::string& region, const std::string& address) {
    return R"({"localRegion": ")" + region + R"(", "localIp": ")" + address + R"("})";
  };
  CAF_CHECK(
      begins(call("Server.GetProberTargets", asked("north", "127.0.0.1"), "northern-0123456789"),
             "HTTP/1.1 200 "));
  const auto refused =
      call("Server.GetProberTargets", asked("south", "127.0.0.1"), "northern-0123456789");
  CAF_CHECK(begins(refused, "HTTP/1.1 403 "));
  CAF_CHECK(has(refused, "does not speak for the region"));
  CAF_CHECK(
      begins(call("Server.GetProberTargets", asked("north", "192.0.2.1"), "northern-0123456789"),
             "HTTP/1.1 403 "));
  CAF_CHECK(begins(call("Server.Leave", asked("south", "127.0.0.1"), "northern-0123456789"),
                   "HTTP/1.1 403 "));
  const auto values = [](const std::string& region) {
    return R"({"prober_results": [{"workerName": "127.0.0.1", "metricName": "ping_target_success",)"
           R"( "targetAddr": "127.0.0.2", "sourceRegion": ")" +
           region + R"(", "targetRegion": "x", "probeType": "icmp", "timeStamp": 1, "value": 1}]})";
  };
  CAF_CHECK(begins(call("Server.PushProberResults", values("north"), "northern-0123456789"),
                   "HTTP/1.1 200 "));
  CAF_CHECK(begins(call("Server.PushProberResults", values("south"), "northern-0123456789"),
                   "HTTP/1.1 403 "));
  CAF_CHECK_EQUAL(backend.counts->lists, 1);
  CAF_CHECK_EQUAL(backend.counts->values, 1);
  CAF_CHECK_EQUAL(counters().refused, 4u);
  auto plain = client();
  plain.send(targets_request(9, "north"));
  CAF_CHECK(has(read_error(plain), "token"));
  peer.send(post("Server.Leave", asked("north", "127.0.0.1"), as_json));
  CAF_CHECK(begins(peer.read_http(), "HTTP/1.1 401 "));
}

CAF_TEST(who_tells_of_certificates_is_known_by_a_credential_that_is_bound_or_by_where_he_is) {
  const auto told = [](const std::string& headers) {
    std::string body;
    encode(chains_request{"north", "127.0.0.9", "p", 0, {}, {}, {}}, wire_format::json, body);
    return post("Server.Chains", body, as_json + headers);
  };
  const auto tell = [&](raw_client peer, const std::string& headers) {
    peer.send(told(headers));
    CAF_CHECK(begins(peer.read_http(), "HTTP/1.1 200 "));
    return backend.counts->holder.load();
  };
  CAF_CHECK_EQUAL(tell(client(), ""), hash_bytes("address 127.0.0.1"));
  backend.io.on_thread([this] { port.reset(); });
  std::ofstream{token_file} << "a-token-0123456789\n";
  options.access = {{token_file, "", {"north"}, {"127.0.0.0/8"}}};
  const auto bound = tell(client(), "Authorization: Bearer a-token-0123456789\r\n");
  CAF_CHECK(bound != hash_bytes("address 127.0.0.1") && bound != hash_bytes(""));
  backend.io.on_thread([this] { port.reset(); });
  options.access = {{token_file, "", {}, {}}};
  CAF_CHECK_EQUAL(tell(client(), "Authorization: Bearer a-token-0123456789\r\n"),
                  hash_bytes("address 127.0.0.1"));
}

CAF_TEST(without_the_token_no_body_is_read) {
  want_token("secret-0123456789");
  auto web = client();
  web.send("POST /rpc/Server.PushBatch HTTP/1.1\r\nContent-Length: 60000000\r\n\r\n");
  CAF_CHECK(begins(web.read_to_end(), "HTTP/1.1 401 "));
  CAF_CHECK(web.closed());
  auto chunked = client();
  chunked.send("POST /rpc/Server.PushBatch HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;a=");
  CAF_CHECK(begins(chunked.read_to_end(), "HTTP/1.1 401 "));
  auto plain = client();
  std::string large;
  begin_request(large, 1, methods::push_batch);
  large += std::string{"\xdb\x03\x00\x00\x00", 5} + std::string(200'000, 'x');
  plain.send(large);
  CAF_CHECK_EQUAL(plain.read_to_end(), "");
  CAF_CHECK(plain.closed());
  CAF_CHECK_EQUAL(counters().unauthorized, 3u);
  CAF_CHECK_EQUAL(backend.counts->rows, 0);
}

CAF_TEST(pages_of_others_call_nothing) {
  auto peer = client();
  peer.send(
      post("Server.PushProberResults", "{}", as_json + "Origin: http://attacker.example\r\n"));
  CAF_CHECK(begins(peer.read_to_end(), "HTTP/1.1 403 "));
  CAF_CHECK(peer.closed());
  CAF_CHECK_EQUAL(counters().refused, 1u);
}

CAF_TEST(messages_have_one_budget_in_both_protocols) {
  options.account.budget = std::make_shared<net::byte_budget>(net::byte_limits{100'000, 100'000});
  auto holder = client();
  const std::string head{"\xdb\x00\x10\x00\x00", 5};
  std::string message;
  begin_request(message, 1, methods::push_batch);
  message += head + std::string(80'000, 'x'); // of a megabyte
  holder.send(message);
  const auto refused = [&] { return options.account.counters->refused_messages; };
  const auto held = [&] {
    return backend.io.on_thread([&] { return options.account.counters->held_bytes; });
  };
  CAF_REQUIRE(test::eventually([&] { return held() >= 80'000; }));
  auto web = client();
  web.send(post("Server.PushProberResults", std::string(60'000, ' '), as_json));
  const auto busy = web.read_to_end();
  CAF_CHECK(begins(busy, "HTTP/1.1 503 "));
  CAF_CHECK(has(busy, "Retry-After: "));
  auto other = client();
  other.send(message);
  CAF_CHECK_EQUAL(other.read_to_end(), "");
  CAF_CHECK_EQUAL(backend.io.on_thread(refused), 2u);
  // What is small is served, and all is once there is room.
  auto small = client();
  small.send(targets_request(3, "north"));
  CAF_CHECK_EQUAL(read_error(small), "no error");
  holder.shutdown_send();
  CAF_REQUIRE(test::eventually([&] { return held() == 0; }));
  auto again = client();
  again.send(post("Server.PushProberResults", std::string(60'000, ' '), as_json));
  CAF_CHECK(begins(again.read_http(), "HTTP/1.1 400 "));
}

CAF_TEST(a_port_without_a_place_drops_who_has_brought_nothing) {
  options.max_sessions = 2;
  auto agent = client();
  agent.send(targets_request(1, "north"));
  CAF_CHECK_EQUAL(read_error(agent), "no error");
  auto silent = client();
  const auto counts = [&] {
    return backend.io.on_thread([&] { return *options.account.counters; });
  };
  CAF_REQUIRE(test::eventually([&] { return counts().connections == 2; }));
  auto late = client();
  late.send(targets_request(2, "north"));
  CAF_CHECK_EQUAL(read_error(late), "no error");
  CAF_CHECK_EQUAL(silent.read_to_end(), "");
  CAF_CHECK(silent.closed());
  agent.send(targets_request(3, "north"));
  CAF_CHECK_EQUAL(read_error(agent), "no error");
  const auto now = counts();
  CAF_CHECK_EQUAL(now.dropped_idle, 1u);
  CAF_CHECK_EQUAL(now.places, 2u);
}

CAF_TEST(tls_and_plain_connections_are_not_mixed) {
  auto peer = client();
  peer.send(std::string_view{"\x16\x03\x01\x00\x05hello", 10});
  // No TLS, in any case: its client says so.
  CAF_CHECK(begins(peer.read_to_end(), "HTTP/1.1 400 "));
  CAF_CHECK(peer.closed());
  backend.io.on_thread([this] { port.reset(); });
  test::test_certs certs;
  options.rpc.cert_file = certs.path("server.pem");
  options.rpc.key_file = certs.path("server.key");
  auto plain = client();
  plain.send(targets_request(7, "north"));
  std::string bytes;
  const auto refused = read_answer(plain, bytes);
  CAF_CHECK_EQUAL(refused.seq, 7U);
  CAF_CHECK(refused.error.value_or("").find("speaks TLS") != std::string::npos);
  CAF_CHECK_EQUAL(plain.read_to_end(), "");
  CAF_CHECK(plain.closed());
  // Only the beginning of a long message is read.
  auto long_one = client();
  auto long_request = targets_request(8, std::string(100'000, 'n'));
  long_request.resize(20'000);
  long_one.send(long_request);
  CAF_CHECK(read_answer(long_one, bytes).error.value_or("").find("speaks TLS") !=
            std::string::npos);
  CAF_CHECK_EQUAL(long_one.read_to_end(), "");
  CAF_CHECK(long_one.closed());
  auto web = client();
  web.send("POST /rpc/Server.GetProberTargets HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto page = web.read_to_end();
  CAF_CHECK(begins(page, "HTTP/1.1 400 "));
  CAF_CHECK(page.find("speaks TLS") != std::string::npos);
  auto noise = client();
  noise.send(std::string_view{"\0\0\0\0", 4});
  CAF_CHECK_EQUAL(noise.read_to_end(), "");
  auto garbage = client();
  garbage.send(std::string_view{"\x16\x03\x01\x00\x05hello", 10});
  garbage.read_to_end(); // an alert
  CAF_CHECK(garbage.closed());
}

CAF_TEST(stopping_lets_answers_out_and_closes_the_rest) {
  auto idle = client();
  idle.send(targets_request(0, "north"));
  std::string bytes;
  read_answer(idle, bytes);
  auto silent = client(); // has not said anything yet
  auto busy = client();
  busy.send(targets_request(1, "mute"));
  CAF_REQUIRE(test::eventually([&] { return backend.counts->lists == 2; }));
  std::promise<void> stopped;
  const auto begin = std::chrono::steady_clock::now();
  port->stop(2s, [&] { stopped.set_value(); });
  CAF_CHECK_EQUAL(idle.read_to_end(), "");
  CAF_CHECK_EQUAL(silent.read_to_end(), "");
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 1500ms); // not with the one that is busy
  stopped.get_future().get();
  busy.read_to_end();
  CAF_CHECK(busy.closed());
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 6s);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace server_suite
