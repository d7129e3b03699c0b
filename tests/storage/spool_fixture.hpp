#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/storage/spool.hpp"

#include "support/samples.hpp"

#include "caf/test/dsl.hpp"

namespace xprober {

/// A spool in a folder of its own, with results that are told apart by their latency.
struct spool_fixture {
  spool_fixture() { log::set_level(log::level::off); }

  test::folder folder;
  storage::spool_options options{folder.path(), 1U << 30U, 1'000'000, {"cn-south", "10.1.1.1"}};
  std::optional<storage::spool> subject;
  monotonic_time now = monotonic_clock::now();
  target_ref target = samples::target(0, "10.0.0.1");
  int next = 0;

  void open() {
    subject.reset();
    subject.emplace(options);
  }

  /// So many results, told apart by their latency.
  void append(int count) {
    std::vector<probe_result_ptr> results;
    for (int i = 0; i < count; ++i) {
      auto outcome = samples::success();
      outcome.values.set(kinds::icmp_column::latency, static_cast<float>(next++));
      results.push_back(samples::result(target, outcome));
    }
    subject->append(results, now);
  }

  storage::spooled_batch oldest() { return subject->oldest(wall_clock::now()); }

  static std::vector<int> latencies(const storage::spooled_batch& batch) {
    batch_header header;
    std::string body;
    CAF_REQUIRE_EQUAL(read_batch_header(batch.bytes, header), "");
    CAF_REQUIRE_EQUAL(read_batch_body(batch.bytes, body), "");
    batch_parser parser{body, header.rows};
    std::vector<int> all;
    batch_row row;
    while (parser.next(row) == batch_parser::step::row) {
      all.push_back(static_cast<int>(row.values.number(kinds::icmp_column::latency).value()));
    }
    return all;
  }

  static batch_header header_of(const storage::spooled_batch& batch) {
    batch_header header;
    CAF_REQUIRE_EQUAL(read_batch_header(batch.bytes, header), "");
    return header;
  }

  /// Takes and acknowledges everything; the latencies in their order.
  std::vector<int> drain() {
    std::vector<int> all;
    for (auto batch = oldest(); batch.id != 0; batch = oldest()) {
      for (const int ms : latencies(batch)) {
        all.push_back(ms);
      }
      subject->acknowledge(batch.id);
    }
    return all;
  }

  /// Every result that was appended or restored is in one place.
  void check_sum() {
    const auto& counts = subject->counts();
    CAF_CHECK_EQUAL(counts.acked + counts.dropped + subject->size().results,
                    counts.restored + static_cast<std::uint64_t>(next - before_));
  }
  int before_ = 0; ///< `next` when it was opened
};

} // namespace xprober
