#include "xprober/rpc/caller.hpp"

#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

std::string_view method_of(const call_request& request) noexcept {
  if (std::holds_alternative<push_batch_request>(request)) {
    return methods::push_batch;
  }
  return std::holds_alternative<push_request>(request) ? methods::push_results
                                                       : methods::get_targets;
}

} // namespace xprober::rpc
