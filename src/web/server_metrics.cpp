#include "xprober/web/server_metrics.hpp"

#include <algorithm>
#include <span>

#include "xprober/domain/wire/wire.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/metrics_common.hpp"
#include "xprober/web/target_metrics.hpp"

namespace xprober::web {

namespace {

using enum metric_type;

// -- the seed's names -----------------------------------------------------------------------------

template <class Value>
void icmp_family(prometheus_text& out, const store_snapshot& store, std::string_view name,
                 std::string_view help, Value value) {
  out.family(name, gauge, help);
  for (const auto& pair : store.icmp) {
    if (const std::optional<double> number = value(pair)) {
      out.sample(*number,
                 {{"source_region", pair.source_region}, {"target_region", pair.target_region}});
    }
  }
}

void append_icmp(prometheus_text& out, const store_snapshot& store) {
  icmp_family(out, store, metric_names::ping_latency,
              "Mean round-trip time between two regions in milliseconds.",
              [](const icmp_pair& pair) { return pair.latency_ms; });
  icmp_family(out, store, metric_names::ping_drop_rate,
              "Mean percent of echoes lost between two regions.",
              [](const icmp_pair& pair) { return pair.drop_rate; });
  icmp_family(out, store, metric_names::ping_success,
              "1 unless every target between two regions fails, then -1.",
              [](const icmp_pair& pair) { return std::optional<double>(pair.success); });
}

void append_http(prometheus_text& out, const store_snapshot& store) {
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    const auto phase = static_cast<http_phase>(i);
    out.family(metric_name(phase), gauge,
               "Mean duration of the " + std::string(to_string(phase)) + " phase in milliseconds.");
    for (const auto& pair : store.http) {
      if (pair.phases_ms[i]) {
        out.sample(*pair.phases_ms[i],
                   {{"source_region", pair.source_region}, {"addr", pair.addr}});
      }
    }
  }
  out.family(metric_names::http_success, gauge,
             "1 unless every agent of the region fails, then 0.");
  for (const auto& pair : store.http) {
    out.sample(pair.success, {{"source_region", pair.source_region}, {"addr", pair.addr}});
  }
}

// -- the conventional names -----------------------------------------------------------------------

bool known(const std::optional<double>& value) { return value && *value >= 0; }

class stored_rows {
public:
  stored_rows(prometheus_text& out, const std::vector<stored_target>& targets,
              const target_labels* labels)
      : out_(out), targets_(targets.data(), std::min(targets.size(), max_metric_targets)) {
    if (labels != nullptr) {
      for (const auto& t : targets_) {
        labels_.push_back(labels->find(t.target));
      }
    }
  }

  /// `value` gives a number or nothing.
  template <class Value>
  void family(std::string_view name, std::string_view help, Value value) {
    out_.family(name, gauge, help);
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (const std::optional<double> number = value(targets_[i])) {
        name_labels(i);
        out_.sample(*number, std::span<const metric_label>{row_});
      }
    }
  }

  /// `value` calls its second argument with the name of a phase and its milliseconds.
  template <class Value>
  void phases(std::string_view name, std::string_view help, Value value) {
    out_.family(name, gauge, help);
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      value(targets_[i], [&](std::string_view phase, double ms) {
        name_labels(i);
        row_.push_back({"phase", phase});
        out_.sample(ms / 1000, std::span<const metric_label>{row_});
      });
    }
  }

  std::size_t shown() const noexcept { return targets_.size(); }

private:
  void name_labels(std::size_t i) {
    const auto& t = targets_[i];
    row_ = {{"source_region", t.source_region},
            {"agent", t.agent},
            {"target", t.target.address},
            {"target_region", t.target.region},
            {"probe_type", to_string(t.target.type)}};
    if (!labels_.empty() && labels_[i] != nullptr) {
      for (const auto& [name, value] : *labels_[i]) {
        row_.push_back({name, value});
      }
    }
  }

  prometheus_text& out_;
  std::span<const stored_target> targets_;
  std::vector<const label_list*> labels_; ///< of each target; empty: there are none at all
  std::vector<metric_label> row_;
};

