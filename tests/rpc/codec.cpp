#define CAF_SUITE codec

#include "xprober/rpc/codec.hpp"

#include <random>

#include "rpc/go_messages.hpp"
#include "xprober/rpc/envelope.hpp"

#include "caf/test/unit_test.hpp"

namespace codec_suite {

using namespace xprober;
using namespace xprober::rpc;
using test::go::from_hex;
namespace go = xprober::test::go;

namespace {

constexpr auto msgpack = wire_format::msgpack;
constexpr auto json = wire_format::json;

const std::string long_url =
    "http://host-with-a-long-name.example.internal:8080/path/of/forty/and/more/characters";

push_request pushed_by_go() {
  return {{{"127.0.0.9", "ping_latency_millonseconds", "192.0.2.1", "r1", "r2", "icmp", 1700000000,
            0.25F},
           {"127.0.0.9", "http_interface_success", long_url, "r1", "", "http", -5, -1.0F}}};
}

get_targets_response targets_of_go() {
  get_targets_response message;
  message.targets = {{"icmp", "cn-south", {"10.1.2.3", "host.example"}},
                     {"http", "cn", {long_url}},
                     {"tcp", "x", {}}};
  return message;
}

/// An agent that says all that there is to say.
get_targets_request said_of_itself() {
  get_targets_request message{"r1", "::1", ""};
  message.about = {"1.2.3",
                   "10.0.0.1:8087",
                   5000,
                   15'000,
                   {{"overload", "ticks come late", 1'700'000'000}, {"no_ipv6", "", 0}},
                   true,
                   agent_backlog{12, 34'567, 1'700'000'100, 42}};
  return message;
}

std::string_view body_of(const std::string& message) {
  rpc_message parts;
  const auto problem = read_envelope(message, parts);
  if (!problem.empty()) {
    CAF_FAIL(problem);
  }
  return parts.body;
}

template <class Message>
std::string encoded(const Message& message, wire_format format) {
  std::string out;
  encode(message, format, out);
  return out;
}

template <class Message>
void check_round_trip(const Message& message) {
  for (auto format : {msgpack, json}) {
    Message back;
    CAF_CHECK_EQUAL(decode(encoded(message, format), format, back), "");
    CAF_CHECK(back == message);
  }
}

template <class Message>
std::string error_of(std::string_view bytes, wire_format format = json,
                     const decode_limits& limits = {}) {
  Message message;
  return decode(bytes, format, message, limits);
}

} // namespace

CAF_TEST(messages_of_go_are_read) {
  for (const auto* bytes : {&go::request_push, &go::request_push_str8}) {
    push_request message;
    CAF_CHECK_EQUAL(decode(body_of(*bytes), msgpack, message), "");
    CAF_CHECK(message == pushed_by_go());
  }
  get_targets_request request;
  CAF_CHECK_EQUAL(decode(body_of(go::request_targets), msgpack, request), "");
  CAF_CHECK(request == (get_targets_request{"r1", "127.0.0.9", ""}));
  for (const auto* bytes : {&go::response_targets, &go::response_targets_str8}) {
    get_targets_response message;
    CAF_CHECK_EQUAL(decode(body_of(*bytes), msgpack, message), "");
    CAF_CHECK(message == targets_of_go());
  }
  get_targets_response nothing;
  CAF_CHECK_EQUAL(decode(body_of(go::response_targets_nil), msgpack, nothing), "");
  CAF_CHECK(nothing == get_targets_response{});
  push_response count;
  CAF_CHECK_EQUAL(decode(body_of(go::response_push), msgpack, count), "");
  CAF_CHECK_EQUAL(count.success_num, 200000);
  CAF_CHECK_EQUAL(decode(body_of(go::response_push_zero), msgpack, count), "");
  push_request empty;
  CAF_CHECK_EQUAL(decode(body_of(go::request_push_empty), msgpack, empty), "");
  CAF_CHECK(empty.values.empty());
}

CAF_TEST(questions and their answers come as they were) {
  const questions_request asking{"r1", "127.0.0.9", "p", {{"1", "", "{}"}, {"2", "no", ""}}};
  const questions_response answer{{{"1", "probe", "a0", "http", "eu", "http://a/", "m", 30'000}}};
  get_targets_response list{{}, "r", true};
  list.questions = true;
  get_targets_request sync{"r1", "127.0.0.9", ""};
  sync.about.answers_questions = true;
  for (const auto format : {msgpack, wire_format::json}) {
    const auto back = [format](const auto& message) {
      std::string bytes;
      encode(message, format, bytes);
      std::decay_t<decltype(message)> out;
      CAF_CHECK_EQUAL(decode(bytes, format, out), "");
      return out;
    };
    CAF_CHECK(back(asking) == asking);
    CAF_CHECK(back(answer) == answer);
    CAF_CHECK(back(list) == list);
    CAF_CHECK(back(sync) == sync);
  }
}

CAF_TEST(certificates are told as they were) {
  const std::string one(64, 'a');
  const std::string other(64, 'b');
  const chains_request asking{
      "r1",
      "127.0.0.9",
      "p",
      7,
      {{{one, other}}, {{other}}},
      {{"tls", "eu", "shop:443", 1, "tls_expired"}, {"tls", "eu", "x", -1, ""}},
      {"MIIB"}};
  const chains_response answer{8, true, {one}};
  for (const auto format : {msgpack, wire_format::json}) {
    std::string bytes;
    encode(asking, format, bytes);
    chains_request asked;
    CAF_CHECK_EQUAL(decode(bytes, format, asked), "");
    CAF_CHECK(asked == asking);
    bytes.clear();
    encode(answer, format, bytes);
    chains_response answered;
    CAF_CHECK_EQUAL(decode(bytes, format, answered), "");
    CAF_CHECK(answered == answer);
  }
}

CAF_TEST(messages_are_written_as_go_writes_them) {
  std::string request;
  begin_request(request, 0, methods::get_targets);
  encode(get_targets_request{"r1", "127.0.0.9", ""}, msgpack, request);
  CAF_CHECK(request == go::request_targets);
  std::string error;
  write_error_response(error, 4, "localRegion is empty");
  CAF_CHECK(error == go::response_error);
  // Go writes positive numbers as signed ones and nil for an empty list; the rest is the same.
  std::string push;
  begin_request(push, 300, methods::push_results);
  auto message = pushed_by_go();
  encode(message, msgpack, push);
  auto expected = go::request_push;
  expected.replace(expected.find("\xd2\x65\x53"), 1, "\xce");
  expected.replace(expected.find("\x93\x88"), 1, "\x92");
  expected.pop_back(); // the nil result
  CAF_CHECK(push == expected);
}

CAF_TEST(both_forms_bring_back_what_was_written) {
  check_round_trip(pushed_by_go());
  check_round_trip(push_request{});
  check_round_trip(targets_of_go());
  get_targets_response known{{}, "r-17", true};
  check_round_trip(known);
  check_round_trip(get_targets_request{"region \"1\"\n", "::1", "r-16"});
  check_round_trip(get_targets_request{"r1", "::1", "0123456789abcdef", true});
  check_round_trip(get_targets_request{"r1", "::1", "", false, "00ff"});
  check_round_trip(said_of_itself());
  check_round_trip(leave_request{"r1", "::1", "00ff"});
  check_round_trip(leave_response{true});
  check_round_trip(leave_response{});
  get_targets_response difference;
  difference.revision = "2";
  difference.base_revision = "1";
  difference.added = {{"icmp", "eu", {"10.0.0.1", "10.0.0.2"}}, {"http", "us", {"http://a/"}}};
  check_round_trip(difference);
  difference.removed = {{"icmp", "eu", {"10.0.0.3"}}};
  difference.batch_version = 1;
  check_round_trip(difference);
  check_round_trip(push_response{0});
  check_round_trip(push_response{-2147483647 - 1});
}

CAF_TEST(lists_and_texts_of_every_length_come_back) {
  for (std::size_t size : {15U, 16U, 31U, 32U, 255U, 256U, 300U}) {
    get_targets_response message;
    message.targets.resize(size, {"icmp", std::string(size, 'r'), {"a"}});
    check_round_trip(message);
  }
  // Above 65,535 items and bytes the lengths have 32 bits.
  get_targets_response large;
  large.targets.push_back({"icmp", std::string(70'000, 'r'), {}});
  large.targets[0].targets.resize(70'000, "a");
  check_round_trip(large);
  for (int power = 0; power < 63; ++power) {
    push_request stamps;
    stamps.values.resize(3);
    stamps.values[0].unix_seconds = std::int64_t{1} << power;
    stamps.values[1].unix_seconds = -(std::int64_t{1} << power);
    stamps.values[2].unix_seconds = (std::int64_t{1} << power) - 1;
    stamps.values[2].value = 1.0F / static_cast<float>(power + 1);
    check_round_trip(stamps);
  }
}

CAF_TEST(our_fields_are_left_out_where_they_say_nothing) {
  CAF_CHECK_EQUAL(encoded(get_targets_request{"a", "b", ""}, json),
                  "{\"localRegion\":\"a\",\"localIp\":\"b\"}");
  CAF_CHECK_EQUAL(encoded(get_targets_response{}, json), "{\"targets\":[]}");
  CAF_CHECK_EQUAL(encoded(get_targets_response{{}, "r", true, 0, 1}, json),
                  R"({"targets":[],"revision":"r","unchanged":true,"batch_version":1})");
  check_round_trip(get_targets_response{{}, "r", true, 0, 1});
  check_round_trip(
      push_batch_response{"0a", 1LL << 40U, 9, 1, true, {"row 1: bad", "row 2"}, -600'000});
  check_round_trip(push_batch_response{});
  get_targets_response known{{}, "7", true};
  known.wire_bytes = 99;
  CAF_CHECK_EQUAL(encoded(known, json), "{\"targets\":[],\"revision\":\"7\",\"unchanged\":true}");
}

CAF_TEST(what_an_agent_says_of_itself_has_fixed_names) {
  CAF_CHECK_EQUAL(
      encoded(said_of_itself(), json),
      R"({"localRegion":"r1","localIp":"::1","version":"1.2.3","httpAddr":"10.0.0.1:8087",)"
      R"("syncIntervalMs":5000,"probeIntervalMs":15000,"ownFaults":[)"
      R"({"reason":"overload","detail":"ticks come late","sinceUnix":1700000000},)"
      R"({"reason":"no_ipv6","detail":"","sinceUnix":0}],"answersQuestions":true,)"
      R"("spoolBatches":12,"spoolBytes":34567,"spoolOldestUnix":1700000100,"lagMs":42})");
  CAF_CHECK_EQUAL(encoded(leave_request{"a", "b", "c"}, json),
                  R"({"localRegion":"a","localIp":"b","process":"c"})");
  CAF_CHECK_EQUAL(encoded(leave_response{true}, json), R"({"known":true})");
  CAF_CHECK_EQUAL(error_of<get_targets_request>(R"({"syncIntervalMs": -1})"),
                  "syncIntervalMs: does not fit");
  CAF_CHECK_EQUAL(error_of<get_targets_request>(R"({"ownFaults": [{"reason": 1}]})"),
                  "ownFaults.reason: a whole number stands where a text belongs");
}

CAF_TEST(numbers_come_in_any_width_and_kind) {
  const auto stamp = [](const std::string& number_hex) {
    push_request message;
    // {"prober_results": [{"timeStamp": ..., "value": ...}]}
    const auto bytes = from_hex("81ae70726f6265725f726573756c74739182a974696d655374616d70" +
                                number_hex + "a576616c7565" + number_hex);
    CAF_CHECK_EQUAL(decode(bytes, msgpack, message), "");
    return std::pair{message.values.at(0).unix_seconds, message.values.at(0).value};
  };
  for (const auto* hex : {"05", "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005",
                          "d10005", "d200000005", "d30000000000000005"}) {
    CAF_MESSAGE(hex);
    CAF_CHECK(stamp(hex) == (std::pair{std::int64_t{5}, 5.0F}));
  }
  for (const auto* hex : {"fb", "d0fb", "d1fffb", "d2fffffffb", "d3fffffffffffffffb"}) {
    CAF_MESSAGE(hex);
    CAF_CHECK(stamp(hex) == (std::pair{std::int64_t{-5}, -5.0F}));
  }
  push_request message;
  CAF_CHECK_EQUAL(
      decode(from_hex("81ae70726f6265725f726573756c74739181a576616c7565cb3fd0000000000000"),
             msgpack, message),
      "");
  CAF_CHECK_EQUAL(message.values.at(0).value, 0.25F);
  CAF_CHECK_EQUAL(
      error_of<push_request>(
          from_hex("81ae70726f6265725f726573756c74739181a974696d655374616d70cfffffffffffffffff"),
          msgpack),
      "prober_results.timeStamp: does not fit");
  CAF_CHECK_EQUAL(error_of<push_response>("{\"success_num\": 2147483648}"),
                  "success_num: does not fit");
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": [{"value": 1e39}]})"),
                  "prober_results.value: does not fit");
}

CAF_TEST(unknown_fields_are_skipped_however_deep) {
  const std::string text = R"({"new": {"a": [1, {"localIp": "wrong"}, null]}, "localIp": "ip",
    "also": [[[]]], "targets": 7, "localRegion": "r", "n": null, "f": 1.5, "t": true})";
  get_targets_request message;
  CAF_CHECK_EQUAL(decode(text, json, message), "");
  CAF_CHECK(message == (get_targets_request{"r", "ip", ""}));
  // {"x": ext, "localIp": bin "ip", 7: [1], "localRegion": nil}
  get_targets_request odd;
  CAF_CHECK_EQUAL(decode(from_hex("84a178d40000a76c6f63616c4970c40269700791"
                                  "01ab6c6f63616c526567696f6ec0"),
                         msgpack, odd),
                  "");
  CAF_CHECK(odd == (get_targets_request{"", "ip", ""}));
}

CAF_TEST(nil_stands_for_every_empty_thing) {
  get_targets_response message;
  CAF_CHECK_EQUAL(
      decode(R"({"targets": [null, {"proberType": null, "target": [null, "a"]}]})", json, message),
      "");
  CAF_REQUIRE_EQUAL(message.targets.size(), 1u);
  CAF_CHECK(message.targets[0] == (target_group{"", "", {"a"}}));
  push_response nothing;
  CAF_CHECK_EQUAL(decode("null", json, nothing), "");
  CAF_CHECK_EQUAL(decode("\xc0", msgpack, nothing), "");
}

CAF_TEST(wrong_kinds_are_named_with_their_field) {
  CAF_CHECK_EQUAL(error_of<get_targets_request>(R"({"localIp": 7})"),
                  "localIp: a whole number stands where a text belongs");
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": [{"value": "1"}]})"),
                  "prober_results.value: a text stands where a number belongs");
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": {"value": 1}})"),
                  "prober_results: a map stands where a list of maps belongs");
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": [1]})"),
                  "prober_results: a whole number stands where a map belongs");
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": [[]]})"),
                  "prober_results: a list stands where a map belongs");
  CAF_CHECK_EQUAL(error_of<get_targets_response>(R"({"targets": [{"target": [{}]}]})"),
                  "targets.target: a map stands where a text belongs");
  CAF_CHECK_EQUAL(error_of<get_targets_response>(R"({"unchanged": 1})"),
                  "unchanged: a whole number stands where true or false belongs");
  CAF_CHECK_EQUAL(error_of<push_response>("[]"), "a list stands where a map belongs");
  CAF_CHECK_EQUAL(error_of<push_response>("7"), "a whole number stands where a map belongs");
  CAF_CHECK_EQUAL(error_of<push_response>(R"({"success_num": 1.5})"),
                  "success_num: a number with a fraction stands where a whole number belongs");
}

