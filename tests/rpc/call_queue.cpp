#define CAF_SUITE call_queue

#include "xprober/rpc/call_queue.hpp"

#include "caf/test/unit_test.hpp"

namespace call_queue_suite {

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;

namespace {

struct fixture {
  /// Adds a call whose result goes to the end of `results`.
  void add(const std::string& name, std::chrono::seconds deadline = 10s) {
    queue.add(
        get_targets_request{name, "", ""},
        [this, name](call_result&& result) {
          const auto* error = std::get_if<caf::error>(&result);
          results.push_back(name + ": " + (error ? bridge::error_text(*error) : "answered"));
        },
        start + deadline);
  }

  call_queue::clock::time_point start{};
  std::vector<std::string> results;
  call_queue queue{3};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_queue_tests, fixture)

CAF_TEST(answers_find_their_calls_in_any_order) {
  add("a");
  add("b");
  const auto first = queue.take();
  const auto second = queue.take();
  CAF_REQUIRE(first && second);
  CAF_CHECK(!queue.take());
  CAF_CHECK_EQUAL(std::get<get_targets_request>(*first->request).local_region, "a");
  CAF_CHECK(queue.find(second->seq) == second->request);
  CAF_CHECK(queue.find(77) == nullptr);
  CAF_CHECK(queue.find((std::uint64_t{1} << 32) + first->seq) == nullptr);
  queue.finish(second->seq, get_targets_response{});
  queue.finish(first->seq, get_targets_response{});
  queue.finish(first->seq, get_targets_response{});
  CAF_CHECK_EQUAL(results, (std::vector<std::string>{"b: answered", "a: answered"}));
  CAF_CHECK(!queue.sent());
}

CAF_TEST(too_many_calls_fail_at_once) {
  add("a");
  queue.take();
  add("b");
  add("c");
  add("d");
  CAF_REQUIRE_EQUAL(results.size(), 1u);
  CAF_CHECK_EQUAL(results[0], "d: too many calls outstanding: 3 calls have no answer yet");
}

CAF_TEST(a_lost_connection_fails_what_was_sent_and_keeps_what_waits) {
  add("a");
  add("b");
  queue.take();
  queue.fail_sent(bridge::ec::connection_lost, "srv:1: reset");
  CAF_CHECK_EQUAL(results, (std::vector<std::string>{"a: connection lost: srv:1: reset"}));
  CAF_CHECK(queue.waiting());
  queue.fail_waiting(bridge::ec::unreachable, "srv:1: refused");
  CAF_REQUIRE_EQUAL(results.size(), 2u);
  CAF_CHECK_EQUAL(results[1], "b: server unreachable: srv:1: refused");
}

CAF_TEST(calls_end_at_their_deadlines) {
  add("a", 5s);
  add("b", 3s);
  add("c", 4s);
  queue.take();
  CAF_CHECK(queue.next_deadline() == start + 3s);
  CAF_CHECK(!queue.expire(start + 2s, "s", "w"));
  CAF_CHECK(!queue.expire(start + 4s, "s", "w"));
  CAF_CHECK_EQUAL(results.size(), 2u);
  CAF_CHECK(queue.expire(start + 5s, "no answer", "w"));
  CAF_CHECK_EQUAL(results.back(), "a: no answer in time: no answer");
  CAF_CHECK(!queue.next_deadline().has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace call_queue_suite
