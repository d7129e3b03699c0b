#define CAF_SUITE incident_routes

#include "xprober/web/incident_routes.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "web/routes_fixture.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_routes_suite {

using namespace xprober;
using namespace routes_test;
using web::json;

namespace {

/// What a fake keeper of incidents was asked.
struct asked_of_keeper {
  storage::incident_query query;
  acknowledgement by;
  mute added;
  std::uint64_t removed = 0;
  bool full = false; ///< it takes no more mutes
};

incident_ptr one_incident(std::uint64_t id) {
  if (id != 5 && id != 7) {
    return nullptr;
  }
  return std::make_shared<const incident>(id == 7 ? sample::open_incident()
                                                  : sample::closed_incident());
}

/// Number 7 is open, number 5 closed.
incidents_actor fake_keeper(caf::actor_system& system, std::shared_ptr<asked_of_keeper> asked) {
  return fake<incidents_actor>(
      system,
      {[asked](const incident_request& request) -> incident_answer {
         asked->query = request.query;
         storage::incident_page page;
         page.incidents = {sample::open_incident(), sample::closed_incident()};
         page.next = 5;
         return std::make_shared<const storage::incident_page>(std::move(page));
       },
       [](const incident_by_id& wanted) { return one_incident(wanted.id); },
       [asked](const acknowledge_incident& request) -> incident_ptr {
         if (request.id != 7) {
           return nullptr;
         }
         asked->by = request.by;
         auto done = sample::open_incident();
         done.acknowledged = request.by;
         return std::make_shared<const incident>(std::move(done));
       },
       [](get_mutes_atom) -> mute_list {
         return std::make_shared<const std::vector<mute>>(std::vector<mute>{sample::some_mute()});
       },
       [asked](const add_mute& request) {
         asked->added = request.fresh;
         return mute_added{asked->full ? std::uint64_t{0} : std::uint64_t{12}};
       },
       [asked](const remove_mute& request) {
         asked->removed = request.id;
         return request.id == 3;
       }});
}

struct incidents_fixture : fixture {
  incidents_fixture() : fixture(sample::server_stats()) {
    keeper = fake_keeper(system, asked);
    add(keeper);
  }

  ~incidents_fixture() { quit(keeper); }

  void add(const incidents_actor& of) {
    routes = {};
    web::add_incident_routes(routes, {gateway, of, std::chrono::milliseconds{300}});
  }

  net::http_response post(const std::string& target, std::string body,
                          const char* type = "application/json") {
    net::http_request question{net::http::verb::post, target, 11};
    question.set(net::http::field::content_type, type);
    question.body() = std::move(body);
    return request(question);
  }

  net::http_response remove(std::string target) {
    return request(net::http::verb::delete_, std::move(target));
  }

  incidents_actor keeper;
  std::shared_ptr<asked_of_keeper> asked = std::make_shared<asked_of_keeper>();
};

json body_of(const net::http_response& response) { return json::parse(response.body()); }

std::string error_of(const net::http_response& response) {
  return body_of(response).at("error").get<std::string>();
}

const std::string good_mute =
    R"({"matchers": {"team": "shop"}, "for": "2h", "by": "ann", "why": "the shop moves"})";

} // namespace

CAF_TEST_FIXTURE_SCOPE(incident_routes_tests, incidents_fixture)

CAF_TEST(incidents are listed as they are asked for) {
  const auto answer = get("/api/v1/incidents?state=open&limit=2");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK(answer[net::http::field::cache_control] == "private, no-cache");
  CAF_CHECK(answer.count(net::http::field::etag) == 1);
  CAF_CHECK(get("/api/v1/incidents/7")[net::http::field::cache_control] == "no-store");
  CAF_CHECK_EQUAL(body_of(answer).at("incidents").size(), 2u);
  CAF_CHECK_EQUAL(body_of(answer).at("next").get<std::string>(), "5");
  CAF_CHECK(asked->query.open == true);
  CAF_CHECK_EQUAL(asked->query.limit, 2u);
  CAF_CHECK_EQUAL(get("/api/v1/incidents?state=x").result_int(), 400u);
}