void append_targets(prometheus_text& out, const store_snapshot& store,
                    const target_labels* labels) {
  stored_rows rows(out, store.targets, labels);
  rows.family("probe_success", "Whether the latest probe succeeded.", [](const stored_target& t) {
    return t.success ? std::optional<double>(*t.success > 0 ? 1 : 0) : std::nullopt;
  });
  rows.family("probe_duration_seconds", "All phases of the latest HTTP probe together.",
              [](const stored_target& t) {
                const auto ms = phases_sum(t);
                return ms ? std::optional<double>(*ms / 1000) : std::nullopt;
              });
  rows.phases("probe_icmp_duration_seconds", "Mean round-trip time of the latest probe.",
              [](const stored_target& t, auto sample) {
                if (known(t.latency_ms)) {
                  sample("rtt", *t.latency_ms);
                }
              });
  rows.family("xprober_probe_icmp_loss_ratio", "Share of echoes that were not answered.",
              [](const stored_target& t) {
                return known(t.drop_rate) ? std::optional<double>(*t.drop_rate / 100)
                                          : std::nullopt;
              });
  rows.phases("probe_http_duration_seconds", "Duration of each completed phase.",
              [](const stored_target& t, auto sample) {
                for (std::size_t i = 0; i < http_phase_count; ++i) {
                  if (known(t.phases_ms[i])) {
                    sample(to_string(static_cast<http_phase>(i)), *t.phases_ms[i]);
                  }
                }
              });
  out.single("xprober_metrics_targets_omitted", gauge,
             "Targets without rows of their own because there are too many.",
             static_cast<double>(store.targets.size() - rows.shown()));
}

void append_ingest(prometheus_text& out, const stats_snapshot& stats) {
  const auto& ingest = stats.ingest;
  const auto count = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out.single(name, counter, help, static_cast<double>(value));
  };
  count("xprober_results_received_total", "Values that agents pushed.", ingest.received);
  count("xprober_results_accepted_total", "Values taken into the store.", ingest.accepted);
  count("xprober_results_rejected_total", "Values that could not be used.", ingest.rejected);
  count("xprober_duplicate_batches_total", "Batches that came again.", ingest.duplicate_batches);
  count("xprober_batches_total", "Batches taken over, each once.", stats.journal.batches);
  count("xprober_missing_batches_total", "Gaps in the numbers of agents' batches.",
        stats.journal.missing_batches);
  count("xprober_refused_batches_total", "Batches that could not be kept; their agents keep them.",
        stats.journal.refused_batches);
  out.single("xprober_stored_series", gauge, "Series in the store.",
             static_cast<double>(ingest.stored_series));
}

void append_discovery(prometheus_text& out, const stats_snapshot& stats) {
  const auto family = [&](std::string_view name, metric_type type, std::string_view help,
                          auto value) {
    out.family(name, type, help);
    for (const auto& source : stats.discovery.sources) {
      out.sample(static_cast<double>(value(source)), {{"source", source.source}});
    }
  };
  using row = discovery_source_stats;
  family("xprober_discovery_targets", gauge, "Targets of the source's last good list.",
         [](const row& s) { return s.targets; });
  family("xprober_discovery_refreshes_total", counter, "Lists that could be used.",
         [](const row& s) { return s.ok; });
  family("xprober_discovery_failures_total", counter, "Attempts that gave no list for use.",
         [](const row& s) { return s.failed; });
  family("xprober_discovery_up", gauge, "1 unless the last attempt failed, then 0.",
         [](const row& s) { return s.last_error.empty() ? 1 : 0; });
  family("xprober_discovery_last_success_timestamp_seconds", gauge,
         "When the last list came, as Unix time; 0: not since the start.",
         [](const row& s) { return s.last_ok_unix; });
  out.single("xprober_target_label_conflicts", gauge,
             "Targets that were named again with other labels.",
             static_cast<double>(stats.targets.label_conflicts));
}