CAF_TEST(cut_and_malformed_messages_are_refused) {
  for (const auto* message : {&go::request_push, &go::response_targets}) {
    const auto body = body_of(*message);
    for (std::size_t size = 0; size < body.size(); ++size) {
      CAF_REQUIRE(!error_of<push_request>(body.substr(0, size), msgpack).empty());
      CAF_REQUIRE(!error_of<get_targets_response>(body.substr(0, size), msgpack).empty());
    }
  }
  CAF_CHECK(!error_of<push_request>("{\"prober_results\": [").empty());
  CAF_CHECK(!error_of<push_request>("{} x").empty());
  CAF_CHECK(!error_of<push_request>("").empty());
  CAF_CHECK(!error_of<push_request>("\x80\x80", msgpack).empty());
  CAF_CHECK(!error_of<push_request>(from_hex("819000"), msgpack).empty()); // a list as a key
  CAF_CHECK(!error_of<push_request>("{\"x\": \"\xff\"}").empty());         // no UTF-8 in JSON
  CAF_CHECK(!error_of<push_request>("{\"x\": 1e999}").empty());
}

CAF_TEST(texts_that_are_no_utf8_pass_through_msgpack_and_become_valid_json) {
  get_targets_request message{"r\xff\xfe", "ip", ""};
  get_targets_request back;
  CAF_CHECK_EQUAL(decode(encoded(message, msgpack), msgpack, back), "");
  CAF_CHECK(back == message);
  CAF_CHECK_EQUAL(decode(encoded(message, json), json, back), "");
  CAF_CHECK_EQUAL(back.local_region, "r\xef\xbf\xbd\xef\xbf\xbd");
}

