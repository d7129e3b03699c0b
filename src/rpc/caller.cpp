#include "xprober/rpc/caller.hpp"

#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

std::string_view method_of(const call_request& request) noexcept {
  if (std::holds_alternative<push_batch_request>(request)) {
    return methods::push_batch;
  }
  if (std::holds_alternative<leave_request>(request)) {
    return methods::leave;
  }
  if (std::holds_alternative<chains_request>(request)) {
    return methods::chains;
  }
  if (std::holds_alternative<questions_request>(request)) {
    return methods::questions;
  }
  return std::holds_alternative<push_request>(request) ? methods::push_results
                                                       : methods::get_targets;
}

} // namespace xprober::rpc
