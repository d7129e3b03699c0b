// What verdicts and incidents cost a server at a million series: `incidents [SERIES]`.
//
// Three worlds are filled as the store tells its states, piece by piece: one agent with as many
// addresses, 200 agents with the same addresses each, and a full mesh of regions. Of each are told:
// the bytes of the heap that board, feed, book and file take for a series; the CPU time of a round
// of 15 s in which one series in a thousand changes, with a verdict every second; what comes when
// 100,000 series fail at once: how many incidents and notices, the time from the third failure to
// the verdict, and the longest single handler; and the bytes again in this outage, when every
// series fails, when all are silent after that, and when all are well again. What a verdict takes
// beside that while it is found is told, too. Prints a table with limits, and exits with 1 when one
// is broken.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <malloc.h>

#include "xprober/actors/server/incident_board.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/storage/incident_file.hpp"
#include "xprober/store/state_feed.hpp"
#include "xprober/verdict/incident_book.hpp"

using namespace xprober;

namespace {

/// What `new` has given and not got back, and the most of it since it was set to that.
std::size_t given_bytes = 0;
std::size_t most_given_bytes = 0;

void* give(std::size_t size) {
  void* const place = std::malloc(size == 0 ? 1 : size);
  if (place == nullptr) {
    throw std::bad_alloc{};
  }
  given_bytes += ::malloc_usable_size(place);
  most_given_bytes = std::max(most_given_bytes, given_bytes);
  return place;
}

void take_back(void* place) noexcept {
  given_bytes -= place == nullptr ? 0 : ::malloc_usable_size(place);
  std::free(place);
}

} // namespace

// There is one thread.
void* operator new(std::size_t size) { return give(size); }
void* operator new[](std::size_t size) { return give(size); }
void operator delete(void* place) noexcept { take_back(place); }
void operator delete[](void* place) noexcept { take_back(place); }
void operator delete(void* place, std::size_t) noexcept { take_back(place); }
void operator delete[](void* place, std::size_t) noexcept { take_back(place); }

