#define CAF_SUITE world

#include "simnet/world.hpp"

#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "caf/test/unit_test.hpp"
#include "packets.hpp"

namespace world_suite {

using namespace simnet;
using namespace simnet::test;
using namespace std::chrono_literals;

namespace {

struct written_packet {
  time_point at;
  bytes packet;

  int type() const { return packet[header_of(packet)]; }
  /// Milliseconds since `zero`.
  double ms() const {
    return std::chrono::duration<double, std::milli>(at.time_since_epoch()).count();
  }
};

/// A world with a clock of its own, and echoes that are sent to it.
struct played {
  world net;
  time_point now{};
  std::vector<written_packet> written;

  explicit played(const std::string& members)
      : net(parse_config(R"({"deck": 20, "rules": [{"block": "10.0.0.0/8")" + members + "}]}")) {}

  void ask(const std::string& from, const std::string& to) {
    net.receive(make_request(from, to, 56), now);
  }

  /// Moves on to `until`; everything is written at its time.
  void run(nanoseconds until) {
    while (net.next_due() && *net.next_due() <= time_point{until}) {
      now = *net.next_due();
      written.push_back({now, net.front()});
      net.front_written(now, true);
    }
    now = time_point{until};
  }

  /// `count` echoes to one address, one every 10 ms, and a second of waiting.
  void probe(int count, const std::string& to = "10.0.0.1") {
    for (int i = 0; i < count; ++i) {
      run(i * 10ms);
      ask("10.255.255.1", to);
    }
    run(count * 10ms + 10s);
  }

  /// The log's line of the only address.
  nlohmann::json line() const {
    std::stringstream out;
    net.write_log(out);
    return nlohmann::json::parse(out.str());
  }

