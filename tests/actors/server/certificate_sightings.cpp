#define CAF_SUITE certificate_sightings

#include "xprober/actors/server/certificate_sightings.hpp"

#include "caf/test/unit_test.hpp"

namespace certificate_sightings_suite {

using namespace xprober;

namespace {

chain_page page(std::int64_t own_end, std::int64_t middle_end) {
  certificate_row row;
  row.chain = {{"CN=shop", "CN=middle", {}, 1, own_end, "", "aa"},
               {"CN=middle", "CN=root", {}, 1, middle_end, "", "bb"}};
  row.first = first_to_end(row.chain);
  row.shown = {{{"eu", "shop:443", prober_name{"tls"}}, {}, false}};
  chain_page out;
  out.certificates.push_back(row);
  return out;
}

const std::vector<seen_certificate> seen{{{"eu", "shop:443", prober_name{"tls"}}, "tls", 500}};

} // namespace

CAF_TEST(the certificate of the chain that ends is named) {
  const auto middle = page(900, 500);
  const auto sightings = certificate_sightings(seen, &middle, nullptr);
  CAF_REQUIRE_EQUAL(sightings.size(), 1U);
  CAF_CHECK_EQUAL(sightings[0].subject, "CN=middle");
  CAF_CHECK(!sightings[0].own);
  const auto own = page(500, 900);
  const auto of_own = certificate_sightings(seen, &own, nullptr);
  CAF_CHECK_EQUAL(of_own[0].subject, "CN=shop");
  CAF_CHECK(of_own[0].own);
}

CAF_TEST(where nobody knows the chain or it has another end none is named) {
  const auto renewed = page(900, 800);
  for (const auto* chains : {static_cast<const chain_page*>(nullptr), &renewed}) {
    const auto sightings = certificate_sightings(seen, chains, nullptr);
    CAF_REQUIRE_EQUAL(sightings.size(), 1U);
    CAF_CHECK_EQUAL(sightings[0].subject, "");
    CAF_CHECK_EQUAL(sightings[0].fingerprint, "500");
    CAF_CHECK_EQUAL(sightings[0].target, "shop:443");
  }
}

CAF_TEST(a sighting has the region and the labels of its target) {
  target_labels::builder builder;
  const std::vector<std::string> addresses{"shop:443"};
  builder.add(prober_name{"tls"}, "eu", addresses, {{"team", "web"}});
  const auto labels = builder.finish();
  const auto sightings = certificate_sightings(seen, nullptr, labels.get());
  CAF_REQUIRE_EQUAL(sightings.size(), 1U);
  CAF_CHECK(sightings[0].labels ==
            (std::vector<incident_label>{{"region", "eu"}, {"team", "web"}}));
}

} // namespace certificate_sightings_suite
