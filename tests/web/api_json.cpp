#define CAF_SUITE api_json

#include "xprober/web/api_json.hpp"
#include "xprober/actors/messages/server.hpp"
#include "xprober/web/agents_json.hpp"

#include "web/sample.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/region_pairs.hpp"

#include "caf/test/unit_test.hpp"

namespace api_json_suite {

using namespace xprober;
using namespace xprober::web;

CAF_TEST(metrics of a matrix have names) {
  CAF_CHECK(parse_matrix_metric("latency") == matrix_metric::latency);
  CAF_CHECK(parse_matrix_metric("drop_rate") == matrix_metric::drop_rate);
  CAF_CHECK(parse_matrix_metric("success") == matrix_metric::success);
  CAF_CHECK(parse_matrix_metric("state") == matrix_metric::state);
  CAF_CHECK(!parse_matrix_metric("Latency"));
}

CAF_TEST(regions are those of agents and results) {
  auto agents = sample::agents();
  agents.agents.push_back({{"us-east", "10.0.9.1"}, "", 1, 2, {}});
  agents.agents.push_back({{"gone", "10.0.9.2"}, "", 1, 2, {}});
  agents.agents.back().state = agent_state::left;
  const auto out = json::parse(regions_json(sample::store(), agents)).at("regions");
  CAF_REQUIRE_EQUAL(out.size(), 4u);
  CAF_CHECK_EQUAL(out[0].dump(), R"({"region":"cn-north","agents":1,"pairs_as_source":3,)"
                                 R"("pairs_as_target":2,"never_probed":0,"labels":{}})");
  CAF_CHECK_EQUAL(out[3].dump(), R"({"region":"us-east","agents":1,"pairs_as_source":0,)"
                                 R"("pairs_as_target":0,"never_probed":0,"labels":{}})");
}

CAF_TEST(a matrix has sources as rows and null where nothing is known) {
  const auto out = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("metric").get<std::string>(), "latency");
  CAF_CHECK_EQUAL(out.at("unit").get<std::string>(), "ms");
  CAF_CHECK_EQUAL(out.at("regions").dump(), R"(["cn-north","cn-south","eu-west"])");
  CAF_CHECK_EQUAL(out.at("values").dump(),
                  "[[null,31.25,182.5],[31.0,null,null],[180.0,null,null]]");
  CAF_CHECK_EQUAL(out.at("targets").dump(), "[[null,20,10],[20,null,10],[20,null,null]]");
  CAF_CHECK_EQUAL(out.at("failing").dump(), "[[null,1,2],[0,null,10],[0,null,null]]");
}

CAF_TEST(a matrix shows loss and success too) {
  const auto loss = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::drop_rate));
  CAF_CHECK_EQUAL(loss.at("values")[1][2].get<double>(), 100.0);
  const auto success = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::success));
  CAF_CHECK_EQUAL(success.at("values").dump(), "[[null,1,1],[1,null,-1],[1,null,null]]");
}

CAF_TEST(a matrix of states has the worst of each pair and how many there are) {
  const auto out = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::state));
  CAF_CHECK_EQUAL(out.at("unit").get<std::string>(), "state");
  CAF_CHECK_EQUAL(out.at("values").dump(), R"([[null,"failing","failing"],["ok",null,"failing"],)"
                                           R"(["ok",null,null]])");
  CAF_CHECK_EQUAL(out.at("states")[0][1].dump(), R"({"ok":19,"failing":1})");
  CAF_CHECK(out.at("states")[0][0].is_null());
  CAF_CHECK(!out.contains("usual"));
}