CAF_TEST(one incident is told or is not there) {
  CAF_CHECK_EQUAL(body_of(get("/api/v1/incidents/7")).at("id").get<int>(), 7);
  for (const auto* id : {"8", "0", "-7", "x", "99999999999999999999"}) {
    const auto answer = get("/api/v1/incidents/" + std::string{id});
    CAF_CHECK_EQUAL(answer.result_int(), 404u);
    CAF_CHECK_EQUAL(error_of(answer), "there is no incident " + std::string{id});
  }
  CAF_CHECK_EQUAL(get("/api/v1/incidents/7?x=1").result_int(), 400u);
}

CAF_TEST(an incident that is open can be acknowledged) {
  const auto answer =
      post("/api/v1/incidents/7/acknowledge", R"({"by": "ann", "note": "looking"})");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK_EQUAL(body_of(answer).at("acknowledged").at("by").get<std::string>(), "ann");
  CAF_CHECK_EQUAL(asked->by.note, "looking");
  CAF_CHECK(asked->by.at > wall_time{});
}

CAF_TEST(what cannot be acknowledged says why) {
  const auto closed = post("/api/v1/incidents/5/acknowledge", R"({"by": "ann"})");
  CAF_CHECK_EQUAL(closed.result_int(), 409u);
  CAF_CHECK(error_of(closed).starts_with("incident 5 is closed"));
  CAF_CHECK_EQUAL(post("/api/v1/incidents/8/acknowledge", R"({"by": "a"})").result_int(), 404u);
  CAF_CHECK_EQUAL(post("/api/v1/incidents/7/acknowledge", "{}").result_int(), 400u);
  CAF_CHECK_EQUAL(
      post("/api/v1/incidents/7/acknowledge", R"({"by": "a"})", "text/plain").result_int(), 415u);
  CAF_CHECK_EQUAL(get("/api/v1/incidents/7/acknowledge").result_int(), 405u);
  CAF_CHECK(asked->by.by.empty());
}

CAF_TEST(mutes are listed and made and removed) {
  CAF_CHECK_EQUAL(body_of(get("/api/v1/mutes")).at("mutes")[0].at("id").get<int>(), 3);
  const auto made = post("/api/v1/mutes", good_mute);
  CAF_CHECK_EQUAL(made.result_int(), 201u);
  CAF_CHECK_EQUAL(body_of(made).at("id").get<int>(), 12);
  CAF_CHECK(body_of(made).at("active").get<bool>());
  CAF_CHECK_EQUAL(asked->added.why, "the shop moves");
  CAF_CHECK_EQUAL(asked->added.id, 0u);
  const auto gone = remove("/api/v1/mutes/3");
  CAF_CHECK_EQUAL(gone.result_int(), 204u);
  CAF_CHECK(gone.body().empty());
  CAF_CHECK_EQUAL(asked->removed, 3u);
}

CAF_TEST(what is no mute is refused) {
  CAF_CHECK_EQUAL(post("/api/v1/mutes", "{}").result_int(), 400u);
  CAF_CHECK_EQUAL(post("/api/v1/mutes", good_mute, "text/plain").result_int(), 415u);
  CAF_CHECK_EQUAL(remove("/api/v1/mutes/4").result_int(), 404u);
  CAF_CHECK_EQUAL(error_of(remove("/api/v1/mutes/x")), "there is no mute x");
  asked->full = true;
  const auto answer = post("/api/v1/mutes", good_mute);
  CAF_CHECK_EQUAL(answer.result_int(), 409u);
  CAF_CHECK(error_of(answer).starts_with("there are too many mutes"));
}

CAF_TEST(a keeper that is dead is answered for) {
  kill(keeper);
  for (const auto* target : {"/api/v1/incidents", "/api/v1/incidents/7", "/api/v1/mutes"}) {
    CAF_CHECK_EQUAL(get(target).result_int(), 503u);
  }
  CAF_CHECK_EQUAL(post("/api/v1/mutes", good_mute).result_int(), 503u);
  CAF_CHECK_EQUAL(remove("/api/v1/mutes/3").result_int(), 503u);
}

CAF_TEST(without a keeper all say so) {
  add({});
  for (const auto* target : {"/api/v1/incidents", "/api/v1/incidents/7", "/api/v1/mutes"}) {
    CAF_CHECK_EQUAL(get(target).result_int(), 404u);
  }
  CAF_CHECK_EQUAL(post("/api/v1/mutes", good_mute).result_int(), 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace incident_routes_suite
