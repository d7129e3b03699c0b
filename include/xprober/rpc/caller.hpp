#pragma once

#include <functional>
#include <string_view>
#include <variant>

#include <caf/error.hpp>

#include "xprober/domain/wire/chains.hpp"
#include "xprober/domain/wire/questions.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober::rpc {

/// The argument of a call; it decides the method.
using call_request = std::variant<get_targets_request, push_request, push_batch_request,
                                  leave_request, questions_request, chains_request>;

/// What a call came to. The alternative of an answer fits the request's.
using call_result = std::variant<get_targets_response, push_response, push_batch_response,
                                 leave_response, questions_response, chains_response, caf::error>;

/// One of `methods`, e.g. "Server.GetProberTargets".
std::string_view method_of(const call_request& request) noexcept;

/// Called exactly once for each call, on the I/O thread. Must not block: it sends a message.
using call_completion = std::function<void(call_result&&)>;

/// The seam between the rpc_client actor and I/O: all that the actor knows of connections.
class caller {
public:
  virtual ~caller() = default;

  /// Makes one call. Callable from any thread; never blocks.
  virtual void call(call_request request, call_completion done) = 0;
};

} // namespace xprober::rpc
