#define CAF_SUITE tick_threads

// As tick_fates, over real threads: two workers and an engine's own. In a build for the thread
// sanitizer it looks at what passes between them.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "xprober/actors/actor_round.hpp"
#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/agent/target_manager.hpp"
#include "xprober/actors/agent/ticker.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"

#include "support/samples.hpp"

#include "support/actor_fixture.hpp"

namespace tick_threads_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// Answers what it has got meanwhile together, on a thread of its own.
class threaded_engine : public probe_engine {
public:
  threaded_engine() : thread_([this] { run(); }) {}
  ~threaded_engine() override { threaded_engine::stop(); }

  void start(probe_request request, probe_completion done) override {
    const std::lock_guard hold{guard_};
    add({std::move(request), std::move(done)});
  }
  bool takes_rounds() const noexcept override { return true; }
  void start_all(std::vector<probe_start> round) noexcept override {
    const std::lock_guard hold{guard_};
    for (auto& one : round) {
      add(std::move(one));
    }
  }
  std::string prepare(const agent_config&) override { return {}; }
  void commit() override {}
  void drain(std::function<void()> done) override { done(); }
  void report(std::function<void()> done) override { done(); }
  void stop() override {
    if (thread_.joinable()) {
      {
        const std::lock_guard hold{guard_};
        stopped_ = true;
      }
      came_.notify_one();
      thread_.join();
      waiting_.clear(); // they hold actors
    }
  }

  std::size_t begun() {
    const std::lock_guard hold{guard_};
    return targets_.size();
  }
  target_ref target_of(std::size_t number) {
    const std::lock_guard hold{guard_};
    return targets_.at(number);
  }

private:
  struct waiting {
    std::size_t number;
    probe_completion done;
  };

  void add(probe_start one) {
    waiting_.push_back({targets_.size(), std::move(one.done)});
    targets_.push_back(std::move(one.request.target));
    came_.notify_one();
  }

  void run() {
    std::unique_lock hold{guard_};
    while (true) {
      came_.wait(hold, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) {
        return;
      }
      const auto some = std::exchange(waiting_, {});
      hold.unlock();
      {
        const actor_round together;
        for (const auto& one : some) {
          auto outcome = samples::success();
          outcome.detail = std::to_string(one.number);
          one.done(std::move(outcome));
        }
      }
      hold.lock();
    }
  }

  std::mutex guard_;
  std::condition_variable came_;
  std::vector<waiting> waiting_;
  std::vector<target_ref> targets_; ///< by the number of the probe
  bool stopped_ = false;
  std::thread thread_;
};

struct threads_config : xprober_config {
  threads_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
    set("logger.verbosity", caf::atom("quiet"));
  }
};

struct threads_fixture {
  static constexpr std::uint64_t no_limit = 10'000'000;

  waiting_outcomes outcomes;
  threaded_engine icmp;
  threads_config config;
  caf::actor_system sys{config};
  caf::scoped_actor self{sys};
  stats_actor counters = sys.spawn(stats, stats_identity{"agent", "1"});
  results_actor sink = sys.spawn(results, counters, no_limit, &outcomes);
  ticker_actor wheel = sys.spawn(ticker, counters, caf::timespan{50ms});
  target_manager_actor manager =
      sys.spawn(target_manager, engine_table{{{&kinds::icmp(), &icmp}}}, sink, wheel, counters,
                std::vector<prober_name>{}, &outcomes);
  std::set<std::string> listed;
  std::set<std::size_t> told;
  std::uint64_t removed = 0; ///< results of probes that their target's end came before
  std::uint64_t wrong = 0;
  std::uint64_t forgotten = 0;

  threads_fixture() { log::set_level(log::level::off); }

  ~threads_fixture() {
    icmp.stop();
    self->request(manager, 30s, stop_atom_v).receive([](done_atom) {}, [](const caf::error&) {});
    for (const auto& each :
         {caf::actor_cast<caf::actor>(manager), caf::actor_cast<caf::actor>(wheel),
          caf::actor_cast<caf::actor>(sink), caf::actor_cast<caf::actor>(counters)}) {
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    }
  }

  template <class Answer, class Handle, class Question>
  Answer ask(const Handle& whom, Question question) {
    Answer got{};
    self->request(whom, 30s, std::move(question))
        .receive([&](Answer& answer) { got = std::move(answer); },
                 [&](const caf::error& why) { CAF_FAIL(sys.render(why)); });
    return got;
  }

  /// Every seventh of the names, from `from` on, comes or goes.
  void change_list(std::size_t from) {
    target_group added{"icmp", "cn-north", {}};
    auto gone = added;
    for (std::size_t i = from % 7; i < 300; i += 7) {
      auto name = "10.0.0." + std::to_string(i);
      if (listed.erase(name) == 0) {
        listed.insert(name);
        added.targets.push_back(std::move(name));
      } else {
        gone.targets.push_back(std::move(name));
      }
    }
    list_update update{std::make_shared<const target_list>(1, std::move(added)), "r"};
    update.removed = std::make_shared<const target_list>(1, std::move(gone));
    ask<apply_report>(manager, std::move(update));
  }

  /// As the spool does; false where there was nothing.
  bool take() {
    const auto batch = ask<result_batch>(sink, take_results{1000});
    forgotten = batch.forgotten;
    for (const auto& one : batch.results) {
      if (one->outcome.error == probe_error::shutdown) {
        ++removed;
        continue;
      }
      const auto number = std::stoul(one->outcome.detail);
      wrong += told.insert(number).second && icmp.target_of(number) == one->target ? 0U : 1U;
    }
    caf::anon_send(sink, spool_change{batch.id, batch.results.size()});
    return batch.id != 0;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tick_threads_tests, threads_fixture)

CAF_TEST(each probe that was begun has one result) {
  for (std::size_t i = 0; icmp.begun() < 5000; ++i) {
    if (i % 8 == 0) {
      change_list(i / 8);
    }
    take();
  }
  ask<done_atom>(wheel, stop_atom_v);
  ask<done_atom>(manager, stop_atom_v);
  icmp.stop();
  while (take()) {
  }
  CAF_MESSAGE(icmp.begun() << " begun, " << told.size() << " answered, " << removed << " removed, "
                           << forgotten << " forgotten");
  CAF_CHECK(icmp.begun() == told.size() + removed + forgotten);
  CAF_CHECK_EQUAL(wrong, 0U);
  CAF_CHECK_EQUAL(outcomes.count(), 0U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace tick_threads_suite
