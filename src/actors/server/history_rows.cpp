#include "xprober/actors/server/history_rows.hpp"

#include <algorithm>
#include <string_view>

#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

namespace {

/// The series of a batch's targets. Neighbours are mostly of one region, so its key is kept.
class batch_keys {
public:
  explicit batch_keys(const batch_parser& batch) : batch_(batch) {
    key_.source_region = batch.source_region();
    names_.worker_name = batch.worker_name();
    names_.source_region = batch.source_region();
  }

  /// Null where the store would not take the target's rows.
  const history_key* find(std::uint32_t number) {
    const auto target = batch_.target(number);
    const bool pair = target.form == row_form::icmp;
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
    const auto builtin = parse_probe_type(target.type);
    if (!check_series(names_).empty() || (builtin && (*builtin == probe_type::icmp) != pair)) {
      return nullptr;
    }
    key_.kind = pair ? history_kind::pair : history_kind::url;
    key_.other = pair ? target.region : target.address;
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
  const char* region_ = nullptr; ///< of the pair in `key_`, as the dictionary has it
  const char* type_ = nullptr;
};

measured_probe measured_of(const probe_values& values) {
  measured_probe probe;
  if (const auto success = values.get(metric_index::success)) {
    probe.success = *success > 0;
  }
  if (values.type == probe_type::icmp) {
    probe.value_ms = values.get(metric_index::ping_latency);
    probe.loss_percent = values.get(metric_index::ping_drop_rate);
    return probe;
  }
  probe.form = row_form::http;
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    probe.phases_ms[i] = values.get(metric_index::first_http_phase + i);
  }
  probe.sum_phases();
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
    const auto probe = measured(row, rows.target(row.target).form);
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
  const auto finish = [&] {
    if (series != nullptr && probe.size() > 0) {
      const bool pair = probe.type == probe_type::icmp;
      visit({pair ? history_kind::pair : history_kind::url, series->source_region,
             pair ? series->target_region : series->target_addr},
            probe.unix_seconds, measured_of(probe));
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
  }
  finish();
}

} // namespace xprober