CAF_TEST(a region whose agents are lost keeps its row and is stale) {
  auto agents = sample::agents();
  agents.agents[0].state = agent_state::lost;
  agents.agents.push_back({{"us-east", "10.0.9.1"}, "", 1, 2, {}});
  agents.agents.back().state = agent_state::lost;
  agents.agents.push_back({{"us-west", "10.0.9.2"}, "", 1, 2, {}});
  agents.agents.back().state = agent_state::left;
  const auto out = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::state, agents));
  CAF_CHECK_EQUAL(out.at("regions").dump(), R"(["cn-north","cn-south","eu-west","us-east"])");
  CAF_CHECK_EQUAL(out.at("values")[0].dump(), R"([null,"stale","stale","stale"])");
  CAF_CHECK_EQUAL(out.at("values")[1].dump(), R"(["ok",null,"failing",null])");
  CAF_CHECK_EQUAL(out.at("values")[3].dump(), R"(["stale","stale",null,null])");
  agents.agents.push_back({{"cn-north", "10.0.0.2"}, "", 1, 2, {}}); // one that is not lost
  const auto alive =
      json::parse(matrix_json(sample::store(), "icmp", matrix_metric::state, agents));
  CAF_CHECK_EQUAL(alive.at("values")[0].dump(), R"([null,"failing","failing",null])");
}

CAF_TEST(a pair whose results have stopped has its state and nothing else) {
  auto store = sample::store();
  auto& icmp = store.kinds[0];
  sample::add_group(icmp, "us-east", "cn-north", 0, 0, {});
  icmp.silent.push_back(std::move(icmp.groups.back()));
  icmp.groups.pop_back();
  icmp.silent[0].sums.states[static_cast<std::size_t>(series_state::stale)] = 2;
  const auto states = json::parse(matrix_json(store, "icmp", matrix_metric::state));
  CAF_CHECK_EQUAL(states.at("regions").size(), 4u);
  CAF_CHECK_EQUAL(states.at("values")[3].dump(), R"(["stale",null,null,null])");
  CAF_CHECK_EQUAL(states.at("states")[3][0].dump(), R"({"stale":2})");
  CAF_CHECK(states.at("targets")[3][0].is_null());
  const auto success = json::parse(matrix_json(store, "icmp", matrix_metric::success));
  CAF_CHECK(success.at("values")[3][0].is_null());
  CAF_CHECK_EQUAL(region_pairs(store, "icmp").size(), 5u);
}

CAF_TEST(a pair that was never reported is never in the matrix) {
  auto store = sample::store();
  store.never = {{"icmp", hold_kind(kinds::icmp()), "cn-south", "moon", 4}};
  const auto states = json::parse(matrix_json(store, "icmp", matrix_metric::state));
  CAF_CHECK_EQUAL(states.at("regions").dump(), R"(["cn-north","cn-south","eu-west","moon"])");
  CAF_CHECK_EQUAL(states.at("values")[1].dump(), R"(["ok",null,"failing","never"])");
  CAF_CHECK_EQUAL(states.at("states")[1][3].dump(), R"({"never":4})");
  const auto latency = json::parse(matrix_json(store, "icmp", matrix_metric::latency));
  CAF_CHECK(latency.at("values")[1][3].is_null());
  const auto regions = json::parse(regions_json(store, {})).at("regions");
  CAF_CHECK_EQUAL(regions[1].at("region").get<std::string>(), "cn-south");
  CAF_CHECK_EQUAL(regions[1].at("never_probed").get<int>(), 4);
}

