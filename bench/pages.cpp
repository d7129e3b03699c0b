// What pages cost the actors that are asked, at a million targets: `pages [TARGETS]`.
//
// The agent's results and the server's store are filled; a minute later, when nothing of that is
// measured any more, everything that a page or a scraper asks them for is asked. Prints how long
// each answer took and the longest that a handler ran, with its limit: for so long all other actors
// of the thread wait; and what the agent's first page costs in CPU as long as somebody has it open,
// from its questions to compressed answers. Exits with 1 where a limit is not kept.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "xprober/actors/agent/results.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/net/condense.hpp"
#include "xprober/probes/icmp/presenter.hpp"
#include "xprober/probes/presenter_table.hpp"
#include "xprober/web/stats_json.hpp"
#include "xprober/web/targets_json.hpp"

using namespace xprober;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr double most_handler = 5; ///< ms
constexpr double most_page = 1;    ///< % of a core
constexpr int page_rounds = 20;
constexpr std::size_t batch = 10'000;
constexpr std::size_t one_fails = 1000; ///< of so many
constexpr std::chrono::minutes patience{2};

std::string address(std::size_t i) {
  return "127." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
         std::to_string(i & 255);
}

template <class Answer, class Handle, class... Ts>
Answer ask(caf::scoped_actor& self, const Handle& actor, Ts... question) {
  Answer out{};
  self->request(actor, patience, std::move(question)...)
      .receive([&](Answer& answer) { out = std::move(answer); },
               [](const caf::error&) { std::exit(2); });
  return out;
}

template <class Answer, class Handle, class... Ts>
void time_answer(caf::scoped_actor& self, const char* what, const Handle& actor, Ts... question) {
  double longest = 0;
  for (int i = 0; i < 5; ++i) {
    const auto begin = clock_type::now();
    ask<Answer>(self, actor, question...);
    longest = std::max(
        longest, std::chrono::duration<double, std::milli>(clock_type::now() - begin).count());
  }
  std::printf("| %-52s | %10.2f ms |\n", what, longest);
  std::fflush(stdout);
}

void fill_results(caf::scoped_actor& self, const results_actor& results, std::size_t number) {
  for (std::size_t i = 0; i < number; ++i) {
    const auto target = new_counted<const target_spec>(
        target_spec{{"far", address(i), kinds::icmp()}, static_cast<target_index>(i)});
    probe_outcome outcome;
    outcome.success = i % one_fails != 0;
    outcome.error = outcome.success ? probe_error::none : probe_error::no_reply;
    self->send(results, target_begun{target});
    self->send(
        results,
        result_round{{new_counted<const probe_result>(probe_result{target, std::move(outcome)})}});
    if (i % batch == 0) {
      ask<target_listing>(self, results, target_query{"", 1}); // its mailbox does not grow
    }
  }
}

void fill_store(caf::scoped_actor& self, const store_actor& store, std::size_t number) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(wall_clock::now().time_since_epoch())
          .count();
  for (std::size_t i = 0; i < number;) {
    push_request values;
    for (const auto end = std::min(number, i + batch); i < end; ++i) {
      values.values.push_back({"192.0.2.1", "ping_target_success", address(i), "near", "far",
                               "icmp", now, i % one_fails == 0 ? -1.0F : 1.0F});
    }
    ask<push_response>(self, store, std::move(values));
  }
}

store_query page_of(target_sort sort, std::string part, std::vector<series_state> states,
                    std::size_t limit) {
  const auto question = std::make_shared<target_question>();
  question->sort = sort;
  question->terms.part = std::move(part);
  question->terms.states = std::move(states);
  question->limit = limit;
  return {false, question};
}

bool tell_longest(const stats_snapshot& stats, const char* kind) {
  const auto longest = stats.actors.at(kind).handler_us.max / 1e3;
  std::printf("| longest handler of %-33s | %10.2f ms | <= %.0f ms | %s |\n", kind, longest,
              most_handler, longest <= most_handler ? "yes" : "NO");
  return longest <= most_handler;
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// What making an answer as it is sent costs, in seconds of CPU.
template <class Make>
double cost_of(const Make& make) {
  const auto before = cpu_seconds();
  for (int i = 0; i < page_rounds; ++i) {
    const std::string text = make();
    std::string packed;
    net::gzip_writer writer;
    writer.add(text, packed);
    writer.finish(packed);
  }
  return (cpu_seconds() - before) / page_rounds;
}

/// Its periods are those of web/src/views/agent_now.tsx.
bool tell_page(caf::scoped_actor& self, const results_actor& results, const stats_actor& counters) {
  const icmp::presenter shown;
  const presenter_table presenters{{&shown}};
  const auto list = [&](target_query query) {
    return cost_of(
        [&] { return web::targets_json(ask<target_listing>(self, results, query), presenters); });
  };
  const auto failing = list({"failing", 200});
  const auto all = list({"", 500});
  const auto stats = cost_of(
      [&] { return web::stats_json(ask<stats_snapshot>(self, counters, get_stats_atom_v)); });
  const auto share = 100 * ((failing + stats) / 3 + all / 6);
  std::printf("| agent: its first page, open: CPU %17s | %10.3f %% | <= %.0f %%  | %s |\n", "",
              share, most_page, share <= most_page ? "yes" : "NO");
  return share <= most_page;
}

} // namespace

int main(int count, char** arguments) {
  const auto number = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
  caf::actor_system_config config;
  register_messages(config);
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  bool good = true;
  {
    caf::scoped_actor self{system};
    const auto counters = system.spawn(stats, stats_identity{"agent", "bench"});
    const auto subject =
        system.spawn(results, counters, std::numeric_limits<std::uint64_t>::max(), nullptr);
    const auto rows = system.spawn(store, counters, caf::timespan{std::chrono::hours{1}});
    fill_results(self, subject, number);
    fill_store(self, rows, number);
    std::this_thread::sleep_for(std::chrono::seconds{75}); // the last minute is what is told

    std::printf("%llu targets, one in %zu fails\n\n", static_cast<unsigned long long>(number),
                one_fails);
    time_answer<target_listing>(self, "agent: 200 that fail", subject,
                                target_query{"failing", 200});
    time_answer<target_listing>(self, "agent: 500 of all", subject, target_query{"", 500});
    time_answer<target_listing>(self, "agent: 10,000 of all", subject, target_query{"", 10'000});
    time_answer<target_listing>(self, "agent: all, for /metrics", subject, latest_results_atom_v);
    time_answer<store_view>(self, "server: the first 100", rows,
                            page_of(target_sort::target, "", {}, 100));
    time_answer<store_view>(self, "server: the worst 1,000", rows,
                            page_of(target_sort::state, "", {}, 1000));
    time_answer<store_view>(self, "server: 100 that fail", rows,
                            page_of(target_sort::since, "", {series_state::failing}, 100));
    time_answer<store_view>(self, "server: 100 with 42 in their address", rows,
                            page_of(target_sort::target, "42", {}, 100));
    std::this_thread::sleep_for(std::chrono::seconds{1}); // handlers tell twice a second
    ask<target_listing>(self, subject, target_query{"", 1});
    const auto told = ask<stats_snapshot>(self, counters, get_stats_atom_v);
    std::printf("\n");
    good = tell_longest(told, "results") && good;
    good = tell_longest(told, "store") && good;
    good = tell_page(self, subject, counters) && good;
    for (const auto& actor :
         {caf::actor_cast<caf::actor>(subject), caf::actor_cast<caf::actor>(rows),
          caf::actor_cast<caf::actor>(counters)}) {
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    }
  }
  return good ? 0 : 1;
}
