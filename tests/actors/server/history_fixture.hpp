#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/actors/server/history.hpp"
#include "xprober/actors/server/journal.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "support/actor_reaper.hpp"
#include "support/samples.hpp"
#include "support/toy_kinds.hpp"

namespace history_test {

using namespace xprober;
using namespace std::chrono_literals;

inline history_subject pair_of(std::string source, std::string other) {
  return {"icmp", result_group::pair, std::move(source), std::move(other)};
}

inline history_subject url_of(std::string source, std::string other) {
  return {"http", result_group::address, std::move(source), std::move(other)};
}

inline const history_subject toy_series{"toy", result_group::address, "us", "a:1"};

/// A history behind a real journal and a real store, on disk.
struct history_fixture : xprober_fixture {
  history_fixture() { log::set_level(log::level::off); }

  test::folder folder;
  actor_reaper reaper{*this};
  history_config config;
  std::uint64_t queue_bytes = history_queue_bytes;
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  store_actor values = reaper.keep(sys.spawn(store, counters, caf::timespan{300s}));
  journal_actor source = open_journal();
  history_actor subject = open_history();

  history_actor open_history() {
    return reaper.keep(sys.spawn(history, folder.path(), config, source, counters));
  }
  journal_actor open_journal() {
    const auto opened = reaper.keep(
        sys.spawn(journal, folder.path(), values, counters, caf::timespan{300s}, registry_actor{}));
    const journal_reader reader{std::string{history_reader}, queue_bytes};
    CAF_CHECK(reaper.ask<done_atom>(opened, prepare_atom_v, journal_readers{{reader}}));
    CAF_CHECK(reaper.ask<done_atom>(opened, commit_atom_v));
    return opened;
  }

  template <class Handle>
  void end(const Handle& actor, caf::exit_reason reason = caf::exit_reason::kill) {
    caf::anon_send_exit(actor, reason);
    reaper.settle();
  }

  /// As after a SIGKILL: what was not written is gone.
  void crash() {
    end(subject);
    end(source);
    source = open_journal();
    subject = open_history();
  }

  static std::int64_t now_ms() {
    return std::chrono::duration_cast<milliseconds>(wall_clock::now().time_since_epoch()).count();
  }

  /// A batch of one result for each mean, `age` old by a clock that is `skew` ahead.
  static std::string batch(std::uint64_t sequence, const std::vector<float>& means,
                           std::chrono::seconds age = 0s, std::chrono::seconds skew = 0s) {
    batch_encoder encoder{{"us", "10.1.1.1"}};
    for (std::size_t i = 0; i < means.size(); ++i) {
      auto outcome = samples::success();
      outcome.started = wall_clock::now() - age + skew;
      outcome.values.set(kinds::icmp_column::latency, means[i]);
      encoder.add(*samples::result(
          samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i)), outcome));
    }
    agent_instance instance{};
    instance[0] = 1;
    return encoder.finish(instance, sequence, now_ms() + milliseconds{skew}.count());
  }

  /// A batch of results of one target, whose kind can be in no table.
  static std::string batch_of(std::uint64_t sequence, const prober_name& type,
                              const std::vector<probe_outcome>& outcomes) {
    batch_encoder encoder{{"us", "10.1.1.1"}};
    const auto target = samples::target_of(0, "a:1", type);
    for (auto outcome : outcomes) {
      outcome.started = wall_clock::now();
      encoder.add(*samples::result(target, outcome));
    }
    agent_instance instance{};
    instance[0] = 2;
    return encoder.finish(instance, sequence, now_ms());
  }

  void push(const std::string& bytes) {
    const auto answer = reaper.ask<push_batch_response>(
        source, push_batch_request{std::make_shared<const std::string>(bytes)});
    CAF_REQUIRE(answer);
  }

  history_series ask(history_range range = {},
                     const history_subject& key = pair_of("us", "cn-north")) {
    const auto now = to_unix_seconds(wall_clock::now());
    range.to = range.to == 0 ? now + 60 : range.to;
    range.from = range.from == 0 ? now - 3000 : range.from;
    const auto got = reaper.ask<history_answer>(subject, history_query{key, range});
    CAF_REQUIRE(got);
    return **got;
  }

  rollup all(const history_subject& key = pair_of("us", "cn-north")) {
    rollup sum;
    for (const auto& [start, point] : ask({}, key).points) {
      sum.merge(point);
    }
    return sum;
  }

  void flush() { reaper.pass(history_flush_interval); }

  /// With what the journal says of its reader.
  history_stats told() {
    const auto all = reaper.ask<stats_snapshot>(counters, get_stats_atom_v);
    CAF_REQUIRE(all);
    return all->history;
  }

  const history_stats& counts() { return reaper.state_of<stats_state>(counters).history; }
};

} // namespace history_test