  std::uint64_t count(const char* key) const { return line().at(key).get<std::uint64_t>(); }
};

/// Every request has one end.
bool adds_up(const nlohmann::json& line) {
  std::uint64_t sum = 0;
  for (const char* key : {"answered", "dropped", "errors", "wrong_source", "wrong_id", "corrupted",
                          "late", "pending", "unwritten"}) {
    sum += line.at(key).get<std::uint64_t>();
  }
  return sum == line.at("requests").get<std::uint64_t>();
}

} // namespace

CAF_TEST(a_reply_comes_after_its_delay) {
  played p{R"(, "delay_us": 2500, "reply_ttl": 57)"};
  p.probe(1);
  CAF_REQUIRE_EQUAL(p.written.size(), 1u);
  CAF_CHECK_EQUAL(p.written[0].ms(), 2.5);
  CAF_CHECK_EQUAL(p.written[0].type(), 0);
  CAF_CHECK_EQUAL(p.written[0].packet[8], 57);
  const auto line = p.line();
  CAF_CHECK_EQUAL(line["answered"], 1);
  CAF_CHECK_EQUAL(line["turnaround_ns"]["max"], 2'500'000);
}

CAF_TEST(what_is_written_late_has_a_longer_turnaround) {
  played p{R"(, "delay_us": 2500)"};
  p.ask("10.255.255.1", "10.0.0.1");
  p.net.front_written(p.now + 4ms, true);
  const auto line = p.line();
  CAF_CHECK_EQUAL(line["turnaround_ns"]["max"], 4'000'000);
}

CAF_TEST(an_address_without_a_rule_is_silent) {
  played p{""};
  p.probe(3, "11.0.0.1");
  CAF_CHECK(p.written.empty());
  const auto line = p.line();
  CAF_CHECK_EQUAL(line["requests"], 3);
  CAF_CHECK_EQUAL(line["dropped"], 3);
  CAF_CHECK(line["rule"].is_null());
}

CAF_TEST(packets_that_are_no_requests_are_only_counted) {
  played p{""};
  const bytes noise{0x60, 0, 0, 0};
  p.net.receive(noise, p.now);
  CAF_CHECK_EQUAL(p.net.ignored(), 1u);
  CAF_CHECK_EQUAL(p.net.requests(), 0u);
  CAF_CHECK(!p.net.next_due());
}

CAF_TEST(losses_are_as_many_as_they_should_be) {
  played p{R"(, "loss": 0.25)"};
  p.probe(40);
  CAF_CHECK_EQUAL(p.written.size(), 30u);
  CAF_CHECK_EQUAL(p.count("dropped"), 10u);
  CAF_CHECK(adds_up(p.line()));
}

CAF_TEST(jitter_is_within_its_bounds) {
  played p{R"(, "delay_us": 1000, "jitter_us": 4000)"};
  p.probe(200);
  double least = 10;
  double most = 0;
  for (std::size_t i = 0; i < p.written.size(); ++i) {
    const double delay = p.written[i].ms() - static_cast<double>(i) * 10;
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  CAF_CHECK(least >= 1 && least < 1.2);
  CAF_CHECK(most <= 5 && most > 4.8);
}

CAF_TEST(copies_follow_their_replies) {
  played p{R"(, "delay_us": 1000, "duplicate": {"probability": 0.5, "gap_us": 2000})"};
  p.probe(20);
  CAF_CHECK_EQUAL(p.written.size(), 30u);
  CAF_CHECK_EQUAL(p.count("answered"), 20u);
  CAF_CHECK_EQUAL(p.count("duplicates"), 10u);
  CAF_CHECK(adds_up(p.line()));
  std::map<bytes, std::vector<double>> times;
  for (const auto& w : p.written) {
    times[w.packet].push_back(w.ms());
  }
  // All requests are alike here, so are their replies; copies are 2 ms behind them.
  std::vector<double>& all = times.begin()->second;
  int behind = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    behind += all[i] - all[i - 1] == 2 ? 1 : 0;
  }
  CAF_CHECK_EQUAL(behind, 10);
}

CAF_TEST(replies_that_are_held_back_are_overtaken) {
  played p{R"(, "delay_us": 1000, "reorder": {"probability": 0.1, "extra_us": 15000})"};
  p.probe(40);
  const auto line = p.line();
  CAF_CHECK_EQUAL(line["answered"], 40);
  CAF_CHECK_EQUAL(line["held_back"], 4);
  CAF_CHECK(line["reordered"] >= 2);
  CAF_CHECK(line["reordered"] <= 4);
  CAF_CHECK_EQUAL(line["turnaround_ns"]["max"], 16'000'000);
}

CAF_TEST(replies_in_order_are_not_reordered) {
  played p{R"(, "delay_us": 30000)"};
  p.probe(40);
  CAF_CHECK_EQUAL(p.count("reordered"), 0u);
}

CAF_TEST(spoilt_replies_are_no_answers) {
  const std::map<std::string, std::string> kinds{
      {"wrong_source", R"({"address": "10.9.9.9"})"},
      {"wrong_id", "{}"},
      {"corrupt", R"({"offset": 3})"},
      {"late", R"({"after_ms": 700})"},
      {"error", R"({"type": 3, "code": 1, "from": "10.0.0.254"})"}};
  for (const auto& [key, value] : kinds) {
    played p{", \"delay_us\": 1000, \"" + key + "\": " + value};
    p.probe(1);
    CAF_REQUIRE_EQUAL(p.written.size(), 1u);
    const auto& w = p.written[0];
    CAF_CHECK_EQUAL(icmp_sum(w.packet), 0xFFFF);
    CAF_CHECK_EQUAL(w.ms(), key == "late" ? 700 : 1);
    CAF_CHECK_EQUAL(w.type(), key == "error" ? 3 : 0);
    CAF_CHECK_EQUAL(to_string(source_of(w.packet)), key == "wrong_source" ? "10.9.9.9"
                                                    : key == "error"      ? "10.0.0.254"
                                                                          : "10.0.0.1");
    CAF_CHECK_EQUAL(w.packet[24] == 0xBE, key != "wrong_id" && key != "error");
    CAF_CHECK_EQUAL(w.packet[28 + 3] == 3, key != "corrupt" && key != "error");
    const auto line = p.line();
    const std::string counter = key == "corrupt" ? "corrupted" : key == "error" ? "errors" : key;
    CAF_CHECK_EQUAL(line[counter], 1);
    CAF_CHECK_EQUAL(line["answered"], 0);
    CAF_CHECK(line["turnaround_ns"].is_null());
    CAF_CHECK(adds_up(line));
  }
}

CAF_TEST(any_byte_of_the_payload_may_be_corrupted) {
  played p{R"(, "corrupt": {})"};
  p.probe(2000);
  std::map<std::size_t, int> damaged;
  for (const auto& w : p.written) {
    for (std::size_t i = 0; i < 56; ++i) {
      damaged[i] += w.packet[28 + i] != i ? 1 : 0;
    }
  }
  CAF_REQUIRE_EQUAL(damaged.size(), 56u);
  for (const auto& [at, count] : damaged) {
    CAF_CHECK(count > 5); // 36 on the average
  }
}

CAF_TEST(events_mix_and_every_request_has_one_end) {
  played p{R"(, "loss": 0.2, "error": {"probability": 0.2, "type": 3, "from": "10.0.0.254"},
    "wrong_source": {"probability": 0.2, "address": "10.9.9.9"}, "wrong_id": {"probability": 0.2},
    "corrupt": {"probability": 0.2}, "late": {"probability": 0.2, "after_ms": 700},
    "duplicate": {"probability": 0.2}, "reorder": {"probability": 0.2, "extra_us": 15000})"};
  p.probe(400);
  const auto line = p.line();
  CAF_CHECK(adds_up(line));
  CAF_CHECK_EQUAL(line["dropped"], 80);
  for (const char* key : {"errors", "wrong_source", "wrong_id", "corrupted", "late", "answered",
                          "duplicates", "held_back", "reordered"}) {
    CAF_CHECK(line[key] > 0);
  }
}

CAF_TEST(what_was_not_written_is_told) {
  played p{R"(, "delay_us": 1000)"};
  p.ask("10.255.255.1", "10.0.0.1");
  CAF_CHECK_EQUAL(p.count("pending"), 1u);
  CAF_CHECK(adds_up(p.line()));
  p.net.front_written(p.now, false);
  CAF_CHECK_EQUAL(p.count("unwritten"), 1u);
  CAF_CHECK_EQUAL(p.count("answered"), 0u);
  CAF_CHECK(adds_up(p.line()));
  CAF_CHECK_EQUAL(p.net.written(), 0u);
}

} // namespace world_suite
