#define CAF_SUITE certificate

#include "xprober/verdict/certificate.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace certificate_suite {

using namespace worlds;
using namespace std::chrono_literals;

namespace {

constexpr auto day = 24h;

certificate_sighting sighting(wall_time end, std::string fingerprint = "aa",
                              std::string target = "https://a.example/") {
  return {std::move(target), "http", std::move(fingerprint), "a.example", end, {{"team", "web"}}};
}

incident shown(const std::vector<certificate_sighting>& seen, wall_time now = noon) {
  std::vector<const certificate_sighting*> all;
  for (const auto& one : seen) {
    all.push_back(&one);
  }
  auto found = certificate_finding(all, {}, now);
  if (!found) {
    CAF_FAIL("there is time");
  }
  return found->shown;
}

struct certificate_run : book_run {
  bool wanted = true;

  /// Targets that the oldest open incident blames.
  std::uint32_t affected() const { return book.open().at(0).targets.affected; }

  void look(const std::vector<certificate_sighting>& seen, std::chrono::seconds later) {
    now += later;
    take(book.observe_certificates(seen, [this](std::string_view) { return wanted; }, mutes, now));
  }
};

} // namespace

CAF_TEST(the severity rises at 21 and 7 days and one day) {
  CAF_CHECK(!certificate_severity(21 * day + 1s));
  CAF_CHECK(certificate_severity(21 * day) == incident_severity::info);
  CAF_CHECK(certificate_severity(7 * day + 1s) == incident_severity::info);
  CAF_CHECK(certificate_severity(7 * day) == incident_severity::warning);
  CAF_CHECK(certificate_severity(24h) == incident_severity::critical);
  CAF_CHECK(certificate_severity(-24h) == incident_severity::critical);
}

CAF_TEST(an incident says whose end it is) {
  auto seen = sighting(noon + day);
  seen.subject = "CN=middle";
  CAF_CHECK(shown({seen}).summary.starts_with(
      "target https://a.example/: its certificate of CN=middle ends at "));
  seen.own = false;
  CAF_CHECK(shown({seen}).summary.starts_with(
      "target https://a.example/: a certificate of its chain, that of CN=middle, ends at "));
  auto other = seen;
  other.target = "https://b.example/";
  CAF_CHECK(shown({seen, other})
                .summary.starts_with(
                    "a certificate of the chains of 2 targets, that of CN=middle, ends at "));
  seen.own = other.own = true;
  CAF_CHECK(shown({seen, other})
                .summary.starts_with("the certificate of CN=middle that 2 targets show ends at "));
}

CAF_TEST(each severity is told once and a new certificate ends it) {
  certificate_run run;
  const auto end = noon + 30 * day;
  for (int hour = 0; hour < 31 * 24; ++hour) {
    run.look({sighting(end)}, 1h);
  }
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "escalated 1", "escalated 1"}));
  CAF_CHECK_EQUAL(run.count(incident_event::reason), 1u); // it has ended
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK_EQUAL(alert_name(open[0]), "XproberCertificate");
  run.look({sighting(end + 90 * day, "bb")}, 1min);
  CAF_CHECK_EQUAL(run.book.open_count(), 1u); // the old one may be shown once more
  run.look({sighting(end + 90 * day, "bb")}, 10min);
  CAF_CHECK_EQUAL(run.told.back(), "closed 1");
}

CAF_TEST(there is one for each certificate however many targets show it) {
  certificate_run run;
  const auto end = noon + 3 * day;
  std::vector<certificate_sighting> seen{sighting(end, "bb")};
  for (int number = 100; number < 300; ++number) {
    seen.push_back(sighting(end, "aa", "https://" + std::to_string(number) + ".example/"));
  }
  run.look(seen, 1s);
  run.look(seen, 1s);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "opened 2"}));
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 2u);
  CAF_CHECK_EQUAL(open[0].targets.affected, 200u);
  CAF_CHECK_EQUAL(open[0].targets.names.size(), incident_side::most_names);
  CAF_CHECK(open[0].labels == (std::vector<incident_label>{{"team", "web"}}));
  CAF_CHECK_EQUAL(open[1].targets.affected, 1u);
}

