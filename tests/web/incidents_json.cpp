#define CAF_SUITE incidents_json

#include "xprober/web/incidents_json.hpp"

#include <string>
#include <vector>

#include "web/sample.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace incidents_json_suite {

using namespace xprober;
using namespace xprober::web;

CAF_TEST(an open incident has every key) {
  const auto out = json::parse(incident_json(sample::open_incident(), {}, sample::at()));
  CAF_CHECK_EQUAL(
      out.dump(),
      R"({"id":7,"kind":"target","severity":"critical",)"
      R"("summary":"target https://down.example/ fails","opened_unix":1767322445,)"
      R"("closed_unix":null,"probe_type":"http","reason":"refused","phase":"connect",)"
      R"("detail":"connecting to 192.0.2.9:443: refused",)"
      R"("sources":{"affected":2,"of":3,"names":["cn-north","cn-south"]},)"
      R"("targets":{"affected":1,"of":4,"names":["https://down.example/"]},)"
      R"("ends":"sources_and_targets",)"
      R"("labels":{"region":"eu-west","team":"shop"},"flapping":false,"acknowledged":null,)"
      R"("timeline":[{"at_unix":1767322445,"event":"opened","sources":2,"targets":1,)"
      R"("text":"it fails"}],"certificate":null,"merged_into":null,"muted":false})");
}

CAF_TEST(a closed incident says what has become of it) {
  const auto out = json::parse(incident_json(sample::closed_incident(), {}, sample::at()));
  CAF_CHECK_EQUAL(out.at("closed_unix").get<std::int64_t>(), sample::now_unix - 60);
  CAF_CHECK_EQUAL(out.at("certificate").get<std::string>(), "ab:cd");
  CAF_CHECK_EQUAL(out.at("merged_into").get<int>(), 7);
  CAF_CHECK_EQUAL(out.at("acknowledged").dump(),
                  R"({"by":"ann","note":"looking","at_unix":1767322745})");
}

CAF_TEST(an incident is muted while a mute lasts that fits) {
  const std::vector<mute> mutes{sample::some_mute()};
  const auto muted = [&](const incident& what, wall_time now) {
    return json::parse(incident_json(what, mutes, now)).at("muted").get<bool>();
  };
  CAF_CHECK(muted(sample::open_incident(), sample::at()));
  CAF_CHECK(!muted(sample::open_incident(), sample::at(-7200)));
  auto other = sample::open_incident();
  other.labels = {};
  CAF_CHECK(!muted(other, sample::at()));
}

CAF_TEST(a page of incidents says where it goes on) {
  storage::incident_page page;
  page.incidents = {sample::open_incident(), sample::closed_incident()};
  page.next = 5;
  const auto out = json::parse(incidents_json(page, {}, sample::at()));
  CAF_CHECK_EQUAL(out.at("incidents").size(), 2u);
  CAF_CHECK_EQUAL(out.at("incidents")[1].at("id").get<int>(), 5);
  CAF_CHECK_EQUAL(out.at("next").dump(), "\"5\"");
  const auto none = json::parse(incidents_json({}, {}, sample::at()));
  CAF_CHECK_EQUAL(none.dump(), R"({"incidents":[],"next":null})");
}

CAF_TEST(mutes say what they fit and whether they last) {
  const std::vector<mute> mutes{sample::some_mute()};
  const auto out = json::parse(mutes_json(mutes, sample::at()));
  CAF_CHECK_EQUAL(out.dump(), R"({"mutes":[{"id":3,"matchers":[{"field":"team","value":"shop"}],)"
                              R"("from_unix":1767322985,"until_unix":1767326645,"active":true,)"
                              R"("by":"ann","why":"the shop moves"}]})");
  const auto over = json::parse(mute_json(mutes[0], sample::at(-7200)));
  CAF_CHECK(!over.at("active").get<bool>());
}

CAF_TEST(incidents are found by the target that they name) {
  std::vector<incident> all{sample::open_incident(), sample::open_incident()};
  all[1].id = 8;
  all[1].targets.names = {"eu-west"};
  all[1].probe_type = kinds::icmp().name;
  const auto by_address =
      incidents_naming(all, sample::http_uid("https://down.example/"), kinds::http());
  CAF_CHECK((by_address == std::vector<std::uint64_t>{7}));
  const auto by_region =
      incidents_naming(all, sample::icmp_uid("10.9.9.9", "eu-west"), kinds::icmp());
  CAF_CHECK((by_region == std::vector<std::uint64_t>{8}));
  CAF_CHECK(incidents_naming(all, sample::http_uid("http://else/"), kinds::http()).empty());
}

} // namespace incidents_json_suite