CAF_TEST(a matrix of latency says what is usual) {
  auto store = sample::store();
  store.kinds[0].groups[0].sums.means.resize(store.kinds[0].averaged.size() + 1);
  store.kinds[0].groups[0].sums.means.back().add(12.5F);
  const auto out = json::parse(matrix_json(store, "icmp", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("usual")[0][1].get<double>(), 12.5);
  CAF_CHECK_EQUAL(out.at("ratio")[0][1].get<double>(), 2.5);
  CAF_CHECK(out.at("usual")[0][2].is_null());
  CAF_CHECK(out.at("ratio")[0][2].is_null());
  CAF_CHECK(!out.contains("states"));
  CAF_CHECK_EQUAL(out.at("usual_rollups")[0][1].get<int>(), 0); // a mean of the last minutes
  CAF_CHECK(out.at("usual_from_unix").is_null());
  history_series week;
  week.plan.from = 1'700'000'000;
  week.usual = {{"cn-north", "cn-south", 6.25F, 31}, {"cn-north", "eu-west", 6.25F, 2}};
  const auto now = json::parse(matrix_json(store, "icmp", matrix_metric::latency, {}, {}, &week));
  CAF_CHECK_EQUAL(now.at("usual")[0][1].get<double>(), 6.25);
  CAF_CHECK_EQUAL(now.at("ratio")[0][1].get<double>(), 5.0);
  CAF_CHECK_EQUAL(now.at("usual_rollups")[0][1].get<int>(), 31);
  CAF_CHECK_EQUAL(now.at("usual_from_unix").get<std::int64_t>(), 1'700'000'000);
  CAF_CHECK(now.at("usual")[0][2].is_null()); // of too little
}

CAF_TEST(an empty store has an empty matrix) {
  const auto out = json::parse(matrix_json({}, "icmp", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("regions").dump(), "[]");
  CAF_CHECK_EQUAL(out.at("values").dump(), "[]");
}

CAF_TEST(a matrix can be of another kind of pairs) {
  const auto store = sample::store_with_toys();
  const auto out = json::parse(matrix_json(store, "toy_mesh", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("probe_type").get<std::string>(), "toy_mesh");
  CAF_CHECK_EQUAL(out.at("regions").dump(), R"(["cn-north","cn-south"])");
  CAF_CHECK_EQUAL(out.at("values").dump(), "[[null,8.0],[null,null]]");
  CAF_CHECK_EQUAL(out.at("targets").dump(), "[[null,4],[null,null]]");
  const auto success = json::parse(matrix_json(store, "toy_mesh", matrix_metric::success));
  CAF_CHECK_EQUAL(success.at("unit").get<std::string>(), "1 or 0");
  CAF_CHECK_EQUAL(json::parse(matrix_json({}, "icmp", matrix_metric::success)).at("unit").dump(),
                  "\"1 or -1\"");
}

CAF_TEST(a failure that is told by no whole number is shown as it is) {
  for (const auto& [failed, told] : {std::pair{-0.5F, "-0.5"}, {-1e30F, "-1e+30"}, {-2.0F, "-2"}}) {
    auto kind = samples::toy_mesh();
    kind.failed = failed;
    store_snapshot store;
    store.kinds.push_back(sample::results_of(kind));
    sample::add_group(store.kinds[0], "a", "b", 1, 1, {});
    const auto out = json::parse(matrix_json(store, "toy_mesh", matrix_metric::success));
    CAF_CHECK_EQUAL(out.at("values")[0][1].dump(), told);
    CAF_CHECK_EQUAL(out.at("unit").get<std::string>(), "1 or " + std::string{told});
  }
}

CAF_TEST(there is no matrix of very many regions) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy_mesh()));
  for (std::size_t i = 1; i < 500; ++i) {
    sample::add_group(store.kinds[0], "from", "r" + std::to_string(i), 1, 0, {{2, 8}});
  }
  CAF_CHECK(!matrix_problem(store, "toy_mesh"));
  sample::add_group(store.kinds[0], "from", "one more", 1, 0, {{2, 8}});
  CAF_CHECK(
      matrix_problem(store, "toy_mesh") ==
      "the matrix of toy_mesh has 501 regions and is not made above 250000 cells; ask for a row "
      "or a column of it with source_region=REGION or target_region=REGION, or for targets: "
      "/api/v1/targets?probe_type=toy_mesh&source_region=REGION");
  CAF_CHECK(!matrix_problem(store, "toy_mesh", {}, {"from", ""}));
  CAF_CHECK(!matrix_problem(store, "toy_mesh", {}, {"", "r1"}));
  CAF_CHECK(matrix_problem(store, "toy_mesh", {}, {"", "r1000"}) ==
            "there is no region r1000 in the matrix of toy_mesh; /api/v1/regions lists them");
  CAF_CHECK(!matrix_problem(store, "icmp"));
}

CAF_TEST(regions of agents count in the size of a matrix) {
  agent_listing agents;
  for (std::size_t i = 0; i <= 500; ++i) {
    agents.agents.push_back({{"r" + std::to_string(i), "10.0.0.1"}, "", 1, 2, {}});
  }
  CAF_CHECK(matrix_problem({}, "icmp", agents));
}

CAF_TEST(a part of a matrix has the cells of the whole) {
  for (const auto metric : {matrix_metric::latency, matrix_metric::state}) {
    const auto whole = json::parse(matrix_json(sample::store(), "icmp", metric));
    const auto& regions = whole.at("regions");
    for (std::size_t i = 0; i < regions.size(); ++i) {
      const matrix_part row{regions[i].get<std::string>(), ""};
      const auto part = json::parse(matrix_json(sample::store(), "icmp", metric, {}, row));
      CAF_CHECK_EQUAL(part.at("sources").size(), 1u);
      for (std::size_t j = 0; j < part.at("destinations").size(); ++j) {
        std::size_t place = 0;
        while (regions.at(place) != part.at("destinations")[j]) {
          ++place;
        }
        for (const auto* key : {"values", "targets", "failing"}) {
          const bool same = part.at(key)[0][j] == whole.at(key)[i][place];
          CAF_CHECK(same);
        }
      }
    }
  }
}

CAF_TEST(names of kinds are those of the table and of the results) {
  const auto store = sample::store_with_toys();
  CAF_CHECK(!kind_name_problem(store, "icmp"));
  CAF_CHECK(!kind_name_problem(store, "toy"));
  CAF_CHECK(!kind_name_problem({}, "http"));
  CAF_CHECK(!kind_name_problem(store, "toy_mesh", result_group::pair));
  const auto problem = kind_name_problem(store, "http", result_group::pair);
  CAF_REQUIRE(problem);
  CAF_CHECK_EQUAL(*problem, "probe_type must be one of icmp, toy_mesh, not \"http\"");
  CAF_CHECK(kind_name_problem({}, "toy"));
}

CAF_TEST(regions are those of results of every kind) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "far", "a:1", 1, 0, {}, "near");
  const auto out = json::parse(regions_json(store, {})).at("regions");
  CAF_CHECK_EQUAL(out[0].dump(), R"({"region":"far","agents":0,"pairs_as_source":1,)"
                                 R"("pairs_as_target":0,"never_probed":0,"labels":{}})");
  CAF_CHECK_EQUAL(out[1].at("region").get<std::string>(), "near");
}

