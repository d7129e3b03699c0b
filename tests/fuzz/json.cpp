// JSON as the other form of the messages.

#include "fuzz/support/messages.hpp"
#include "xprober/rpc/json_reader.hpp"

namespace xprober::fuzz_json {

namespace {

using namespace fuzz;

constexpr std::size_t max_depth = 8;

/// What came as JSON goes out as MessagePack and says the same.
void check_other_form(std::string_view bytes) {
  get_targets_response first;
  if (!rpc::decode(bytes, rpc::wire_format::json, first, small_limits()).empty()) {
    return;
  }
  std::string written;
  rpc::encode(first, rpc::wire_format::msgpack, written);
  get_targets_response second;
  const auto problem = rpc::decode(written, rpc::wire_format::msgpack, second, small_limits());
  require(problem.empty(), problem);
  require(first == second, "JSON and MessagePack say the same");
}

} // namespace

XPROBER_FUZZ(json) {
  counting_events events;
  if (rpc::read_json(bytes, max_depth, events).empty()) {
    require(events.closed(), "what was begun was ended");
    require(events.values() <= bytes.size(), "a value takes a byte at least");
    require(events.deepest() <= max_depth, "no deeper than the limit");
  }
  check_messages(bytes, rpc::wire_format::json);
  check_other_form(bytes);
}

} // namespace xprober::fuzz_json
