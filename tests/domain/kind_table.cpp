#define CAF_SUITE kind_table
#include "xprober/domain/kind_table.hpp"

#include <set>

#include "xprober/domain/config.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_table_suite {

using namespace xprober;

CAF_TEST(every kind of the table is described well) {
  std::set<std::string> names;
  std::set<std::string> old_names;
  for (const auto& kind : builtin_kinds()) {
    CAF_MESSAGE(kind.name);
    CAF_CHECK_EQUAL(kind_problem(kind), "");
    CAF_CHECK(names.insert(kind.name).second);
    CAF_CHECK(find_kind(kind.name) == &kind);
    for (const auto& column : kind.columns) {
      // The old form knows a metric by its name alone.
      CAF_CHECK(column.old_name.empty() || old_names.insert(column.old_name).second);
      CAF_CHECK(column.old_name.empty() || column.kept);
    }
  }
  CAF_CHECK(find_kind("ICMP") == nullptr);
  CAF_CHECK(find_kind("") == nullptr);
}

CAF_TEST(one kind makes the mesh) {
  std::size_t count = 0;
  for (const auto& kind : builtin_kinds()) {
    count += kind.mesh ? 1 : 0;
  }
  CAF_CHECK_EQUAL(count, 1u);
  CAF_CHECK(&mesh_kind() == &kinds::icmp());
  CAF_CHECK(mesh_kind().grouped_by == result_group::pair);
}

CAF_TEST(the metrics of go agents are found by their names) {
  const auto latency = find_old_metric("ping_latency_millonseconds");
  CAF_REQUIRE(latency.has_value());
  CAF_CHECK(latency->kind == &kinds::icmp());
  CAF_CHECK_EQUAL(latency->column, kinds::icmp_column::latency);
  const auto tls = find_old_metric("http_tlsDuration_millonseconds");
  CAF_REQUIRE(tls.has_value());
  CAF_CHECK(tls->kind == &kinds::http());
  CAF_CHECK(!find_old_metric("http_tlsDuration"));
}

CAF_TEST(kinds are listed by what they take) {
  CAF_CHECK_EQUAL(kind_names(), "icmp, http, tcp, tls, dns");
  CAF_CHECK_EQUAL(kind_names(target_form::address), "icmp");
  CAF_CHECK_EQUAL(kind_names(target_form::host_port), "tcp, tls");
}

CAF_TEST(the name that a server is asked for is a header of http) {
  kind_settings settings;
  CAF_CHECK_EQUAL(asked_host(kinds::http(), settings), "");
  settings.http.headers = {{"Accept", "*/*"}, {"host", "shop.test"}};
  CAF_CHECK_EQUAL(asked_host(kinds::http(), settings), "shop.test");
  for (const auto& kind : builtin_kinds()) {
    CAF_CHECK(&kind == &kinds::http() || asked_host(kind, settings).empty());
  }
  // Of another program, whose http may be another.
  const auto foreign = kinds::http();
  CAF_CHECK_EQUAL(asked_host(foreign, settings), "");
  CAF_CHECK(!has_secrets(foreign, settings));
}

CAF_TEST(the module of a kind sends one echo) {
  kind_settings settings;
  settings.icmp.deadline = milliseconds{7000};
  settings.icmp.timeout = milliseconds{100};
  const auto ping = ad_hoc_module(kinds::icmp(), settings);
  CAF_CHECK(ping.prober == &kinds::icmp());
  CAF_CHECK_EQUAL(ping.icmp.count, 1u);
  CAF_CHECK(ping.icmp.timeout == milliseconds{7000});
  CAF_CHECK(ad_hoc_module(kinds::http(), settings) == module_config(kinds::http(), settings));
}

CAF_TEST(places of columns are what they are called) {
  const auto& icmp = kinds::icmp().columns;
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::loss].key, "drop_rate");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::latency].key, "latency_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::sent].key, "sent");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::min].key, "min_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::max].key, "max_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::stddev].key, "stddev_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::jitter].key, "jitter_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::p50].key, "p50_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::p90].key, "p90_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::p99].key, "p99_ms");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::reply_ttl].key, "reply_ttl");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::duplicates].key, "duplicates");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::late].key, "late");
  CAF_CHECK_EQUAL(icmp[kinds::icmp_column::reordered].key, "reordered");
  const auto& http = kinds::http().columns;
  CAF_CHECK_EQUAL(http[kinds::http_column::first_phase].key, "resolve");
  CAF_CHECK_EQUAL(http[kinds::http_column::status].key, "status");
  CAF_CHECK_EQUAL(http[kinds::http_column::cert_expiry].key, "cert_expiry_unix");
  CAF_CHECK_EQUAL(http[kinds::http_column::redirects].key, "redirects");
  CAF_CHECK_EQUAL(http[kinds::http_column::body_bytes].key, "body_bytes");
}

} // namespace kind_table_suite