CAF_TEST(agents have their states and times) {
  auto agents = sample::agents();
  auto& first = agents.agents[0];
  first.last_push_unix = sample::now_unix;
  first.version = "1.2.3";
  first.http_addr = "10.0.0.1:8087";
  first.probe_interval_ms = 15'000;
  first.own_faults = {{"overload", "too slow", 1767316045}};
  first.backlog = agent_backlog{2, 300, 1767323000, 12};
  agents.agents[1].state = agent_state::lost;
  const auto out = json::parse(agents_json(agents)).at("agents");
  CAF_REQUIRE_EQUAL(out.size(), 2u);
  CAF_CHECK_EQUAL(out[0].dump(),
                  R"({"region":"cn-north","local_ip":"10.0.0.1","state":"ok",)"
                  R"("peer":"203.0.113.5:40212",)"
                  R"("first_seen":"2026-01-02T01:07:25Z","first_seen_unix":1767316045,)"
                  R"("last_seen":"2026-01-02T03:04:03Z","last_seen_unix":1767323043,)"
                  R"("last_push_unix":1767323045,"version":"1.2.3","http_addr":"10.0.0.1:8087",)"
                  R"("link":"http://10.0.0.1:8087/",)"
                  R"("probe_interval_ms":15000,"clock_skew_ms":1250,"misdated_results":0,)"
                  R"("refused_results":0,"shard":{"place":1,"of":1},)"
                  R"("backlog":{"batches":2,"bytes":300,"oldest_unix":1767323000},"lag_ms":12,)"
                  R"("answers_questions":false,"own_faults":[)"
                  R"({"reason":"overload","detail":"too slow","since_unix":1767316045}]})");
  CAF_CHECK(out[1].at("clock_skew_ms").is_null());
  CAF_CHECK(out[1].at("last_push_unix").is_null());
  CAF_CHECK(out[1].at("own_faults").empty());
  for (const auto* key : {"backlog", "lag_ms", "shard", "link"}) {
    CAF_CHECK(out[1].at(key).is_null());
  }
  const auto lost = json::parse(agents_json(agents, "lost")).at("agents");
  CAF_REQUIRE_EQUAL(lost.size(), 1u);
  CAF_CHECK_EQUAL(lost[0].at("local_ip").get<std::string>(), "10.0.1.1");
}

