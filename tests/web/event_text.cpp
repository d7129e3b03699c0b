#define CAF_SUITE event_text

#include "xprober/web/event_text.hpp"

#include <memory>
#include <string>

#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace event_text_suite {

using namespace xprober;
using web::event_place;
using web::json;

namespace {

incident some_incident() {
  incident what;
  what.id = 7;
  what.kind = incident_kind::path;
  what.severity = incident_severity::critical;
  what.summary = "eu cannot reach us";
  what.opened = wall_time{std::chrono::seconds{1'767'000'000}};
  what.probe_type = "icmp";
  what.sources = {2, 5, {"10.0.0.1", "10.0.0.2"}};
  what.labels.emplace_back("team", "net");
  return what;
}

event_record record_of(incident what) {
  return {std::make_shared<const incident>(std::move(what))};
}

json data_of(const event_record& record) { return json::parse(web::event_data(record)); }

} // namespace

CAF_TEST(ids can be read again) {
  const event_place place{"00ff-a", 18'446'744'073'709'551'615U};
  CAF_CHECK_EQUAL(web::event_id(place), "00ff-a-18446744073709551615");
  CAF_CHECK(web::parse_event_id(web::event_id(place)) == place);
  for (const auto* bad :
       {"", "-", "-1", "run", "run-", "run-x", "run-1x", "run-+1", "run-18446744073709551616"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK(!web::parse_event_id(bad));
  }
}

CAF_TEST(an incident is one line of JSON) {
  auto what = some_incident();
  what.detail = "two\nlines";
  const auto text = web::event_data(record_of(what));
  CAF_CHECK_EQUAL(text.find('\n'), text.size() - 1);
  const auto data = json::parse(text);
  CAF_CHECK_EQUAL(data.at("id").get<int>(), 7);
  CAF_CHECK_EQUAL(data.at("kind").get<std::string>(), "path");
  CAF_CHECK_EQUAL(data.at("severity").get<std::string>(), "critical");
  CAF_CHECK_EQUAL(data.at("opened_unix").get<std::int64_t>(), 1'767'000'000);
  CAF_CHECK(data.at("closed_unix").is_null());
  CAF_CHECK(data.at("acknowledged").is_null());
  CAF_CHECK_EQUAL(data.at("sources").at("names").size(), 2u);
  CAF_CHECK_EQUAL(data.at("labels").at("team").get<std::string>(), "net");
}

CAF_TEST(what has ended and was acknowledged says so) {
  auto what = some_incident();
  what.closed = what.opened + std::chrono::seconds{60};
  what.acknowledged = acknowledgement{"ada", "looking", what.opened};
  const auto data = data_of(record_of(what));
  CAF_CHECK_EQUAL(data.at("closed_unix").get<std::int64_t>(), 1'767'000'060);
  CAF_CHECK_EQUAL(data.at("acknowledged").at("by").get<std::string>(), "ada");
}

CAF_TEST(an agent has its state) {
  agent_line line;
  line.agent = {"eu", "10.0.0.1"};
  line.state = agent_state::lost;
  line.own_faults.push_back({"no_ipv6", "there is no way to IPv6", 5});
  const auto data = data_of({line});
  CAF_CHECK_EQUAL(data.at("region").get<std::string>(), "eu");
  CAF_CHECK_EQUAL(data.at("state").get<std::string>(), "lost");
  CAF_CHECK(data.at("clock_skew_ms").is_null());
  CAF_CHECK(data.at("last_push_unix").is_null());
  CAF_CHECK_EQUAL(data.at("own_faults").at(0).at("since_unix").get<int>(), 5);
}

CAF_TEST(counts have every state) {
  state_counts counts{"icmp", {}};
  counts.series[static_cast<std::size_t>(series_state::failing)] = 3;
  const auto data = data_of({counts});
  CAF_CHECK_EQUAL(data.at("kind").get<std::string>(), "icmp");
  CAF_CHECK_EQUAL(data.at("states").size(), series_state_count);
  CAF_CHECK_EQUAL(data.at("states").at("failing").get<int>(), 3);
  CAF_CHECK_EQUAL(data.at("states").at("ok").get<int>(), 0);
}

CAF_TEST(events have their ids and names) {
  event_page page;
  page.run = "r";
  page.events = {
      std::make_shared<const told_event>(told_event{4, record_of(some_incident())}),
      std::make_shared<const told_event>(told_event{5, event_record{state_counts{"icmp", {}}}})};
  const auto text = web::events_text(page);
  CAF_CHECK(text.starts_with("id: r-4\nevent: incident\ndata: {\"id\":7,"));
  CAF_CHECK(text.find("}\n\nid: r-5\nevent: states\ndata: {\"kind\":\"icmp\"") !=
            std::string::npos);
  CAF_CHECK(text.ends_with("}\n\n"));
}

CAF_TEST(nothing is a comment) { CAF_CHECK_EQUAL(web::events_text(event_page{}), ":\n\n"); }

CAF_TEST(a stream begins with the place and a reset has one) {
  CAF_CHECK_EQUAL(web::events_begin({"r", 3}), "retry: 2000\nid: r-3\n\n");
  CAF_CHECK_EQUAL(web::events_reset({"r", 9}), "id: r-9\nevent: reset\ndata: {}\n\n");
}

} // namespace event_text_suite
