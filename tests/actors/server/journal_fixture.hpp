#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/actors/server/journal.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "support/actor_reaper.hpp"
#include "support/samples.hpp"

namespace xprober {

/// A real journal on disk in front of a real store.
struct journal_fixture : xprober_fixture {
  journal_fixture() { log::set_level(log::level::off); }

  test::folder folder;
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  store_actor values = open_store();
  journal_actor subject = open(folder.path());

  store_actor open_store() {
    return reaper.keep(sys.spawn(store, counters, std::chrono::seconds{300}));
  }
  journal_actor open(const std::string& directory, caf::timespan ttl = std::chrono::seconds{300}) {
    return reaper.keep(sys.spawn(journal, directory, values, counters, ttl, registry_actor{}));
  }

  /// Both start again; the store begins empty.
  void restart() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    caf::anon_send_exit(values, caf::exit_reason::kill);
    reaper.settle();
    values = open_store();
    subject = open(folder.path());
  }

  /// A batch of one result for each mean, of targets 10.0.0.0, 10.0.0.1 and so on.
  static std::string batch(std::uint8_t agent, std::uint64_t sequence,
                           const std::vector<float>& means) {
    batch_encoder encoder{{"cn-south", "10.1.1." + std::to_string(agent)}};
    for (std::size_t i = 0; i < means.size(); ++i) {
      auto outcome = samples::success();
      outcome.started = wall_clock::now();
      outcome.values.set(kinds::icmp_column::latency, means[i]);
      encoder.add(*samples::result(
          samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i)), outcome));
    }
    agent_instance instance{};
    instance[0] = agent;
    return encoder.finish(
        instance, sequence,
        std::chrono::duration_cast<milliseconds>(wall_clock::now().time_since_epoch()).count());
  }

  caf::expected<push_batch_response> push(const std::string& bytes) {
    return reaper.ask<push_batch_response>(
        subject, push_batch_request{std::make_shared<const std::string>(bytes)});
  }

  void set_reader(std::uint64_t max_bytes) {
    CAF_CHECK(reaper.ask<done_atom>(subject, prepare_atom_v, journal_readers{{{"r", max_bytes}}}));
    CAF_CHECK(reaper.ask<done_atom>(subject, commit_atom_v));
  }

  store_view view() {
    const auto got = reaper.ask<store_view>(values, store_query{true});
    CAF_REQUIRE(got);
    return *got;
  }

  const journal_stats& counts() { return reaper.state_of<stats_state>(counters).journal; }
};

} // namespace xprober