CAF_TEST(an incident has the labels that all who show its certificate have) {
  auto one = sighting(noon + day);
  one.labels = {{"region", "eu"}, {"team", "web"}};
  auto other = sighting(noon + day, "aa", "https://b.example/");
  other.labels = {{"region", "us"}, {"team", "web"}};
  CAF_CHECK(shown({one}).labels == (std::vector<incident_label>{{"region", "eu"},
                                                                {"team", "web"},
                                                                {"target", "https://a.example/"}}));
  CAF_CHECK(shown({one, other}).labels == (std::vector<incident_label>{{"team", "web"}}));
}

CAF_TEST(a certificate is renewed when its last target shows another one) {
  certificate_run run;
  const auto end = noon + 3 * day;
  const auto a = [&](const std::string& fingerprint) { return sighting(end, fingerprint); };
  const auto b = sighting(end, "aa", "https://b.example/");
  run.look({a("aa"), b}, 1s);
  auto renewed = a("cc");
  renewed.not_after = noon + 90 * day;
  run.look({renewed, b}, 1h);
  run.look({renewed, b}, 1h);
  CAF_REQUIRE_EQUAL(run.book.open_count(), 1u);
  CAF_CHECK_EQUAL(run.affected(), 1u);
  auto also_renewed = b;
  also_renewed.fingerprint = "cc";
  also_renewed.not_after = noon + 90 * day;
  run.look({renewed, also_renewed}, 1h);
  run.look({renewed, also_renewed}, 1h);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(what is named later stays with its incident and what shows the same comes to it) {
  certificate_run run;
  const auto end = noon + 3 * day;
  auto a = sighting(end);
  a.subject.clear(); // nobody knows the chain yet
  auto b = sighting(end, "aa", "https://b.example/");
  b.subject.clear();
  run.look({a}, 1s);
  run.look({a, b}, 1s);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "opened 2"}));
  a.subject = b.subject = "a.example";
  auto c = sighting(end, "aa", "https://c.example/");
  run.look({a, b, c}, 1s);
  CAF_CHECK_EQUAL(run.told.size(), 2u);
  CAF_CHECK_EQUAL(run.affected(), 2u);
}

CAF_TEST(targets that say nothing stay in the incident of others) {
  certificate_run run;
  const auto end = noon + 3 * day;
  run.look({sighting(end), sighting(end, "aa", "https://b.example/")}, 1s);
  run.look({sighting(end)}, 1h);
  CAF_CHECK_EQUAL(run.affected(), 2u);
  run.wanted = false;
  run.look({sighting(end)}, 1h);
  CAF_CHECK_EQUAL(run.affected(), 1u);
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
}

CAF_TEST(a target that says nothing keeps its incident until nobody wants it) {
  certificate_run run;
  run.look({sighting(noon + 3 * day)}, 1s);
  run.look({}, 1h);
  run.look({}, 1h);
  CAF_CHECK_EQUAL(run.book.open_count(), 1u);
  run.wanted = false;
  run.look({}, 1h);
  run.look({}, 10min);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(certificates and results leave each other alone) {
  named_world world{4, 50, false};
  world.all_well();
  certificate_run run;
  run.look({sighting(noon + 3 * day)}, 1s);
  for (std::uint32_t source = 0; source < 4; ++source) {
    world.result(source, 7, 3);
  }
  static_cast<book_run&>(run).look({world.picture()});
  static_cast<book_run&>(run).look({world.picture()}, 1h);
  run.look({sighting(noon + 3 * day)}, 1h);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "opened 2"}));
}

CAF_TEST(after a restart nothing is told again) {
  certificate_run run;
  run.look({sighting(noon + 3 * day)}, 1s);
  certificate_run after;
  after.book.restore(run.book.open(), 1);
  after.look({}, 1min);
  after.look({sighting(noon + 3 * day)}, 1min);
  CAF_CHECK(after.told.empty());
  CAF_CHECK_EQUAL(after.book.open_count(), 1u);
}

CAF_TEST(the sentence says when it ends) {
  const auto found = shown({sighting(noon + 3 * day)});
  CAF_CHECK_EQUAL(found.summary, "target https://a.example/: its certificate of a.example"
                                 " ends at 2026-01-04T12:00:00Z");
  CAF_CHECK_EQUAL(found.reason, "certificate_ends");
  CAF_CHECK(shown({sighting(noon)}).reason == "certificate_ended");
}

} // namespace certificate_suite
