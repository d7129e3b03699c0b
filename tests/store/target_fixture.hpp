#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/old_names.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/store/store_table.hpp"

#include "caf/test/unit_test.hpp"

namespace target_fixture {

using namespace xprober;
using namespace std::chrono_literals;

inline constexpr std::int64_t noon = 1'700'000'000;
inline constexpr monotonic_time t0{1h};

/// One result in the old form: it succeeds, or fails.
inline void put(store_table& into, std::string source, std::string agent, std::string region,
                std::string target, bool ok, std::int64_t unix_seconds = noon) {
  const bool url = target.starts_with("http");
  const auto& kind = url ? kinds::http() : kinds::icmp();
  const std::vector<wire_value> batch{
      {std::move(agent), std::string{url ? old_names::http_success : old_names::ping_success},
       std::move(target), std::move(source), std::move(region), kind.name, unix_seconds,
       ok ? 1.0F : kind.failed}};
  CAF_REQUIRE_EQUAL(into.ingest(batch, t0).rejected, 0u);
}

/// Four rows: two of one target, of which one fails, and two URLs.
inline store_table some_table() {
  store_table table{300s};
  put(table, "us", "a", "eu", "10.0.0.1", true, noon + 1);
  put(table, "asia", "b", "eu", "10.0.0.1", false, noon + 2);
  put(table, "us", "a", "web", "http://Shop.example/", true, noon + 3);
  put(table, "us", "a", "web", "http://pay.example/", false, noon + 4);
  return table;
}

} // namespace target_fixture