namespace {

// For a million series.
constexpr double most_bytes = 40;    ///< a series
constexpr double most_core = 5;      ///< percent
constexpr double most_handler = 50;  ///< ms
constexpr double round_seconds = 15; ///< from one result of a series to the next
constexpr std::uint32_t looks = 15;  ///< in a round

constexpr series_sight well{series_state::ok, 0};

double cpu_seconds() {
  std::timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double heap_bytes() {
  const auto info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

struct world {
  std::string name;
  std::uint32_t agents = 1;
  std::uint32_t targets = 1;
  bool mesh = false;
};

std::string address_of(std::uint32_t number) {
  return "10." + std::to_string(number >> 16U) + "." + std::to_string((number >> 8U) & 255U) + "." +
         std::to_string(number & 255U);
}

/// The rows of a store, without their values: a row's number is that of its agent and target.
class rows {
public:
  explicit rows(const world& of) : world_(of), sights_(std::size_t{of.agents} * of.targets) {}

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(sights_.size()); }
  std::uint32_t at(std::uint32_t agent, std::uint32_t target) const noexcept {
    return agent * world_.targets + target;
  }
  bool there(std::uint32_t row) const noexcept {
    return !world_.mesh || row / world_.targets != row % world_.targets;
  }
  void begin() {
    for (std::uint32_t row = 0; row < size(); ++row) {
      sights_[row] = there(row) ? well : series_sight{};
    }
    feed_.watch(true);
  }
  void set(std::uint32_t row, const series_sight& sight) {
    if (there(row)) {
      feed_.note(row, std::exchange(sights_[row], sight));
    }
  }
  bool waits() const noexcept { return !feed_.empty(); }
  series_changes take();

private:
  world world_;
  std::vector<series_sight> sights_;
  state_feed feed_;
};

series_changes rows::take() {
  series_changes out;
  out.failures.push_back({"no_reply", "", "no answer within 1 s"});
  feed_.take(state_feed::piece, size(), [&](slot row, const series_sight& before) {
    const auto& sight = sights_[row];
    if (sight == before) {
      return;
    }
    const auto agent = row / world_.targets;
    const auto target = row % world_.targets;
    if (feed_.names_agent(agent)) {
      out.agents.push_back({agent, "region-" + std::to_string(agent), address_of(agent)});
    }
    if (feed_.names_target(target)) {
      const auto& kind = kinds::icmp();
      out.targets.push_back(
          {target,
           {world_.mesh ? "region-" + std::to_string(target) : "web", address_of(target), kind},
           kind.name,
           true,
           true});
    }
    series_change what{agent, target, before, sight};
    what.failure = sight.state == series_state::failing ? 0 : series_change::no_failure;
    what.since_unix = 1'767'268'800;
    out.series.push_back(what);
  });
  out.more = feed_.listing();
  return out;
}

/// What the incidents actor does, each handler with its time.
class server {
public:
  explicit server(const world& of) : file_("", wall_clock::now()) {
    const std::vector<std::string> receivers{"webhook"};
    file_.set_receivers(receivers);
    agent_listing listing;
    for (std::uint32_t i = 0; i < of.agents; ++i) {
      listing.agents.push_back({{"region-" + std::to_string(i), address_of(i)}, "", 0, 0, {}});
    }
    handle([&] { board_.set_agents(listing); });
  }

  void take(rows& from) {
    while (from.waits()) {
      const auto piece = from.take();
      handle([&] { board_.take(piece); });
    }
  }
  void look() {
    most_given_bytes = given_bytes;
    const auto before = given_bytes;
    now_ += std::chrono::seconds{1};
    std::vector<kind_picture> pictures;
    handle([&] { pictures = board_.pictures(now_); });
    find_ms_ = last_ms_;
    handle([&] {
      const auto changes = book_.observe(pictures, {}, now_);
      for (const auto& change : changes) {
        notices_ += change.tell ? 1 : 0;
      }
      file_.write(changes, now_);
    });
    most_beside_ = std::max(most_beside_, most_given_bytes - before);
  }

  std::size_t open() const { return book_.open_count(); }
  std::size_t notices() const { return notices_; }
  std::string first() const {
    const auto all = book_.open();
    return all.empty() ? std::string{"none"} : all.front().summary;
  }
  double longest_ms() const { return longest_ms_; }
  double total_ms() const { return total_ms_; }
  double find_ms() const { return find_ms_; }
  double observe_ms() const { return last_ms_; }
  void begin_times() { longest_ms_ = total_ms_ = 0; }
  /// The most bytes that a look took and gave back, since this was asked last.
  double take_most_beside() { return static_cast<double>(std::exchange(most_beside_, 0)); }

private:
  template <class Handler>
  void handle(Handler&& handler) {
    const auto began = cpu_seconds();
    handler();
    const auto took = (cpu_seconds() - began) * 1000;
    last_ms_ = took;
    longest_ms_ = std::max(longest_ms_, took);
    total_ms_ += took;
  }

  incident_board board_{1};
  incident_book book_{{}};
  storage::incident_file file_;
  wall_time now_ = wall_clock::now();
  std::size_t notices_ = 0;
  double longest_ms_ = 0;
  double total_ms_ = 0;
  double last_ms_ = 0;
  double find_ms_ = 0;
  std::size_t most_beside_ = 0;
};

/// A line of the table; `most` 0: no limit.
bool tell(const char* what, double value, const char* unit, double most = 0) {
  if (most <= 0) {
    std::printf("| %-52s | %10.3g %-6s | %10s | %-3s |\n", what, value, unit, "", "");
    return true;
  }
  const bool holds = value <= most;
  std::printf("| %-52s | %10.3g %-6s | %10.3g | %-3s |\n", what, value, unit, most,
              holds ? "yes" : "no");
  return holds;
}

/// One series in a thousand fails once in a round and is well again a second later.
double steady(rows& all, server& subject, std::uint32_t series) {
  constexpr std::uint32_t rounds = 3;
  const auto count = std::max<std::uint32_t>(series / 1000 / looks, 1);
  std::vector<std::uint32_t> failing;
  std::uint64_t next = 1;
  const auto began = cpu_seconds();
  for (std::uint32_t i = 0; i < rounds * looks; ++i) {
    for (const auto row : std::exchange(failing, {})) {
      all.set(row, well);
    }
    for (std::uint32_t k = 0; k < count; ++k) {
      next = next * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      failing.push_back(static_cast<std::uint32_t>((next >> 33U) % all.size()));
      all.set(failing.back(), {series_state::failing, 1});
    }
    subject.take(all);
    subject.look();
  }
  const auto took = (cpu_seconds() - began) / rounds;
  for (const auto row : failing) {
    all.set(row, well);
  }
  subject.take(all);
  subject.look();
  return took;
}

/// Every series is so, as all agents see it, with each run up to this one.
void set_all(rows& all, server& subject, series_state state, std::uint8_t runs) {
  for (std::uint8_t run = 1; run <= runs; ++run) {
    for (std::uint32_t row = 0; row < all.size(); ++row) {
      all.set(row, {state, state == series_state::failing ? run : std::uint8_t{0}});
      if (row % state_feed::enough == 0) {
        subject.take(all); // as they come
      }
    }
    subject.take(all);
    subject.look();
  }
}

/// The bytes of a series when everything fails, when all of that is silent, and after it.
bool tell_worst(rows& all, server& subject, double series, double before) {
  subject.take_most_beside();
  set_all(all, subject, series_state::failing, 3);
  bool good = tell("bytes a series, all fail", (heap_bytes() - before) / series, "B", most_bytes);
  tell("beside that, while a verdict is found", subject.take_most_beside() / series, "B");
  set_all(all, subject, series_state::stale, 1);
  good =
      tell("bytes a series, all are silent", (heap_bytes() - before) / series, "B", most_bytes) &&
      good;
  set_all(all, subject, series_state::ok, 1);
  for (int i = 0; i < 60; ++i) {
    subject.look();
  }
  good =
      tell("bytes a series, all well again", (heap_bytes() - before) / series, "B", most_bytes) &&
      good;
  return tell("incidents that are left", static_cast<double>(subject.open()), "", 0.5) && good;
}

bool measure(const world& w) {
  std::printf("\n%s\n\n| %-52s | %17s | %10s | %-3s |\n", w.name.c_str(), "what", "measured",
              "limit", "");
  std::printf("|%s|%s:|%s:|%s|\n", std::string(54, '-').c_str(), std::string(18, '-').c_str(),
              std::string(11, '-').c_str(), std::string(5, '-').c_str());
  rows all{w};
  const auto before = heap_bytes();
  auto subject = std::make_unique<server>(w);
  all.begin();
  subject->begin_times();
  subject->take(all);
  const auto listed_ms = subject->total_ms();
  const auto piece_ms = subject->longest_ms();
  subject->look();
  const auto series = static_cast<double>(w.mesh ? all.size() - w.targets : all.size());
  bool good = tell("bytes a series, all well", (heap_bytes() - before) / series, "B", most_bytes);
  tell("the first list, all of it", listed_ms, "ms");
  good = tell("the first list, its longest piece", piece_ms, "ms", most_handler) && good;

  subject->begin_times();
  const auto round = steady(all, *subject, static_cast<std::uint32_t>(series));
  tell("a round of 15 s with 0.1 % of changes", round * 1e6, "us");
  good = tell("share of a core", round / round_seconds * 100, "%", most_core) && good;
  good = tell("bytes a series after these rounds", (heap_bytes() - before) / series, "B",
              most_bytes) &&
         good;
  good = tell("incidents of noise", static_cast<double>(subject->open()), "", 0.5) && good;

  // So many series of the first targets, as all agents see them.
  const auto fails = std::min<std::uint32_t>(100'000, all.size() / 10);
  const auto targets = std::max<std::uint32_t>(fails / w.agents, 1);
  const auto notices = subject->notices();
  subject->take_most_beside();
  double third_ms = 0;
  subject->begin_times();
  for (std::uint8_t run = 1; run <= 3; ++run) {
    const auto so_far = subject->total_ms();
    for (std::uint32_t agent = 0; agent < w.agents; ++agent) {
      for (std::uint32_t target = 0; target < targets; ++target) {
        all.set(all.at(agent, target), {series_state::failing, run});
      }
    }
    subject->take(all);
    subject->look();
    third_ms = subject->total_ms() - so_far;
  }
  const auto opened = static_cast<double>(subject->open());
  tell("series that fail at once", static_cast<double>(targets) * w.agents, "");
  good = tell("bytes a series in this outage", (heap_bytes() - before) / series, "B", most_bytes) &&
         good;
  tell("beside that, while its verdict is found", subject->take_most_beside() / series, "B");
  tell("from the third failure to the incident", third_ms, "ms");
  tell("of that: causes", subject->find_ms(), "ms");
  tell("of that: names and incidents", subject->observe_ms(), "ms");
  good = tell("incidents", opened, "", 1) && good;
  good = tell("notices", static_cast<double>(subject->notices() - notices), "", 1) && good;
  good = tell("longest handler", subject->longest_ms(), "ms", most_handler) && good;
  subject->begin_times();
  for (int i = 0; i < 5; ++i) {
    all.set(all.at(0, w.targets - 1 - static_cast<std::uint32_t>(i)), {series_state::failing, 1});
    subject->take(all);
    subject->look();
  }
  good = tell("longest handler while it lasts", subject->longest_ms(), "ms", most_handler) && good;
  const auto first = subject->first();
  good = tell_worst(all, *subject, series, before) && good;
  std::printf("\nthe first of them: %s\n", first.c_str());
  std::fflush(stdout);
  return good && opened >= 1;
}

} // namespace

int main(int count, char** arguments) {
  const auto series = count > 1
                          ? static_cast<std::uint32_t>(std::max(std::atoi(arguments[1]), 10'000))
                          : 1'000'000U;
  const auto regions = static_cast<std::uint32_t>(std::lround(std::sqrt(series)));
  bool good = true;
  good =
      measure({"one agent and " + std::to_string(series) + " addresses", 1, series, false}) && good;
  good = measure({"200 agents and " + std::to_string(series / 200) + " addresses", 200,
                  series / 200, false}) &&
         good;
  good = measure({"a mesh of " + std::to_string(regions) + " regions", regions, regions, true}) &&
         good;
  return good ? 0 : 1;
}
