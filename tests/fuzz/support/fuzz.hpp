#pragma once

// What every fuzzer is made of. A file of tests/fuzz is one:
//
//   XPROBER_FUZZ(name) { ... bytes ... }
//
// With libFuzzer (XPROBER_FUZZ=ON, `./dev fuzz`) that is its LLVMFuzzerTestOneInput. In every other
// build it is an entry of the one program that gives each its corpus (`fuzz_corpus`, ctest
// `fuzz.*`).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace xprober::fuzz {

/// Ends the process where an invariant does not hold: libFuzzer keeps the input then.
inline void require(bool holds, std::string_view what,
                    std::source_location where = std::source_location::current()) {
  if (!holds) {
    std::fprintf(stderr, "%s:%u: does not hold: %.*s\n", where.file_name(),
                 static_cast<unsigned>(where.line()), static_cast<int>(what.size()), what.data());
    std::abort();
  }
}

/// Takes numbers off the front of an input; what is no longer there is 0.
class input {
public:
  explicit input(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) {
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint16_t word() {
    const auto low = byte();
    return static_cast<std::uint16_t>(low | (byte() << 8));
  }
  /// From 0 to `end` - 1.
  std::size_t below(std::size_t end) { return byte() % end; }
  std::string_view take(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to the first `end`, which is dropped.
  std::string_view until(char end) {
    const auto taken = take(rest_.find(end));
    rest_.remove_prefix(rest_.empty() ? 0 : 1);
    return taken;
  }
  std::string_view rest() const noexcept { return rest_; }

private:
  std::string_view rest_;
};

/// Calls `visit` with the sizes of pieces in which an input of `size` bytes is to be read: of one
/// byte, of a few, of many. Long inputs are not cut into single bytes: that is what takes longest.
template <class Visitor>
void for_each_piece_size(std::size_t size, Visitor&& visit) {
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{61}}) {
    if (size / piece <= 512 && piece < size) {
      visit(piece);
    }
  }
}

using fuzz_function = void (*)(std::string_view);

/// A fuzzer by its name, for `fuzz_corpus`.
struct fuzzer {
  std::string_view name;
  fuzz_function run;
};

inline std::vector<fuzzer>& fuzzers() {
  static std::vector<fuzzer> all;
  return all;
}

struct registration {
  registration(std::string_view name, fuzz_function run) { fuzzers().push_back({name, run}); }
};

} // namespace xprober::fuzz

#ifdef XPROBER_LIBFUZZER
#define XPROBER_FUZZ(name)                                                                         \
  static void fuzz_##name(std::string_view bytes);                                                 \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {              \
    fuzz_##name({reinterpret_cast<const char*>(data), size});                                      \
    return 0;                                                                                      \
  }                                                                                                \
  static void fuzz_##name([[maybe_unused]] std::string_view bytes)
#else
#define XPROBER_FUZZ(name)                                                                         \
  static void fuzz_##name(std::string_view bytes);                                                 \
  static const xprober::fuzz::registration registered_##name{#name, &fuzz_##name};                 \
  static void fuzz_##name([[maybe_unused]] std::string_view bytes)
#endif
