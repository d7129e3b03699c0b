#pragma once

// MessagePack-RPC (https://github.com/msgpack-rpc/msgpack-rpc, spec.md) as Go's net/rpc with
// ugorji's MsgpackSpecRpc speaks it: request [0, seq, "Server.Method", [argument]], response
// [1, seq, nil or error text, result or nil]. A notification is a protocol error there.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xprober::rpc {

/// The methods of Go servers, and ours.
namespace methods {
inline constexpr std::string_view get_targets = "Server.GetProberTargets";
inline constexpr std::string_view push_results = "Server.PushProberResults";
inline constexpr std::string_view push_batch = "Server.PushBatch"; ///< ours
inline constexpr std::string_view leave = "Server.Leave";          ///< ours
inline constexpr std::string_view questions = "Server.Questions";  ///< ours
inline constexpr std::string_view chains = "Server.Chains";        ///< ours
} // namespace methods

/// One message, taken apart. The views point into the bytes that were read.
struct rpc_message {
  bool is_request = false;
  std::uint64_t seq = 0;
  std::string_view method;          ///< of a request
  std::string_view body;            ///< MessagePack of a request's argument or a response's result
  std::optional<std::string> error; ///< of a response
};

/// Takes a message apart. `bytes` is one whole MessagePack value, as frame_scanner finds it.
/// Returns what is wrong with it; empty when nothing is.
std::string read_envelope(std::string_view bytes, rpc_message& out);

/// Appends all of a request but its argument, which must follow.
void begin_request(std::string& out, std::uint64_t seq, std::string_view method);

/// Appends all of a response but its result, which must follow.
void begin_response(std::string& out, std::uint64_t seq);

/// Appends a response that says what went wrong.
void write_error_response(std::string& out, std::uint64_t seq, std::string_view error);

/// What Go's net/rpc server says to a method that it does not have.
std::string unknown_method_text(std::string_view method);

} // namespace xprober::rpc
