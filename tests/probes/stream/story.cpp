#define CAF_SUITE story

#include "xprober/probes/stream/story.hpp"

#include "caf/test/unit_test.hpp"

namespace story_suite {

using namespace xprober;
using namespace std::chrono_literals;

CAF_TEST(nobody asked and nothing is told) {
  stream::story story;
  story.begin(nullptr, monotonic_clock::now());
  CAF_CHECK(!story.told());
  CAF_CHECK(!story.wants_lines());
  story.line("step");
  story.end({});
}

CAF_TEST(a story is told once and ends with what failed) {
  std::vector<probe_story> told;
  ad_hoc_request wishes;
  wishes.with_lines = true;
  wishes.tell = [&](probe_story&& s) { told.push_back(std::move(s)); };
  stream::story story;
  story.begin(&wishes, monotonic_clock::now());
  dns::resolve_answer answer;
  answer.addresses = {boost::asio::ip::make_address("192.0.2.1"),
                      boost::asio::ip::make_address("192.0.2.2")};
  answer.took = 3ms;
  story.resolved(answer);
  probe_outcome outcome;
  outcome.error = probe_error::refused;
  outcome.detail = "connect: refused";
  story.end(outcome);
  story.end(outcome);
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK_EQUAL(told[0].first_address, "192.0.2.1");
  CAF_CHECK(told[0].resolve == 3ms);
  CAF_REQUIRE_EQUAL(told[0].lines.size(), 2u);
  CAF_CHECK_EQUAL(told[0].lines[0].fields[0].second, "192.0.2.1 192.0.2.2");
  CAF_CHECK_EQUAL(told[0].lines[1].text, "connect: refused");
}

CAF_TEST(after many steps the others are counted) {
  probe_story told;
  ad_hoc_request wishes;
  wishes.with_lines = true;
  wishes.tell = [&](probe_story&& s) { told = std::move(s); };
  stream::story story;
  story.begin(&wishes, monotonic_clock::now());
  for (std::size_t i = 0; i < stream::story::max_lines + 50; ++i) {
    story.line("step");
  }
  probe_outcome outcome;
  outcome.error = probe_error::deadline;
  outcome.detail = "not completed";
  story.end(outcome);
  CAF_REQUIRE_EQUAL(told.lines.size(), stream::story::max_lines + 2);
  CAF_CHECK_EQUAL(told.lines[stream::story::max_lines].text, "50 more steps are left out");
  CAF_CHECK_EQUAL(told.lines.back().text, "not completed");
}

CAF_TEST(one that was dropped is not told) {
  bool told = false;
  ad_hoc_request wishes;
  wishes.tell = [&](probe_story&&) { told = true; };
  stream::story story;
  story.begin(&wishes, monotonic_clock::now());
  CAF_CHECK(!story.wants_lines());
  story.drop();
  story.end({});
  CAF_CHECK(!told);
}

} // namespace story_suite
