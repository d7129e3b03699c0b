// Answers as a probe reads them. The first byte: whether there is a body, and what is kept.

#include <cstring>

#include "fuzz/support/fuzz.hpp"
#include "xprober/probes/http/response_reader.hpp"

namespace xprober::fuzz_http_probe {

namespace {

using namespace fuzz;
using state = http::response_reader::state;

constexpr http::read_limits limits{512, 4096};
constexpr std::size_t kept = 100;

struct outcome {
  state now = state::need_more;
  std::uint16_t status = 0;
  std::uint8_t version = 0;
  std::optional<std::string> location;
  std::vector<std::string> cookies;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::uint64_t decoded = 0;
  probe_error error = probe_error::none;

  bool operator==(const outcome&) const = default;
};

outcome read(std::string_view bytes, std::size_t piece, std::uint8_t flags) {
  http::response_reader reader{
      limits, (flags & 1U) != 0, {(flags & 2U) != 0, (flags & 4U) != 0 ? kept : 0}};
  auto now = state::need_more;
  while (!bytes.empty() && now == state::need_more) {
    const auto room = reader.prepare();
    require(!room.empty(), "there is room");
    const auto size = std::min({piece, bytes.size(), room.size()});
    std::memcpy(room.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    now = reader.commit(size);
    require(reader.body().size() <= kept, "no more is kept than was asked for");
    require(now != state::need_more || reader.decoded_bytes() <= limits.body,
            "no more is decoded than the limit");
  }
  if (now == state::need_more) {
    now = reader.end_of_stream((flags & 8U) != 0);
  }
  require(now != state::need_more, "an answer has its end with the connection");
  require((now == state::failed) == (reader.error() != probe_error::none),
          "a failure has a reason");
  require((now == state::failed) == !reader.detail().empty(), "a failure has words");
  outcome out{now,
              reader.status(),
              reader.version(),
              reader.location(),
              reader.set_cookies(),
              reader.fields(),
              {},
              0,
              reader.error()};
  if (now == state::done) { // of a body that fails, pieces are seen or not
    out.body = reader.body();
    out.decoded = reader.decoded_bytes();
  }
  return out;
}

} // namespace

XPROBER_FUZZ(http_probe) {
  input in{bytes};
  const auto flags = in.byte();
  const auto whole = read(in.rest(), in.rest().size() + 1, flags);
  for_each_piece_size(in.rest().size(), [&](std::size_t piece) {
    require(read(in.rest(), piece, flags) == whole, "the pieces do not matter");
  });
}

} // namespace xprober::fuzz_http_probe
