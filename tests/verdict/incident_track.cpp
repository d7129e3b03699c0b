#define CAF_SUITE incident_track

#include "xprober/verdict/incident_track.hpp"

#include <chrono>

#include "caf/test/unit_test.hpp"

namespace incident_track_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr wall_time start{1'767'268'800s};

finding found(cause_type type, name_keys sources, name_keys targets, std::string reason = "") {
  finding made;
  made.type = type;
  made.sources = std::move(sources);
  made.targets = std::move(targets);
  made.shown.pairs = made.pairs();
  made.shown.reason = std::move(reason);
  made.shown.kind = type == cause_type::prober ? incident_kind::prober
                    : type == cause_type::path ? incident_kind::path
                                               : incident_kind::target;
  return made;
}

incident_track track_of(const finding& lead) { return incident_track::begin(lead, 1, {}, start); }

void sustain(incident_track& track, const finding& by, wall_time now) {
  const finding* parts[] = {&by};
  track.sustain(parts, {0, 30s}, now);
}

} // namespace

CAF_TEST(causes are the same when what they blame meets) {
  const auto target = track_of(found(cause_type::target, {}, {5, 6}));
  CAF_CHECK_EQUAL(kinship(found(cause_type::target, {}, {6, 7}), target, {0, 1}), 1u);
  CAF_CHECK_EQUAL(kinship(found(cause_type::source, {5}, {}), target, {0, 0}), 0u);
  // A path that leads to one of the targets alone is a part of it; one that leads elsewhere, too,
  // is not.
  CAF_CHECK_EQUAL(kinship(found(cause_type::path, {1}, {6}), target, {0, 1}), 1u);
  CAF_CHECK_EQUAL(kinship(found(cause_type::path, {1, 2}, {6, 9}), target, {0, 1}), 0u);
}

CAF_TEST(paths must meet on both sides) {
  const auto path = track_of(found(cause_type::path, {1}, {5}));
  CAF_CHECK_EQUAL(kinship(found(cause_type::path, {1}, {6}), path, {1, 0}), 0u);
  CAF_CHECK_EQUAL(kinship(found(cause_type::path, {1, 2}, {5, 6}), path, {1, 1}), 1u);
  CAF_CHECK_EQUAL(kinship(found(cause_type::target, {}, {5}), path, {0, 1}), 1u);
}

CAF_TEST(what a source was called before meets what it is called now) {
  const name_overlap renamed{0, 1, 0, 0, 1};
  const auto path = track_of(found(cause_type::path, {1}, {5}));
  CAF_CHECK_EQUAL(kinship(found(cause_type::path, {9}, {5}), path, renamed), 1u);
  auto source = track_of(found(cause_type::source, {1}, {}));
  source.what.kind = incident_kind::source;
  CAF_CHECK_EQUAL(kinship(found(cause_type::source, {9}, {}), source, {0, 0, 0, 0, 1}), 1u);
  // What becomes of one agent is no part of its region's outage.
  const auto region = track_of(found(cause_type::region, {1}, {1}));
  CAF_CHECK_EQUAL(kinship(found(cause_type::path, {9}, {5}), region, {0, 0, 0, 0, 1}), 0u);
}

CAF_TEST(a path that becomes a target grows and keeps its kind) {
  auto track = track_of(found(cause_type::path, {1}, {5}));
  sustain(track, found(cause_type::target, {}, {5}), start + 15s);
  CAF_CHECK(!track.what.pairs);
  CAF_CHECK(track.sources.empty());
  CAF_CHECK(track.what.timeline.back().event == incident_event::grew);
  CAF_CHECK(track.what.kind == incident_kind::path);
  sustain(track, found(cause_type::path, {1}, {5}), start + 30s);
  CAF_CHECK(track.sources.empty()); // the source was never blamed
  CAF_CHECK(track.targets == name_keys{5});
}

CAF_TEST(what failed before the probers are lost is not called a prober) {
  auto path = found(cause_type::path, {1, 2}, {1, 2}, "timeout");
  path.shown.summary = "paths from 2 regions to 2 regions: 2 of 2 pairs fail";
  auto track = track_of(path);
  auto lost = found(cause_type::prober, {1, 2}, {}, "lost");
  lost.shown.summary = "all probers: nothing is heard of them";
  sustain(track, lost, start + 60s);
  CAF_CHECK(track.what.kind == incident_kind::path);
  CAF_CHECK_EQUAL(track.what.summary, path.shown.summary + "; by now " + lost.shown.summary);
  CAF_CHECK_EQUAL(track.what.reason, "lost");
  // Also after a restart, and when it fails again.
  auto again = incident_track::restored(track.what);
  sustain(again, lost, start + 75s);
  CAF_CHECK_EQUAL(again.what.summary, track.what.summary);
  sustain(again, path, start + 90s);
  CAF_CHECK_EQUAL(again.what.summary, path.shown.summary);
  auto prober = track_of(lost);
  sustain(prober, lost, start + 15s);
  CAF_CHECK_EQUAL(prober.what.summary, lost.shown.summary);
}

