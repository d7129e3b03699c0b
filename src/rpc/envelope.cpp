#include "xprober/rpc/envelope.hpp"

#include <limits>

#include "xprober/rpc/msgpack_frame.hpp"
#include "xprober/rpc/msgpack_head.hpp"
#include "xprober/rpc/msgpack_writer.hpp"

namespace xprober::rpc {

namespace {

constexpr std::uint64_t request_type = 0;
constexpr std::uint64_t response_type = 1;
constexpr std::uint64_t notification_type = 2;

/// Takes values off the front of a message.
class cursor {
public:
  explicit cursor(std::string_view bytes) : rest_(bytes) {}

  /// Reads a head that must be of `kind`.
  bool head(msgpack_kind kind, msgpack_head& out) {
    if (read_head(rest_, out) != head_status::ok || out.kind != kind ||
        out.payload_bytes > rest_.size() - out.head_bytes) {
      return false;
    }
    rest_.remove_prefix(out.head_bytes);
    return true;
  }

  bool whole_number(std::uint64_t& out) {
    msgpack_head read;
    if (!head(msgpack_kind::unsigned_int, read)) {
      // Peers may write a positive number as a signed one.
      if (!head(msgpack_kind::signed_int, read) || read.bits >> 63 != 0) {
        return false;
      }
    }
    out = read.bits;
    return true;
  }

  bool text(std::string_view& out) {
    msgpack_head read;
    if (!head(msgpack_kind::text, read)) {
      return false;
    }
    out = rest_.substr(0, static_cast<std::size_t>(read.payload_bytes));
    rest_.remove_prefix(out.size());
    return true;
  }

  bool skip() {
    frame_scanner scanner;
    if (scanner.scan(rest_) != frame_status::complete) {
      return false;
    }
    rest_.remove_prefix(scanner.size());
    return true;
  }

  std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

std::string read_request(cursor& input, rpc_message& out) {
  if (!input.text(out.method)) {
    return "the method of the request is not a text";
  }
  msgpack_head parameters;
  if (!input.head(msgpack_kind::array, parameters)) {
    return "the parameters of the request are not an array";
  }
  if (parameters.items != 1) {
    return "the request has " + std::to_string(parameters.items) + " parameters, not one";
  }
  out.body = input.rest();
  return {};
}

std::string read_response(cursor& input, rpc_message& out) {
  msgpack_head nothing;
  std::string_view text;
  if (input.text(text)) {
    out.error = std::string{text};
  } else if (!input.head(msgpack_kind::nil, nothing)) {
    if (!input.skip()) {
      return "the response is cut short";
    }
    out.error = "an error without a text";
  }
  out.body = input.rest();
  return {};
}

} // namespace

std::string read_envelope(std::string_view bytes, rpc_message& out) {
  out = {};
  cursor input{bytes};
  msgpack_head outer;
  if (!input.head(msgpack_kind::array, outer) || outer.items < 3 || outer.items > 4) {
    return "the message is not an array of four";
  }
  std::uint64_t type = 0;
  if (!input.whole_number(type)) {
    return "the message's type is not a number";
  }
  if (type == notification_type) {
    return "notifications are not part of the protocol";
  }
  if (outer.items != 4) {
    return "the message is not an array of four";
  }
  if (!input.whole_number(out.seq)) {
    return "the message's sequence is not a number";
  }
  if (out.seq > std::numeric_limits<std::uint32_t>::max()) {
    return "the message's sequence has more than 32 bits";
  }
  if (type == request_type) {
    out.is_request = true;
    return read_request(input, out);
  }
  if (type == response_type) {
    return read_response(input, out);
  }
  return "the message's type is " + std::to_string(type) + ", not 0 or 1";
}

void begin_request(std::string& out, std::uint64_t seq, std::string_view method) {
  msgpack_writer writer{out};
  writer.begin_array(4);
  writer.integer(static_cast<std::int64_t>(request_type));
  writer.integer(static_cast<std::int64_t>(seq));
  writer.text(method);
  writer.begin_array(1);
}

void begin_response(std::string& out, std::uint64_t seq) {
  msgpack_writer writer{out};
  writer.begin_array(4);
  writer.integer(static_cast<std::int64_t>(response_type));
  writer.integer(static_cast<std::int64_t>(seq));
  writer.nil();
}

void write_error_response(std::string& out, std::uint64_t seq, std::string_view error) {
  msgpack_writer writer{out};
  writer.begin_array(4);
  writer.integer(static_cast<std::int64_t>(response_type));
  writer.integer(static_cast<std::int64_t>(seq));
  writer.text(error);
  writer.nil();
}

std::string unknown_method_text(std::string_view method) {
  const auto dot = method.rfind('.');
  const char* problem = "can't find method ";
  if (dot == std::string_view::npos) {
    problem = "service/method request ill-formed: ";
  } else if (method.substr(0, dot) != "Server") {
    problem = "can't find service ";
  }
  return std::string{"rpc: "} + problem + std::string{method};
}

} // namespace xprober::rpc