CAF_TEST(an agents page is linked where others can reach it) {
  const auto link = [](const std::string& says, const std::string& peer) {
    agent_line line;
    line.agent = {"eu", "10.0.0.1"};
    line.http_addr = says;
    line.peer = peer;
    return agent_link(line).value_or("none");
  };
  CAF_CHECK_EQUAL(link("10.0.0.9:8087", "10.0.0.1:4000"), "http://10.0.0.9:8087/");
  CAF_CHECK_EQUAL(link("https://probe.example:8087", "10.0.0.1:4000"),
                  "https://probe.example:8087/");
  CAF_CHECK_EQUAL(link(":8087", "10.0.0.1:4000"), "http://10.0.0.1:8087/");
  CAF_CHECK_EQUAL(link("[::]:8087", "10.0.0.1:4000"), "http://10.0.0.1:8087/");
  CAF_CHECK_EQUAL(link("127.0.0.1:8087", "10.0.0.1:4000"), "none");
  CAF_CHECK_EQUAL(link("127.0.0.1:8087", "127.0.0.1:4000"), "http://127.0.0.1:8087/");
  CAF_CHECK_EQUAL(link("[::1]:8087", "10.0.0.1:4000"), "none");
  CAF_CHECK_EQUAL(link("javascript:alert(1)", "10.0.0.1:4000"), "none");
  CAF_CHECK_EQUAL(link("10.0.0.9:0", "10.0.0.1:4000"), "none");
  CAF_CHECK_EQUAL(link("", "10.0.0.1:4000"), "none");
}

CAF_TEST(agents of a region that have a lease have their places) {
  agent_listing all;
  for (const auto state : {agent_state::ok, agent_state::lost, agent_state::late}) {
    agent_line line;
    line.agent = {"eu", "10.0.0." + std::to_string(all.agents.size())};
    line.state = state;
    all.agents.push_back(line);
  }
  const auto late = json::parse(agents_json(all, "late")).at("agents");
  CAF_CHECK_EQUAL(late.at(0).at("shard").dump(), R"({"place":2,"of":2})");
}

CAF_TEST(a region has the labels that the configuration gives it) {
  const auto out =
      json::parse(regions_json(sample::store(), {}, {{"cn-north", {{"continent", "asia"}}}}));
  CAF_CHECK_EQUAL(out.at("regions").at(0).at("labels").dump(), R"({"continent":"asia"})");
}

CAF_TEST(a region counts agents that are there) {
  auto agents = sample::agents();
  agents.agents[1].state = agent_state::lost;
  agents.agents.push_back({{"far", "10.9.0.1"}, "", 0, 0, std::nullopt, agent_state::left});
  const auto out = json::parse(regions_json({}, agents)).at("regions");
  CAF_REQUIRE_EQUAL(out.size(), 2u);
  CAF_CHECK_EQUAL(out[0].at("agents").get<int>(), 1);
  CAF_CHECK_EQUAL(out[1].at("agents").get<int>(), 0);
}

} // namespace api_json_suite
