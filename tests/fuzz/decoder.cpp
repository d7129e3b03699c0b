// Codings of bodies. The first byte says which; the rest is such a body, and also something that is
// encoded here and has to come out again.

#include "xprober/probes/http/decoder.hpp"
#include "fuzz/support/fuzz.hpp"
#include "xprober/net/condense.hpp"

namespace xprober::fuzz_decoder {

namespace {

using namespace fuzz;
using http::content_decoder;

constexpr std::uint64_t limit = 16 * 1024;
constexpr std::string_view codings[] = {"gzip",
                                        "deflate",
                                        "br",
                                        "gzip, deflate",
                                        "br, gzip, x-gzip",
                                        "identity",
                                        "gzip, other",
                                        "gzip,gzip,gzip,gzip,gzip"};

struct decoded {
  bool good = false;
  std::string text;

  bool operator==(const decoded&) const = default;
};

decoded decode(std::string_view bytes, std::string_view coding, std::size_t piece) {
  auto made = content_decoder::make(coding, limit);
  if (!made.decoder) {
    return {};
  }
  decoded out;
  auto now = content_decoder::state::good;
  for (std::size_t at = 0; at < bytes.size() && now == content_decoder::state::good; at += piece) {
    now = made.decoder->feed(bytes.substr(at, piece),
                             [&](std::string_view text) { out.text += text; });
    require(out.text.size() <= limit, "no more is decoded than the limit");
  }
  out.good =
      now == content_decoder::state::good && made.decoder->finish() == content_decoder::state::good;
  if (!out.good) {
    out.text.clear();
  }
  return out;
}

void check_round_trip(std::string_view text) {
  net::gzip_writer writer;
  std::string packed;
  writer.add(text.substr(0, text.size() / 2), packed);
  writer.add(text.substr(text.size() / 2), packed);
  writer.finish(packed);
  require(text.size() > limit || decode(packed, "gzip", 5) == decoded{true, std::string{text}},
          "what was encoded is decoded");
}

} // namespace

XPROBER_FUZZ(decoder) {
  input in{bytes};
  const auto selector = in.byte();
  if (selector >= 0x80) { // the names themselves
    const auto made = content_decoder::make(in.rest(), limit);
    require(!made.too_many || !made.decoder, "too many are not undone");
    return;
  }
  const auto coding = codings[selector % std::size(codings)];
  const auto whole = decode(in.rest(), coding, in.rest().size() + 1);
  for_each_piece_size(in.rest().size(), [&](std::size_t piece) {
    require(decode(in.rest(), coding, piece) == whole, "the pieces do not matter");
  });
  check_round_trip(in.rest());
}

} // namespace xprober::fuzz_decoder
