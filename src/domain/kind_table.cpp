#include "xprober/domain/kind_table.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/http_header.hpp"

namespace xprober {

namespace {

using enum column_role;
using enum column_form;

kind_column success_column(std::string old_name) {
  return {"success", std::move(old_name), "probe_success", "", "", success, number, true};
}

kind_column phase_column(const std::string& name, std::string old_name, const std::string& metric) {
  return {name, std::move(old_name), metric, name, "ms", phase, number, true};
}

probe_kind make_icmp() {
  probe_kind kind{"icmp", target_form::address, result_group::pair, true, false, -1, {}};
  kind.columns = {
      success_column("ping_target_success"),
      {"drop_rate", "ping_packageDrop_rate", "xprober_probe_icmp_loss_ratio", "", "percent", loss,
       number, true},
      {"latency_ms", "ping_latency_millonseconds", "probe_icmp_duration_seconds", "rtt", "ms",
       duration, number, true, -1.0F},
      {"sent", "", "", "", "", count, whole},
      {"min_ms", "", "", "", "ms", gauge, coarse},
      {"max_ms", "", "", "", "ms", gauge, coarse},
      {"stddev_ms", "", "", "", "ms", gauge, coarse},
      {"jitter_ms", "", "", "", "ms", gauge, coarse},
      {"p50_ms", "", "", "", "ms", gauge, coarse},
      {"p90_ms", "", "", "", "ms", gauge, coarse},
      {"p99_ms", "", "", "", "ms", gauge, coarse},
      {"reply_ttl", "", "", "", "", gauge, whole},
      {"duplicates", "", "", "", "", count, whole},
      {"late", "", "", "", "", count, whole},
      {"reordered", "", "", "", "", count, whole},
  };
  return kind;
}

probe_kind make_http() {
  const std::string metric = "probe_http_duration_seconds";
  probe_kind kind{"http", target_form::url, result_group::address, false, true, 0, {}};
  kind.columns = {
      success_column("http_interface_success"),
      phase_column("resolve", "http_resolveDuration_millonseconds", metric),
      phase_column("connect", "http_connectDuration_millonseconds", metric),
      phase_column("tls", "http_tlsDuration_millonseconds", metric),
      phase_column("processing", "http_processingDuration_millonseconds", metric),
      phase_column("transfer", "http_transferDuration_millonseconds", metric),
      {"status", "", "probe_http_status_code", "", "", gauge, whole, true},
      {"cert_expiry_unix", "", "probe_ssl_earliest_cert_expiry", "", "seconds", time, whole, true},
      {"redirects", "", "", "", "", count, whole},
      {"body_bytes", "", "", "", "bytes", count, whole},
  };
  return kind;
}

kind_column expiry_column() {
  return {
      "cert_expiry_unix", "", "probe_ssl_earliest_cert_expiry", "", "seconds", time, whole, true};
}

/// Whose phases are named in the old form as KIND_PHASEDuration_millonseconds.
probe_kind make_phased(const std::string& name, target_form takes,
                       std::initializer_list<const char*> phases) {
  probe_kind kind{name, takes, result_group::address, false, true, 0, {}};
  kind.columns.push_back(success_column(name + "_target_success"));
  const auto metric = "probe_" + name + "_duration_seconds";
  for (const std::string phase : phases) {
    auto old_name = name;
    old_name.append("_").append(phase).append("Duration_millonseconds");
    kind.columns.push_back(phase_column(phase, std::move(old_name), metric));
  }
  return kind;
}

probe_kind make_tcp() {
  auto kind = make_phased("tcp", target_form::host_port, {"resolve", "connect", "tls", "exchange"});
  kind.columns.push_back(expiry_column());
  kind.columns.push_back({"steps", "", "", "", "", count, whole});
  return kind;
}

probe_kind make_tls() {
  auto kind = make_phased("tls", target_form::host_port, {"resolve", "connect", "starttls", "tls"});
  kind.columns.push_back(expiry_column());
  kind.columns.push_back({"chain_expiry_unix", "", "probe_ssl_last_chain_expiry_timestamp_seconds",
                          "", "seconds", time, whole, true});
  kind.columns.push_back({"own_expiry_unix", "", "", "", "seconds", time, whole});
  return kind;
}

probe_kind make_dns() {
  auto kind = make_phased("dns", target_form::name, {"resolve", "connect", "request"});
  const auto add = [&](const char* key, const char* metric, column_role role, bool kept,
                       const char* unit = "") {
    kind.columns.push_back({key, "", metric, "", unit, role, whole, kept});
  };
  add("answers", "probe_dns_answer_rrs", gauge, true);
  add("serial", "probe_dns_serial", gauge, true);
  add("rcode", "xprober_probe_dns_rcode", gauge, true);
  add("lowest_ttl_s", "xprober_probe_dns_lowest_ttl_seconds", gauge, true, "seconds");
  add("authorities", "probe_dns_authority_rrs", gauge, false);
  add("additionals", "probe_dns_additional_rrs", gauge, false);
  add("answer_bytes", "", gauge, false, "bytes");
  return kind;
}

constexpr std::size_t icmp_place = 0;
constexpr std::size_t http_place = 1;
constexpr std::size_t tcp_place = 2;
constexpr std::size_t tls_place = 3;
constexpr std::size_t dns_place = 4;

const auto& table() {
  static const std::array all{make_icmp(), make_http(), make_tcp(), make_tls(), make_dns()};
  return all;
}

/// What a kind's settings mean to those who do not know the kind. Null: nothing.
struct settings_use {
  bool (*has_secrets)(const kind_settings& settings) = nullptr;
  std::string (*asked_host)(const kind_settings& settings) = nullptr;
  /// Has the probe send one thing, which may be under way as long as the whole probe.
  void (*make_single)(kind_settings& settings) = nullptr;
};

settings_use use_of_icmp() {
  return {.make_single = [](kind_settings& settings) {
    settings.icmp.count = 1;
    settings.icmp.timeout = settings.icmp.deadline;
  }};
}

settings_use use_of_http() {
  return {.has_secrets =
              [](const kind_settings& settings) {
                const auto& http = settings.http;
                return !(http.basic_auth == basic_auth_config{}) ||
                       !http.bearer_token_file.empty() || !http.cert_file.empty() ||
                       std::ranges::any_of(http.headers, [](const auto& header) {
                         return may_hold_credentials(header.first);
                       });
              },
          .asked_host =
              [](const kind_settings& settings) {
                const auto& headers = settings.http.headers;
                const auto found = std::ranges::find_if(
                    headers, [](const auto& header) { return ascii::same(header.first, "Host"); });
                return found == headers.end() ? std::string{} : found->second;
              }};
}

settings_use use_of_tcp() {
  return {.has_secrets = [](const kind_settings& settings) {
    return !settings.tcp.tls_config.cert_file.empty();
  }};
}

settings_use use_of_tls() {
  return {.has_secrets = [](const kind_settings& settings) {
    return !settings.tls.tls_config.cert_file.empty();
  }};
}

settings_use use_of_dns() {
  return {.has_secrets = [](const kind_settings& settings) {
    return !settings.dns.tls_config.cert_file.empty();
  }};
}

/// Of an entry of the table; null for a kind that only another program has.
const settings_use* use_of(const probe_kind& kind) {
  static const std::array uses{use_of_icmp(), use_of_http(), use_of_tcp(), use_of_tls(),
                               use_of_dns()}; // in the order of the table
  static_assert(std::tuple_size_v<decltype(uses)> ==
                std::tuple_size_v<std::remove_cvref_t<decltype(table())>>);
  const auto found =
      std::ranges::find(table(), &kind, [](const probe_kind& each) { return &each; });
  return found == table().end() ? nullptr
                                : &uses[static_cast<std::size_t>(found - table().begin())];
}

} // namespace

std::span<const probe_kind> builtin_kinds() noexcept { return table(); }

const probe_kind* find_kind(std::string_view name) noexcept {
  const auto found = std::ranges::find(table(), name, &probe_kind::name);
  return found == table().end() ? nullptr : &*found;
}

const probe_kind& mesh_kind() noexcept {
  static const auto& found = *std::ranges::find(table(), true, &probe_kind::mesh);
  return found;
}

std::string_view kind_names() noexcept {
  static const auto names = comma_list(table(), &probe_kind::name);
  return names;
}

std::string kind_names(target_form takes) {
  std::string names;
  for (const auto& kind : table()) {
    if (kind.takes == takes) {
      append_listed(names, kind.name);
    }
  }
  return names;
}

std::optional<old_metric> find_old_metric(std::string_view name) noexcept {
  static const auto places = [] {
    std::unordered_map<std::string_view, old_metric> all;
    for (const auto& kind : table()) {
      for (std::size_t i = 0; i < kind.columns.size(); ++i) {
        if (const auto& old_name = kind.columns[i].old_name; !old_name.empty()) {
          all.emplace(old_name, old_metric{&kind, i});
        }
      }
    }
    return all;
  }();
  const auto found = places.find(name);
  return found == places.end() ? std::nullopt : std::optional{found->second};
}

bool has_secrets(const probe_kind& kind, const kind_settings& settings) {
  const auto* use = use_of(kind);
  return use != nullptr && use->has_secrets != nullptr && use->has_secrets(settings);
}

std::string asked_host(const probe_kind& kind, const kind_settings& settings) {
  const auto* use = use_of(kind);
  return use != nullptr && use->asked_host != nullptr ? use->asked_host(settings) : std::string{};
}

module_config ad_hoc_module(const probe_kind& kind, const kind_settings& settings) {
  module_config module{kind, settings};
  if (const auto* use = use_of(kind); use != nullptr && use->make_single != nullptr) {
    use->make_single(module);
  }
  return module;
}

namespace kinds {

const probe_kind& icmp() noexcept { return table()[icmp_place]; }
const probe_kind& http() noexcept { return table()[http_place]; }
const probe_kind& tcp() noexcept { return table()[tcp_place]; }
const probe_kind& tls() noexcept { return table()[tls_place]; }
const probe_kind& dns() noexcept { return table()[dns_place]; }

} // namespace kinds

} // namespace xprober
