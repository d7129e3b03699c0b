#define CAF_SUITE certificate_routes

#include "xprober/web/certificate_routes.hpp"

#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace certificate_routes_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

constexpr std::int64_t now = 1'000'000;

std::string problem_of(const std::string& query) {
  std::string problem;
  CAF_CHECK(!read_chain_query(net::query_params{query}, now, problem));
  return problem;
}

chain_page sample_page() {
  certificate_row row;
  row.chain = {{"CN=shop", "CN=middle", {"shop.test"}, 1, 900, "EC 256", "aa"},
               {"", "", {}, 0, 0, "", "bb"}};
  row.state = chain_state::incomplete;
  row.targets = 3;
  row.differing = 1;
  row.sources = {"eu", "us"};
  row.shown = {{{"eu", "shop:443", prober_name{"tls"}},
                {{{"eu", "10.0.0.1"}, "aa", "accepted"}, {{"us", "10.0.0.2"}, "cc", ""}},
                true}};
  row.shown[0].seen_by = 200;
  row.refused = 1;
  row.refusals = {"tls_expired"};
  chain_page page;
  page.certificates = {row};
  page.matching = 5;
  page.counts = {2, 1, 4, 2, 7, 0};
  return page;
}

} // namespace

CAF_TEST(every term can be asked for) {
  std::string problem;
  const auto plain = read_chain_query(net::query_params{""}, now, problem);
  CAF_REQUIRE(plain);
  CAF_CHECK_EQUAL(plain->limit, 100U);
  CAF_CHECK_EQUAL(plain->targets, 10U);
  CAF_CHECK(!plain->until_unix);
  const auto all = read_chain_query(
      net::query_params{"q=Shop&uid=00000000000000ff&ends_within=2d&differing=true&targets=0&limit="
                        "7&cursor=14&fingerprint=" +
                        std::string(64, 'a')},
      now, problem);
  CAF_REQUIRE(all);
  CAF_CHECK_EQUAL(all->text, "Shop");
  CAF_CHECK(all->target == std::optional<std::uint64_t>{255});
  CAF_CHECK(all->until_unix == std::optional<std::int64_t>{now + 2 * 86'400});
  CAF_CHECK(all->differing);
  CAF_CHECK_EQUAL(all->targets, 0U);
  CAF_CHECK_EQUAL(all->limit, 7U);
  CAF_CHECK_EQUAL(all->offset, 14U);
  CAF_CHECK_EQUAL(all->fingerprint.size(), 64U);
}

CAF_TEST(what cannot be asked is said) {
  CAF_CHECK(problem_of("color=red").find("color") != std::string::npos);
  CAF_CHECK(problem_of("uid=1").starts_with("uid must have 16"));
  CAF_CHECK(problem_of("fingerprint=aa").starts_with("fingerprint must be"));
  CAF_CHECK(problem_of("ends_within=soon").starts_with("ends_within must be"));
  CAF_CHECK(problem_of("differing=maybe").find("differing") != std::string::npos);
  CAF_CHECK(
      problem_of("targets=1001").starts_with("targets must be a whole number from 0 to 1000"));
  CAF_CHECK(problem_of("cursor=-1").starts_with("cursor must be"));
  CAF_CHECK(!problem_of("limit=0").empty());
}

CAF_TEST(a row has its chain and who sees what) {
  chain_query query;
  query.offset = 3;
  const auto out = json::parse(certificates_json(sample_page(), query));
  CAF_CHECK_EQUAL(out["matching"].get<int>(), 5);
  CAF_CHECK_EQUAL(out["next"].get<std::string>(), "4");
  CAF_CHECK_EQUAL(out["known"]["left_out"].get<int>(), 7);
  const auto& row = out["certificates"].at(0);
  CAF_CHECK_EQUAL(row["subject"].get<std::string>(), "CN=shop");
  CAF_CHECK_EQUAL(row["chain_state"].get<std::string>(), "incomplete");
  CAF_CHECK(row["ends_first"]["own"].get<bool>());
  CAF_CHECK_EQUAL(row["ends_first"]["not_after_unix"].get<int>(), 900);
  CAF_CHECK(row["chain"].at(1)["subject"].is_null());
  CAF_CHECK(row["chain"].at(1)["not_after_unix"].is_null());
  const auto& shown = row["shown"].at(0);
  CAF_CHECK_EQUAL(shown["uid"].get<std::string>().size(), 16U);
  CAF_CHECK(shown["differs"].get<bool>());
  CAF_CHECK_EQUAL(shown["seen_by"].get<int>(), 200);
  CAF_CHECK_EQUAL(row["refusals"].at(0).get<std::string>(), "tls_expired");
  CAF_CHECK_EQUAL(shown["seen"].at(0)["verdict"].get<std::string>(), "accepted");
  CAF_CHECK(shown["seen"].at(1)["verdict"].is_null());
  auto nameless = sample_page();
  nameless.certificates[0].chain[0].subject = "";
  const auto told = json::parse(certificates_json(nameless, {}))["certificates"].at(0);
  CAF_CHECK(told["subject"] == json(""));
  CAF_CHECK(told["ends_first"]["subject"] == json(""));
  query.offset = 4;
  CAF_CHECK(json::parse(certificates_json(sample_page(), query))["next"].is_null());
}

} // namespace certificate_routes_suite
