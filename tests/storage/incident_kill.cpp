#define CAF_SUITE incident_kill

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/folder.hpp"
#include "support/incident_worlds.hpp"
#include "xprober/base/log.hpp"
#include "xprober/storage/incident_file.hpp"

#include "caf/test/dsl.hpp"

// Book and file together, in processes that are killed at any moment.

namespace incident_kill_suite {

using namespace worlds;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t regions = 6;
constexpr std::string_view receiver = "webhook";

/// A server as far as incidents go, with a receiver that writes down what it is told.
class small_server {
public:
  small_server(const std::string& folder, unsigned seed, wall_time start)
      : file_(folder, start), random_(seed), now_(start),
        told_(::open((folder + "/told").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    const std::vector<std::string> names{std::string{receiver}};
    file_.set_receivers(names);
    book_.restore(file_.unsettled(start), file_.last_id());
    world_.all_well();
  }
  ~small_server() { ::close(told_); }
  small_server(const small_server&) = delete;
  small_server& operator=(const small_server&) = delete;

  bool is_whole() const { return !file_.has_replaced(); }
  std::size_t open_count() const { return book_.open_count(); }
  storage::incident_file& file() { return file_; }

  /// One region fails or is well again, and everybody is told.
  void step() {
    const auto region = static_cast<std::uint32_t>(random_() % regions);
    const std::uint32_t failures = random_() % 2 == 0 ? 3 : 0;
    for (std::uint32_t other = 0; other < regions; ++other) {
      if (other != region) {
        world_.result(other, region, failures);
      }
    }
    look(60s);
  }
  void all_well() {
    world_.all_well();
    look(10min);
  }

private:
  void look(std::chrono::seconds later) {
    now_ += later;
    const kind_picture kinds[] = {world_.picture()};
    file_.write(book_.observe(kinds, {}, now_), now_);
    for (const auto& notice : file_.due(receiver, 10)) {
      const auto line = std::to_string(notice.sequence) + " " +
                        std::string{to_string(notice.notice)} + " " +
                        std::to_string(notice.what.id) + "\n";
      if (::write(told_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
        file_.told(receiver, notice.sequence);
      }
    }
  }

  storage::incident_file file_;
  incident_book book_{{}};
  named_world world_{regions, regions, true};
  std::mt19937 random_;
  wall_time now_;
  int told_;
};

/// Lets a server run in a process of its own, which is killed somewhere after so many steps.
void run_and_kill(const std::string& folder, unsigned seed, wall_time start, std::size_t steps) {
  int progress[2];
  CAF_REQUIRE_EQUAL(::pipe2(progress, O_CLOEXEC), 0);
  const auto child = ::fork();
  if (child == 0) {
    try {
      small_server server{folder, seed, start};
      for (;;) {
        server.step();
        if (::write(progress[1], "", 1) != 1) {
          ::_exit(1);
        }
      }
    } catch (...) {
      ::_exit(2);
    }
  }
  ::close(progress[1]);
  char byte = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    CAF_REQUIRE_EQUAL(::read(progress[0], &byte, 1), 1);
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  CAF_CHECK(WIFSIGNALED(status));
  ::close(progress[0]);
}

} // namespace

CAF_TEST(servers that are killed lose nothing and tell nothing twice) {
  log::set_level(log::level::off);
  constexpr unsigned kills = 20;
  const xprober::test::folder folder;
  std::mt19937 random{11};
  for (unsigned kill = 0; kill < kills; ++kill) {
    run_and_kill(folder.path(), kill, noon + kill * 24h, 1 + random() % 60);
  }
  small_server last{folder.path(), kills, noon + kills * 24h};
  CAF_CHECK(last.is_whole());
  for (int i = 0; i < 50 && last.open_count() > 0; ++i) {
    last.all_well();
  }
  CAF_CHECK_EQUAL(last.open_count(), 0u);
  CAF_CHECK_EQUAL(last.file().queued(), 0u);

  std::map<std::uint64_t, std::string> by_sequence;
  std::set<std::string> told;
  unsigned again = 0;
  std::ifstream lines{folder.file("told")};
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    const auto sequence = std::stoull(line.substr(0, space));
    const auto what = line.substr(space + 1);
    if (!by_sequence.emplace(sequence, what).second) {
      ++again; // between the answer and `told`
      CAF_CHECK(by_sequence[sequence] == what);
    } else {
      CAF_CHECK(told.insert(what).second);
    }
  }
  CAF_CHECK(again <= kills);
  const auto known = last.file().list({.limit = 10'000}).incidents;
  CAF_CHECK(known.size() > kills);
  for (const auto& what : known) {
    CAF_CHECK(told.contains("opened " + std::to_string(what.id)));
    CAF_CHECK(told.contains("closed " + std::to_string(what.id)));
    CAF_CHECK(what.closed);
  }
  // Who listens has the same view: nothing was told that is not in the file.
  const auto lives = std::count_if(told.begin(), told.end(),
                                   [](const auto& what) { return !what.starts_with("escalated"); });
  CAF_CHECK_EQUAL(static_cast<std::size_t>(lives), 2 * known.size());
  CAF_MESSAGE(known.size() << " incidents, " << by_sequence.size() << " notices, " << again
                           << " told again with the same sequence");
}

} // namespace incident_kill_suite
