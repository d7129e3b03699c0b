#define CAF_SUITE damage

// Every stored file, damaged at many places: what comes out is what went in, or the file is set
// aside and a new one works. Of a damaged log what was before the damage comes out, and that some
// is lost is told. Never a crash, never other data.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "storage/damaged_file.hpp"
#include "storage/folder.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/storage/history.hpp"
#include "xprober/storage/journal.hpp"
#include "xprober/storage/list_cache.hpp"
#include "xprober/storage/set_aside.hpp"
#include "xprober/storage/spool.hpp"

#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace damage_suite {

using namespace xprober;
using namespace xprober::storage;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int places = 200; ///< of each file, every other one in its log
constexpr auto noon = wall_time{1'767'268'800s};

struct fixture {
  fixture() { log::set_level(log::level::off); }

  test::folder made{test::memory_folder()};   ///< as it was left by an orderly end
  test::folder killed{test::memory_folder()}; ///< as it was left by a kill, with a log
  std::mt19937 random{20'260'102};
  std::string directory; ///< of the damaged copy

  /// Fills a directory, and copies it in the midst.
  void prepare(const std::function<void(const std::string&, const std::function<void()>&)>& fill) {
    fill(made.path(), [this] { fs::copy(made.path(), killed.path()); });
  }

  /// Calls `use` with copies of which one file each is damaged. `in_log`: it is the last bytes of a
  /// log that may have been hit, which cannot be told from what was never written whole.
  void damage(const std::string& name, const std::function<void(bool in_log)>& use) {
    for (int i = 0; i < places; ++i) {
      const bool in_log = i % 2 == 1;
      const test::folder copy{test::memory_folder()};
      directory = copy.path();
      fs::copy(in_log ? killed.path() : made.path(), directory);
      hit(copy.file(name + (in_log ? "-wal" : "")));
      use(in_log);
    }
  }

  void hit(const std::string& path) {
    const auto size = fs::file_size(path);
    CAF_REQUIRE_GREATER(size, 16u);
    const auto at = std::uniform_int_distribution<std::uintmax_t>{0, size - 16}(random);
    std::string bytes(16, '\0');
    if (random() % 2 == 0) {
      std::ranges::generate(bytes, [this] { return static_cast<char>(random()); });
    }
    test::overwrite(path, at, bytes);
  }

  bool set_aside() const {
    return std::ranges::any_of(fs::directory_iterator{directory}, [](const auto& entry) {
      return entry.path().string().find(".damaged-") != std::string::npos;
    });
  }

  /// Runs `work`; true if it ended in an error that says that the file is damaged.
  template <class F>
  static bool finds_damage(F work) {
    try {
      work();
      return false;
    } catch (const database_error& error) {
      CAF_CHECK(error.damaged());
      return true;
    }
  }
};

batch_header header(std::uint8_t agent, std::uint64_t sequence) {
  batch_header h;
  h.instance[0] = agent;
  h.sequence = sequence;
  h.rows = 10;
  return h;
}

/// Bytes that cannot be told from noise, the same for the same number.
const std::string& content(std::uint64_t number) {
  static std::map<std::uint64_t, std::string> known;
  auto& text = known[number];
  if (text.empty()) {
    std::mt19937 noise{static_cast<std::mt19937::result_type>(number)};
    text.resize(500 + 97 * number);
    std::ranges::generate(text, [&] { return static_cast<char>(noise()); });
  }
  return text;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(damage_tests, fixture)

CAF_TEST(a damaged journal) {
  constexpr std::uint64_t records = 60;
  prepare([](const std::string& path, const std::function<void()>& kill) {
    journal file{path};
    for (std::uint64_t i = 1; i <= records; ++i) {
      file.add(header(static_cast<std::uint8_t>(i % 5), i), content(i), {i, 0}, noon + i * 1s, i);
      file.keep({"reader", i - 1, 0, 0, 0, 0, i, 0, 0});
    }
    kill();
  });
  int found_damage = 0;
  int cut = 0;
  damage("journal.db", [&](bool in_log) {
    std::uint64_t read = 0;
    const auto work = [&] {
      journal file{directory};
      cut += file.log_cut() ? 1 : 0;
      CAF_CHECK(in_log || !file.log_cut());
      for (const auto& record : file.read(0, noon, 1000)) {
        CAF_REQUIRE_EQUAL(record.id, ++read);
        CAF_REQUIRE(record.bytes == content(record.id));
        CAF_REQUIRE(record.received == noon + record.id * 1s);
      }
      for (const auto& instance : file.instances()) {
        CAF_REQUIRE_EQUAL(instance.last.accepted, instance.last_sequence);
      }
      for (const auto& reader : file.readers()) {
        CAF_REQUIRE_EQUAL(reader.sent, reader.done + 1);
      }
      CAF_REQUIRE_EQUAL(file.totals().batches, read);
      file.add(header(200, 1), content(7), {1, 0}, noon, 1);
      file.remove({1, 2, 3});
      file.forget_agents(noon + 50s, 100);
      CAF_CHECK(read == records || file.log_cut() || (in_log && read + 1 == records));
    };
    const bool damaged = finds_damage(work);
    found_damage += damaged ? 1 : 0;
    if (damaged) {
      storage::set_aside(journal::path_in(directory));
    }
    journal again{directory};
    again.add(header(201, 1), content(8), {1, 0}, noon, 1);
    CAF_CHECK(again.find(header(201, 1)));
  });
  CAF_MESSAGE("damaged: " << found_damage << ", with a log that was cut: " << cut);
  CAF_CHECK_GREATER(found_damage, places / 5);
  CAF_CHECK_GREATER(cut, places / 5);
}

CAF_TEST(a damaged history) {
  constexpr std::int64_t start = 1'700'000'400;
  constexpr history_retention kept{864'000, 864'000, 864'000};
  constexpr int series = 40;
  const auto key = [](int i) {
    return history_key{{"icmp", result_group::pair, "us", "region-" + std::to_string(i)}, ""};
  };
  const auto fill = [&](history& file) {
    for (int round = 0; round < 10; ++round) {
      rollup_buffer buffer;
      for (int i = 0; i < series; ++i) {
        measured_probe probe;
        probe.success = true;
        probe.value_ms = static_cast<float>(i);
        buffer.bucket(start + round * 15)[file.number(key(i), "10.0.0.1", 1000).value()].add(probe);
      }
      file.write(buffer, kept, start + 200, {"journal", static_cast<std::uint64_t>(round + 1)});
    }
  };
  prepare([&](const std::string& path, const std::function<void()>& kill) {
    history file{path};
    fill(file);
    kill();
  });
  int found_damage = 0;
  int aside = 0;
  damage("history.db", [&](bool in_log) {
    const bool damaged = finds_damage([&] {
      history file{directory};
      const auto rounds = file.position().through;
      CAF_REQUIRE(rounds == 10 || file.has_replaced() || (in_log && rounds == 9));
      for (int i = 0; rounds > 0 && i < series; ++i) {
        const auto found = file.known().find(key(i).subject);
        CAF_REQUIRE_EQUAL(found.size(), 1u);
        const auto buckets = file.read(0, found.front().number, start, start + 200);
        CAF_REQUIRE_EQUAL(buckets.size(), rounds);
        for (const auto& [at, values] : buckets) {
          CAF_REQUIRE(values.probes == 1u && values.value_ms.mean().value() == i);
        }
      }
      fill(file);
      file.prune(kept, start + 1000, 100);
    });
    found_damage += damaged ? 1 : 0;
    aside += set_aside() ? 1 : 0;
    if (damaged) {
      storage::set_aside(directory + "/history.db");
    }
    history again{directory};
    fill(again);
    CAF_CHECK_EQUAL(again.position().through, 10u);
  });
  CAF_MESSAGE("found when opened: " << aside << ", when met: " << found_damage);
  CAF_CHECK_GREATER(aside + found_damage, places / 2);
}

CAF_TEST(a damaged spool) {
  constexpr int batches = 30;
  const spool_options options{{}, 1U << 30U, 1'000'000, {"cn-south", "10.1.1.1"}};
  const auto target = samples::target(0, "10.0.0.1");
  const auto at = [&](const std::string& path) {
    auto of_copy = options;
    of_copy.directory = path;
    return of_copy;
  };
  const auto append = [&](spool& file, int number) {
    std::vector<probe_result_ptr> results;
    for (int i = 0; i < 20; ++i) {
      auto outcome = samples::success();
      outcome.values.set(kinds::icmp_column::latency, static_cast<float>(number));
      outcome.detail = std::string(static_cast<std::size_t>(50 * i), 'd');
      results.push_back(samples::result(target, outcome));
    }
    file.append(results, monotonic_clock::now());
  };
  const std::string list = content(90);
  prepare([&](const std::string& path, const std::function<void()>& kill) {
    spool file{at(path)};
    for (int i = 0; i < batches; ++i) {
      append(file, i);
    }
    file.keep_list(list);
    file.keep_change(content(3));
    kill();
  });
  const auto number_in = [](const spooled_batch& batch) {
    batch_header h;
    std::string body;
    CAF_REQUIRE_EQUAL(read_batch_header(batch.bytes, h), "");
    CAF_REQUIRE_EQUAL(read_batch_body(batch.bytes, body), "");
    batch_parser parser{body, h.rows};
    batch_row row;
    CAF_REQUIRE(parser.next(row) == batch_parser::step::row);
    return static_cast<int>(row.values.number(kinds::icmp_column::latency).value());
  };
  std::uint64_t aside = 0;
  damage("spool.db", [&](bool in_log) {
    spool file{at(directory)};
    const auto kept = file.kept_list();
    CAF_REQUIRE(kept.empty() || kept == list);
    for (const auto& change : file.kept_changes()) {
      CAF_REQUIRE(change == content(3));
    }
    append(file, batches);
    int next = 0;
    for (auto batch = file.oldest(wall_clock::now()); batch.id != 0;
         batch = file.oldest(wall_clock::now())) {
      const int number = number_in(batch);
      CAF_REQUIRE(number == next || number == batches); // none between is left out
      next = number + 1;
      file.acknowledge(batch.id);
    }
    const auto& counts = file.counts();
    CAF_CHECK_EQUAL(next, batches + 1);
    CAF_CHECK_EQUAL(counts.acked + counts.dropped, counts.restored + 20);
    CAF_CHECK_EQUAL(set_aside(), counts.set_aside > 0);
    CAF_CHECK(counts.set_aside > 0 || counts.restored == 20u * batches || in_log);
    CAF_CHECK_EQUAL(file.problem(), "");
    aside += counts.set_aside;
  });
  CAF_CHECK_GREATER(aside, static_cast<std::uint64_t>(places / 2));
}

CAF_TEST(a damaged list) {
  const std::string name = "https://example.com/list";
  const auto text = content(80);
  list_cache{made.path()}.keep(name, text);
  const auto file = fs::directory_iterator { made.path() } -> path().filename().string();
  for (int i = 0; i < places; ++i) {
    const test::folder copy{test::memory_folder()};
    directory = copy.path();
    fs::copy(made.path(), directory);
    hit(copy.file(file));
    const list_cache subject{directory};
    const auto names = subject.names();
    CAF_CHECK(names.empty() || names == std::vector{name});
    CAF_CHECK(!subject.find(name));
    CAF_CHECK(set_aside());
    CAF_CHECK_EQUAL(subject.keep(name, text), "");
    CAF_CHECK(subject.find(name) == text);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace damage_suite
