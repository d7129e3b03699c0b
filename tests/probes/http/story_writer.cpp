#define CAF_SUITE story_writer

#include "xprober/probes/http/story_writer.hpp"

#include "caf/test/unit_test.hpp"

namespace story_writer_suite {

using namespace xprober;
using namespace xprober::http;
using namespace std::chrono_literals;

namespace {

phase_trace traced(milliseconds processing) {
  const monotonic_time zero{};
  phase_trace t;
  t.begin_hop();
  t.resolved(1ms);
  t.connecting(zero);
  t.connected(zero + 2ms, false);
  t.written(zero + 2ms);
  t.first_byte(zero + 2ms + processing);
  return t;
}

std::optional<nanoseconds> phase(const http_story& story, http_phase which) {
  return story.phases[static_cast<std::size_t>(which)];
}

} // namespace

CAF_TEST(hops are summed up) {
  story_writer writer;
  writer.resolved(1ms);
  writer.hop_done(traced(10ms), 0);
  writer.resolved(3ms);
  const auto fields = writer.hop_done(traced(20ms), 1);
  const auto story = writer.take();
  CAF_CHECK(phase(*story, http_phase::resolve) == 4ms);
  CAF_CHECK(phase(*story, http_phase::connect) == 4ms);
  CAF_CHECK(phase(*story, http_phase::processing) == 30ms);
  CAF_CHECK(!phase(*story, http_phase::transfer));
  CAF_REQUIRE(fields.size() > 1);
  CAF_CHECK_EQUAL(fields[0].first + "=" + fields[0].second, "roundtrip=1");
  CAF_CHECK(!phase(*writer.take(), http_phase::resolve));
}

CAF_TEST(what the last answer says of itself) {
  const auto told = [](std::string_view text) {
    response_reader reader{{}, false, kept_parts{.fields = true, .body = 0}};
    const auto into = reader.prepare();
    std::ranges::copy(text, into.begin());
    reader.commit(text.size());
    story_writer writer;
    writer.answered(reader, true);
    return *writer.take();
  };
  const auto stated = told("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLast-Modified: Wed, 21 Oct "
                           "2015 07:28:00 GMT\r\n\r\nhi");
  CAF_CHECK_EQUAL(stated.content_length, 2);
  CAF_CHECK(stated.over_tls);
  CAF_CHECK(stated.last_modified_unix == 1'445'412'480);
  CAF_CHECK_EQUAL(told("HTTP/1.1 200 OK\r\n\r\n").content_length, -1);
  CAF_CHECK_EQUAL(told("HTTP/1.1 204 No\r\n\r\n").content_length, 0);
}

} // namespace story_writer_suite
