#include "xprober/actors/server/history_rows.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

namespace {

history_key key_of(const probe_kind& kind, std::string_view source_region,
                   std::string_view target_region, std::string_view address) {
  const bool pair = kind.grouped_by == result_group::pair;
  return {{kind.name, kind.grouped_by, std::string{source_region},
           std::string{pair ? target_region : address}},
          phase_names(kind)};
}

/// At some 300 bytes each; a batch of a liar has millions.
constexpr std::size_t most_pairs = 10'000;

/// The series of a batch's targets. There are few pairs of regions, so each is kept.
class batch_places {
public:
  explicit batch_places(const batch_parser& batch) : batch_(batch), judge_(batch) {}

  /// Null where the store would not take the target's rows.
  history_place* find(std::uint32_t number) {
    if (!judge_.why_not(number).empty()) {
      return nullptr;
    }
    const auto target = batch_.target(number);
    if (target.kind->grouped_by == result_group::address) {
      return &at_address(target);
    }
    if (pairs_.size() >= most_pairs) {
      pairs_.clear();
    }
    // A region and a type have one place each in the batch.
    const auto [found, fresh] = pairs_.try_emplace({target.region.data(), target.type.data()});
    if (fresh) {
      found->second.key = key_of(target);
      found->second.agent = batch_.worker_name();
    }
    return &found->second;
  }

private:
  history_place& at_address(const batch_target& target) {
    if (target.kind != kind_) {
      kind_ = target.kind;
      address_ = {key_of(target)};
      address_.agent = batch_.worker_name();
    } else if (target.address != address_.key.subject.other) {
      address_.key.subject.other = target.address;
      address_.number = 0;
      address_.values = nullptr;
      address_.histogram = nullptr;
    }
    return address_;
  }
  history_key key_of(const batch_target& target) const {
    return xprober::key_of(*target.kind, batch_.source_region(), target.region, target.address);
  }

  const batch_parser& batch_;
  batch_judge judge_;
  std::map<std::pair<const char*, const char*>, history_place> pairs_;
  history_place address_;            ///< the last one of a kind that is grouped by address
  const probe_kind* kind_ = nullptr; ///< whose it is
};

/// Where results of targets count that are watched, beside the places of all.
class watched_places {
public:
  explicit watched_places(watched_targets& watched) : watched_(watched) {}

  struct name {
    std::string_view source_region;
    std::string_view region;
    std::string_view address;
    std::string_view type;
  };
  /// Null: the target is not watched.
  history_place* find(const probe_kind& kind, const name& of) {
    if (watched_.empty()) {
      return nullptr;
    }
    const auto hash = stable_hash(of.region, of.address, of.type);
    const auto* target = watched_.find(hash);
    if (target == nullptr) {
      return nullptr;
    }
    if (!target->uid) {
      watched_.learn(hash, {std::string{of.region}, std::string{of.address}, prober_name{of.type}});
    }
    if (places_.size() >= most_pairs) {
      places_.clear();
    }
    const auto [found, fresh] = places_.try_emplace({hash, &kind, std::string{of.source_region}});
    if (fresh) {
      found->second.key = {
          {kind.name, kind.grouped_by, std::string{of.source_region}, uid_text(hash), true},
          phase_names(kind)};
    }
    return &found->second;
  }

private:
  watched_targets& watched_;
  std::map<std::tuple<std::uint64_t, const probe_kind*, std::string>, history_place> places_;
};

/// What values in the old form say of a probe.
measured_probe measured_of(const probe_kind& kind, const probe_values& values) {
  const auto success = values.get(0);
  auto probe =
      measured(kind_shape{kind}, success.value_or(0) > 0 ? probe_state::ok : probe_state::failed,
               columns_of(kind, values));
  if (!success) {
    probe.success.reset();
  }
  return probe;
}

} // namespace

void read_history_rows(const history_batch& batch, watched_targets& watched,
                       const std::function<void(history_place&, std::int64_t, std::int64_t,
                                                const measured_probe&)>& visit) {
  batch_parser rows{batch.body, batch.rows};
  batch_places places{rows};
  watched_places watched_ones{watched};
  batch_row row;
  for (auto step = rows.next(row); step != batch_parser::step::end; step = rows.next(row)) {
    if (step != batch_parser::step::row) {
      continue;
    }
    const auto probe = measured(rows.shape_of(row.target), row.state, row.values);
    if (probe.empty()) {
      continue;
    }
    auto* place = places.find(row.target);
    if (place == nullptr) {
      continue;
    }
    // A liar's times must not overflow.
    constexpr auto most = std::int64_t{1} << 50U;
    const auto unix_ms =
        std::clamp(row.unix_ms, -most, most) - std::clamp(batch.skew_ms, -most, most);
    visit(*place, unix_ms, batch.received_ms, probe);
    if (watched.empty()) {
      continue;
    }
    const auto target = rows.target(row.target);
    if (auto* alone = watched_ones.find(
            *target.kind, {rows.source_region(), target.region, target.address, target.type})) {
      visit(*alone, unix_ms, batch.received_ms, probe);
    }
  }
}

void read_history_values(
    const std::vector<wire_value>& values, watched_targets& watched,
    const std::function<void(history_place&, std::int64_t, const measured_probe&)>& visit) {
  const wire_value* series = nullptr;
  bool good = false;
  probe_values probe;
  const probe_kind* kind = nullptr;
  history_place place;
  watched_places watched_ones{watched};
  const auto finish = [&] {
    if (series != nullptr && kind != nullptr && probe.size() > 0) {
      auto key = key_of(*kind, series->source_region, series->target_region, series->target_addr);
      if (key != place.key) {
        place = {std::move(key)};
      }
      place.agent = series->worker_name;
      const auto got = measured_of(*kind, probe);
      visit(place, probe.unix_seconds, got);
      if (auto* alone = watched_ones.find(*kind, {series->source_region, series->target_region,
                                                  series->target_addr, series->probe_type})) {
        visit(*alone, probe.unix_seconds, got);
      }
    }
    probe = {};
  };
  for (const auto& value : values) {
    if (series == nullptr || !same_series(*series, value)) {
      finish();
      series = &value;
      good = check_series(value).empty();
    }
    if (!good || !check_number(value).empty()) {
      continue;
    }
    const auto metric = *find_metric(value.metric_name);
    if (!add_to_probe(probe, metric, value.unix_seconds, value.value)) {
      finish();
      add_to_probe(probe, metric, value.unix_seconds, value.value);
    }
    kind = metric.kind;
  }
  finish();
}

} // namespace xprober
