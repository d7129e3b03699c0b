#define CAF_SUITE series_pack

#include "xprober/storage/series_pack.hpp"

#include <string>
#include <utility>
#include <vector>

#include "caf/test/dsl.hpp"

namespace series_pack_suite {

using namespace xprober::storage;

namespace {

kept_series named(std::string address, std::string detail = "") {
  kept_series series;
  series.source_region = "us";
  series.address = std::move(address);
  series.detail = std::move(detail);
  series.state = 2;
  series.streak = 7;
  series.usual_ms = 1.5F;
  return series;
}

std::vector<kept_series> read(const std::vector<std::string>& pieces) {
  std::vector<kept_series> all;
  for (const auto& piece : pieces) {
    CAF_CHECK_EQUAL(read_series_piece(piece, all), "");
  }
  return all;
}

} // namespace

CAF_TEST(what was packed is there again) {
  series_pack pack;
  const std::vector<kept_series> both{named("a"), named("b", "it fails")};
  {
    const auto passing = both; // what is packed need not live on
    for (const auto& series : passing) {
      pack.add(series);
    }
  }
  CAF_CHECK_EQUAL(pack.series(), 2u);
  const auto pieces = pack.take();
  CAF_CHECK_EQUAL(pieces.size(), 1u);
  CAF_CHECK(read(pieces) == both);
  CAF_CHECK_EQUAL(pack.series(), 0u);
  CAF_CHECK(pack.take().empty());
  pack.add(both[1]);
  CAF_CHECK(read(pack.take()) == std::vector<kept_series>{both[1]});
}

CAF_TEST(very many are several pieces in their order) {
  series_pack pack;
  std::vector<kept_series> all;
  for (int i = 0; i < 120'000; ++i) {
    all.push_back(named("host-" + std::to_string(i)));
    pack.add(all.back());
  }
  const auto pieces = pack.take();
  CAF_CHECK_EQUAL(pieces.size(), 3u);
  CAF_CHECK(read(pieces) == all);
}

CAF_TEST(a series with a text that is too long is left out) {
  series_pack pack;
  pack.add(named("a", std::string(longest_kept_text + 1, 'x')));
  pack.add(named("b", std::string(longest_kept_text, 'x')));
  CAF_CHECK_EQUAL(pack.series(), 1u);
  const auto left = read(pack.take());
  CAF_REQUIRE_EQUAL(left.size(), 1u);
  CAF_CHECK_EQUAL(left[0].address, "b");
}

CAF_TEST(what is no piece says so) {
  std::vector<kept_series> none;
  CAF_CHECK(!read_series_piece("no frame", none).empty());
  CAF_CHECK(none.empty());
}

} // namespace series_pack_suite
