// Records of the journal, roll-ups of the history, descriptions of kinds. The first byte says
// which; what lies in a Zstandard frame is compressed here, because no fuzzer finds a checksum.

#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/history/rollup.hpp"
#include "xprober/domain/wire/compress.hpp"
#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/domain/wire/record.hpp"

namespace xprober::fuzz_records {

namespace {

using namespace fuzz;

/// Counts below it do not wrap when they are added.
constexpr std::uint64_t half = std::uint64_t{1} << 63U;

std::string framed(std::string_view bytes) {
  std::string out;
  compress(bytes, out);
  return out;
}

void check_values(std::string_view bytes) {
  std::vector<wire_value> values;
  if (decode_values(bytes, values).empty()) {
    const auto written = encode_values(values);
    std::vector<wire_value> again;
    require(decode_values(written, again).empty(), "values can be read after they were written");
    require(encode_values(again) == written,
            "values are the same after they were written and read");
  }
}

void check_ended(std::string_view bytes) {
  std::vector<ended_series> series;
  if (decode_ended(bytes, series).empty()) {
    const auto written = encode_ended(series);
    std::vector<ended_series> again;
    require(decode_ended(written, again).empty(), "series can be read after they were written");
    require(encode_ended(again) == written, "series are the same after they were written and read");
  }
}

void check_rollup(std::string_view bytes) {
  if (const auto first = rollup::decode(bytes)) {
    const auto written = first->encode();
    const auto again = rollup::decode(written);
    require(again && again->encode() == written,
            "a roll-up is the same after it was written and read");
    const auto median = first->quantile_ms(0.5);
    require(first->value_ms.count == 0 || (median >= first->min_ms() && median <= first->max_ms()),
            "a quantile is between the least and the most");
    if (first->probes < half && first->value_ms.count < half) {
      auto twice = *first;
      twice.merge(*first);
      require(rollup::decode(twice.encode()).has_value(), "merged roll-ups can be read");
    }
  }
}

void check_kind(std::string_view bytes) {
  std::string problem;
  const auto kind = decode_kind(bytes, problem);
  require((kind == nullptr) == !problem.empty(), "there is a kind or a reason");
  if (kind) {
    const auto written = encode_kind(*kind);
    const auto again = decode_kind(written, problem);
    require(again != nullptr, problem);
    require(encode_kind(*again) == written, "a kind is the same after it was written and read");
  }
}

} // namespace

XPROBER_FUZZ(records) {
  input in{bytes};
  switch (in.below(6)) {
  case 0: check_values(framed(in.rest())); break;
  case 1: check_ended(framed(in.rest())); break;
  case 2: check_rollup(in.rest()); break;
  case 3: check_kind(in.rest()); break;
  case 4: check_values(in.rest()); break;
  default: {
    std::string out;
    if (decompress(in.rest(), 4096, out).empty()) {
      require(out.size() <= 4096, "no longer than it may be");
    }
    const auto frame = framed(in.rest());
    require(decompress(frame, in.rest().size(), out).empty() && out == in.rest(),
            "a frame holds what was put into it");
    require(in.rest().empty() || !decompress(frame, in.rest().size() - 1, out).empty(),
            "a frame that holds too much is refused");
  }
  }
}

} // namespace xprober::fuzz_records