CAF_TEST(only much wider causes are news and only after a while) {
  const auto one = track_of(found(cause_type::target, {}, {5}));
  const auto two = found(cause_type::target, {}, {5, 6});
  const auto three = found(cause_type::target, {}, {5, 6, 7});
  CAF_CHECK(!is_news(three, one, start + 10min));
  CAF_CHECK(is_news(three, one, start + 11min));
  CAF_CHECK(!is_news(two, one, start + 11min));
  const auto path = track_of(found(cause_type::path, {1}, {5}));
  CAF_CHECK(is_news(found(cause_type::target, {}, {5}), path, start + 11min));
  CAF_CHECK(!is_news(found(cause_type::path, {1}, {5, 6}), path, start + 11min));
  const auto prober = track_of(found(cause_type::prober, {5}, {}));
  CAF_CHECK(is_news(found(cause_type::region, {5}, {5}), prober, start + 11min));
}

CAF_TEST(after a restart it is as wide as it was although not all is kept) {
  name_keys many;
  for (std::uint64_t key = 0; key < 5000; ++key) {
    many.push_back(key);
  }
  auto lead = found(cause_type::target, {}, many);
  lead.shown.targets.affected = 5000;
  const auto before = track_of(lead);
  CAF_CHECK_EQUAL(before.what.target_keys.size(), incident::most_keys);
  const auto after = incident_track::restored(before.what);
  CAF_CHECK(!is_news(lead, after, start + 1h));
}

CAF_TEST(two reasons that take turns are not noted each time) {
  const auto refused = found(cause_type::target, {}, {5}, "refused");
  const auto timeout = found(cause_type::target, {}, {5}, "timeout");
  auto track = track_of(refused);
  for (int i = 1; i <= 8; ++i) {
    sustain(track, i % 2 == 0 ? refused : timeout, start + i * 5s);
  }
  CAF_CHECK_EQUAL(track.what.timeline.size(), 2u); // in 40 s
  CAF_CHECK(track.what.timeline.back().event == incident_event::reason);
}

CAF_TEST(severity never falls) {
  auto lead = found(cause_type::target, {}, {5});
  lead.shown.severity = incident_severity::critical;
  auto track = track_of(lead);
  lead.shown.severity = incident_severity::warning;
  sustain(track, lead, start + 15s);
  CAF_CHECK(track.what.severity == incident_severity::critical);
  CAF_CHECK_EQUAL(track.what.timeline.size(), 1u);
}

CAF_TEST(a clock that was set back closes nothing early) {
  auto track = track_of(found(cause_type::target, {}, {5}));
  CAF_CHECK(!track.rest(true, 30s, start + 1h));
  CAF_CHECK(!track.rest(true, 30s, start));
  CAF_CHECK(!track.rest(true, 30s, start + 29s));
  CAF_CHECK(!track.rest(false, 30s, start + 30s));
  CAF_CHECK(!track.rest(true, 30s, start + 31s));
  CAF_CHECK(track.rest(true, 30s, start + 61s));
  CAF_CHECK(track.what.closed == start + 61s);
}

CAF_TEST(a clock that was ahead keeps nothing flapping until it has come there) {
  flap_penalty before;
  for (int i = 0; i < 3; ++i) {
    before.add_opening(start + 24h * 365);
  }
  auto track = incident_track::begin(found(cause_type::target, {}, {5}), 1, before, start);
  CAF_CHECK(track.what.flapping);
  bool closed = false;
  for (auto after = 0s; after < 2h && !closed; after += 15s) {
    closed = track.rest(true, 30s, start + after);
  }
  CAF_CHECK(closed);
}

CAF_TEST(a clock that was set back keeps no reason secret) {
  auto track = track_of(found(cause_type::target, {}, {5}, "refused"));
  const auto timeout = found(cause_type::target, {}, {5}, "timeout");
  sustain(track, timeout, start - 1h);
  sustain(track, timeout, start - 1h + 30s);
  CAF_CHECK_EQUAL(track.what.reason, "timeout");
}

} // namespace incident_track_suite