void append_remote_write(prometheus_text& out, const stats_snapshot& stats) {
  const auto each = [&](std::string_view name, metric_type type, std::string_view help,
                        auto value) {
    out.family(name, type, help);
    for (const auto& line : stats.remote_write) {
      out.sample(static_cast<double>(value(line)),
                 {{"name", line.queue.name}, {"url", line.receiver.url}});
    }
  };
  each("xprober_remote_write_values_sent_total", counter, "Values that a receiver has taken.",
       [](const remote_write_stats& s) { return s.queue.sent; });
  each("xprober_remote_write_values_failed_total", counter,
       "Values that a receiver has refused for good.",
       [](const remote_write_stats& s) { return s.queue.failed; });
  each("xprober_remote_write_values_dropped_total", counter,
       "Values dropped because the queue was full or because they came too late.",
       [](const remote_write_stats& s) { return s.queue.dropped; });
  each("xprober_remote_write_values_pending", gauge, "Values that wait for a receiver.",
       [](const remote_write_stats& s) { return s.queue.pending; });
  each("xprober_remote_write_pending_bytes", gauge,
       "Bytes of the journal that wait for a receiver.",
       [](const remote_write_stats& s) { return s.queue.pending_bytes; });
  each("xprober_remote_write_requests_total", counter, "Requests that a receiver has taken.",
       [](const remote_write_stats& s) { return s.receiver.requests; });
  each("xprober_remote_write_retries_total", counter, "Attempts that failed and were repeated.",
       [](const remote_write_stats& s) { return s.receiver.retries; });
  each("xprober_remote_write_sent_bytes_total", counter, "Bytes sent, compressed.",
       [](const remote_write_stats& s) { return s.receiver.bytes; });
  each("xprober_remote_write_last_success_timestamp_seconds", gauge,
       "When a receiver last took a request.",
       [](const remote_write_stats& s) { return s.receiver.last_ok_unix; });
}

void append_history(prometheus_text& out, const history_stats& history) {
  if (!history.enabled) {
    return;
  }
  const auto single = [&](std::string_view name, metric_type type, std::string_view help,
                          std::uint64_t value) {
    out.single(name, type, help, static_cast<double>(value));
  };
  single("xprober_history_results_total", counter, "Results rolled up.", history.results);
  single("xprober_history_omitted_total", counter, "Results of series above history.max_series.",
         history.omitted);
  single("xprober_history_too_old_total", counter, "Results from before all that is kept.",
         history.too_old);
  single("xprober_history_dropped_values_total", counter,
         "Values dropped because too many waited for the history.", history.dropped);
  single("xprober_history_waiting_values", gauge, "Values not in roll-ups on disk yet.",
         history.waiting);
  single("xprober_history_failed_writes_total", counter, "Writes that will be tried again.",
         history.failed);
  single("xprober_history_series", gauge, "Region pairs and URLs.", history.series);
  single("xprober_history_bytes", gauge, "Size of the file.", history.bytes);
  out.family("xprober_history_rows", gauge, "Roll-ups on disk.");
  for (std::size_t level = 0; level < history_levels; ++level) {
    out.sample(static_cast<double>(history.rows[level]), {{"level", history_level_name(level)}});
  }
}

void append_clocks(prometheus_text& out, const agent_listing& agents) {
  out.family("xprober_agent_clock_skew_seconds", gauge,
             "How much an agent's clock is ahead of this server's.");
  for (const auto& line : agents.agents) {
    if (line.clock_skew_ms) {
      out.sample(static_cast<double>(*line.clock_skew_ms) / 1000,
                 {{"region", line.agent.region}, {"agent", line.agent.local_ip}});
    }
  }
}

} // namespace

std::string server_metrics(const stats_snapshot& stats, const store_snapshot& store,
                           const agent_listing& agents, const target_labels* labels) {
  prometheus_text out;
  append_icmp(out, store);
  append_http(out, store);
  append_process_metrics(out, stats);
  out.single("xprober_agents", gauge, "Agents that hold a lease.",
             static_cast<double>(stats.agents));
  append_target_counts(out, stats.targets);
  append_ingest(out, stats);
  append_discovery(out, stats);
  append_remote_write(out, stats);
  append_history(out, stats.history);
  append_clocks(out, agents);
  if (!store.targets.empty()) {
    append_targets(out, store, labels);
  }
  return out.take();
}

} // namespace xprober::web