CAF_TEST(depth_and_number_of_items_are_bounded) {
  const std::string deep = "{\"x\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  CAF_CHECK_EQUAL(error_of<push_request>(deep), "the message is nested too deeply");
  CAF_CHECK_EQUAL(
      error_of<push_request>("\x81\xa1x" + std::string(100'000, '\x91') + "\xc0", msgpack),
      "the message is nested too deeply");
  decode_limits limits;
  limits.max_structs = 3;
  limits.max_texts = 3;
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": [{},{},{}]})", json, limits), "");
  CAF_CHECK_EQUAL(error_of<push_request>(R"({"prober_results": [{},{},{},{}]})", json, limits),
                  "prober_results: above the limit of 3 items");
  CAF_CHECK_EQUAL(
      error_of<get_targets_response>(
          R"({"targets": [{"target": ["a","b"]},{"target": ["c","d"]}]})", json, limits),
      "targets.target: above the limit of 3 items");
}

CAF_TEST(random_changes_never_crash_the_readers) {
  std::mt19937 random{7};
  std::size_t accepted = 0;
  const auto text = encoded(targets_of_go(), json);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes{round % 2 == 0 ? body_of(go::response_targets) : std::string_view{text}};
    for (int changes = 0; changes < 3; ++changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    get_targets_response targets;
    push_request push;
    const auto format = round % 2 == 0 ? msgpack : json;
    accepted += decode(bytes, format, targets).empty() ? 1 : 0;
    decode(bytes, format, push);
  }
  CAF_CHECK(accepted > 100);
  CAF_CHECK(accepted < 20'000);
}

} // namespace codec_suite
