#include "xprober/actors/server/history_rows.hpp"

#include <algorithm>
#include <string_view>

#include "xprober/domain/label_text.hpp"
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

/// The series of a batch's targets. Neighbours are mostly of one region, so its key is kept.
class batch_keys {
public:
  explicit batch_keys(const batch_parser& batch) : batch_(batch) {
    names_.worker_name = batch.worker_name();
    names_.source_region = batch.source_region();
  }

  /// Null where the store would not take the target's rows.
  const history_key* find(std::uint32_t number) {
    const auto target = batch_.target(number);
    const bool pair = target.kind->grouped_by == result_group::pair;
    if (pair && target.region.data() == region_ && target.type.data() == type_) {
      const auto& address = target.address;
      const bool good =
          !address.empty() && address.size() <= max_address_bytes && is_clean_text(address);
      return good ? &key_ : nullptr;
    }
    names_.target_addr = target.address;
    names_.target_region = target.region;
    names_.probe_type = target.type;
    region_ = nullptr;
    if (!check_series(names_).empty() || !check_kind(target.type, *target.kind).empty()) {
      return nullptr;
    }
    if (target.kind != kind_) {
      kind_ = target.kind;
      key_ = key_of(*kind_, batch_.source_region(), target.region, target.address);
    } else {
      key_.subject.other = pair ? target.region : target.address;
    }
    if (pair) {
      region_ = target.region.data();
      type_ = target.type.data();
    }
    return &key_;
  }

private:
  const batch_parser& batch_;
  wire_value names_;
  history_key key_;
  const probe_kind* kind_ = nullptr; ///< whose key it is
  const char* region_ = nullptr;     ///< of the pair in `key_`, as the dictionary has it
  const char* type_ = nullptr;
};

/// What values in the old form say of a probe.
measured_probe measured_of(const probe_kind& kind, const probe_values& values) {
  const auto success = values.get(0);
  auto probe = measured(kind, success.value_or(0) > 0 ? probe_state::ok : probe_state::failed,
                        columns_of(kind, values));
  if (!success) {
    probe.success.reset();
  }
  return probe;
}

} // namespace

void read_history_rows(const history_batch& batch,
                       const std::function<void(const history_key&, std::int64_t, std::int64_t,
                                                const measured_probe&)>& visit) {
  batch_parser rows{batch.body, batch.rows};
  batch_keys keys{rows};
  batch_row row;
  for (auto step = rows.next(row); step != batch_parser::step::end; step = rows.next(row)) {
    if (step != batch_parser::step::row) {
      continue;
    }
    const auto probe = measured(*rows.target(row.target).kind, row.state, row.values);
    if (probe.empty()) {
      continue;
    }
    if (const auto* key = keys.find(row.target)) {
      // A liar's times must not overflow.
      constexpr auto most = std::int64_t{1} << 50U;
      visit(*key, std::clamp(row.unix_ms, -most, most) - std::clamp(batch.skew_ms, -most, most),
            batch.received_ms, probe);
    }
  }
}

void read_history_values(
    const std::vector<wire_value>& values,
    const std::function<void(const history_key&, std::int64_t, const measured_probe&)>& visit) {
  const wire_value* series = nullptr;
  bool good = false;
  probe_values probe;
  const probe_kind* kind = nullptr;
  const auto finish = [&] {
    if (series != nullptr && kind != nullptr && probe.size() > 0) {
      visit(key_of(*kind, series->source_region, series->target_region, series->target_addr),
            probe.unix_seconds, measured_of(*kind, probe));
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
