// MessagePack and the envelope of MessagePack-RPC: the scanner finds the same end in whole messages
// and in pieces, the reader reads what the scanner found, messages survive being written.

#include "fuzz/support/messages.hpp"
#include "xprober/rpc/envelope.hpp"
#include "xprober/rpc/msgpack_frame.hpp"
#include "xprober/rpc/msgpack_reader.hpp"

namespace xprober::fuzz_msgpack {

namespace {

using namespace fuzz;

constexpr rpc::frame_limits limits{4096, 8};

struct scanned {
  rpc::frame_status status = rpc::frame_status::need_more;
  std::size_t size = 0;

  bool operator==(const scanned&) const = default;
};

scanned scan(std::string_view bytes, std::size_t piece) {
  rpc::frame_scanner scanner{limits};
  auto status = rpc::frame_status::need_more;
  for (std::size_t end = 0; end < bytes.size() && status == rpc::frame_status::need_more;) {
    end = std::min(end + piece, bytes.size());
    status = scanner.scan(bytes.substr(0, end));
    require(status != rpc::frame_status::complete || scanner.size() <= end,
            "a value is complete only when all of it has come");
  }
  return {status, status == rpc::frame_status::complete ? scanner.size() : 0};
}

void check_envelope(std::string_view value) {
  rpc::rpc_message message;
  if (!rpc::read_envelope(value, message).empty()) {
    return;
  }
  const auto inside = [&](std::string_view part) {
    return part.empty() || (part.data() >= value.data() &&
                            part.data() + part.size() <= value.data() + value.size());
  };
  require(inside(message.method) && inside(message.body), "views point into the message");
  std::string written;
  if (message.is_request) {
    rpc::begin_request(written, message.seq, message.method);
    written += message.body;
  } else if (message.error) {
    rpc::write_error_response(written, message.seq, *message.error);
  } else {
    rpc::begin_response(written, message.seq);
    written += message.body;
  }
  rpc::rpc_message again;
  const auto problem = rpc::read_envelope(written, again);
  require(problem.empty(), problem);
  require(again.is_request == message.is_request && again.seq == message.seq &&
              again.method == message.method && again.error == message.error &&
              (message.error || again.body == message.body),
          "an envelope is the same after it was written and read");
}

} // namespace

XPROBER_FUZZ(msgpack) {
  const auto whole = scan(bytes, bytes.size() + 1);
  for_each_piece_size(bytes.size(), [&](std::size_t piece) {
    require(scan(bytes, piece) == whole, "the pieces do not matter");
  });
  counting_events events;
  const bool is_read = rpc::read_msgpack(bytes, limits.max_depth, events).empty();
  if (is_read) {
    require(events.closed(), "what was begun was ended");
    require(events.values() <= bytes.size(), "a value takes a byte at least");
    require(events.deepest() <= limits.max_depth, "no deeper than the limit");
    require(bytes.size() > limits.max_bytes ||
                whole == scanned{rpc::frame_status::complete, bytes.size()},
            "the scanner finds the end of what the reader reads");
  }
  if (whole.status == rpc::frame_status::complete) {
    const auto value = bytes.substr(0, whole.size);
    counting_events found;
    // An empty list or map has no depth of its own for the scanner, and it does not look at keys.
    const auto problem = rpc::read_msgpack(value, limits.max_depth + 1, found);
    require(problem.empty() || problem == "a map has a key that is not a text", problem);
    check_envelope(value);
  }
  check_messages(bytes, rpc::wire_format::msgpack);
  push_batch_request batch;
  if (rpc::decode(bytes, rpc::wire_format::msgpack, batch).empty() && batch.bytes) {
    require(batch.bytes->size() <= bytes.size(), "a batch is no longer than its message");
  }
}

} // namespace xprober::fuzz_msgpack
