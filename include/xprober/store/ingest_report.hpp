#pragma once

#include <cstdint>
#include <string_view>

namespace xprober {

/// What became of the values of one batch. `accepted + rejected` is the batch's size.
struct ingest_report {
  static constexpr std::string_view full = "the store is full";

  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::string_view reason; ///< why the first one was rejected; empty if none was

  void reject(std::string_view why, std::uint64_t count) {
    rejected += count;
    if (reason.empty()) {
      reason = why;
    }
  }
};

} // namespace xprober
