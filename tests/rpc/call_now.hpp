#pragma once

#include <future>
#include <memory>

#include "xprober/bridge/error.hpp"
#include "xprober/rpc/caller.hpp"

namespace xprober::test {

inline std::future<rpc::call_result> begin_call(rpc::caller& engine, rpc::call_request request) {
  auto result = std::make_shared<std::promise<rpc::call_result>>();
  auto future = result->get_future();
  engine.call(std::move(request),
              [result](rpc::call_result&& value) { result->set_value(std::move(value)); });
  return future;
}

/// The result of one call.
inline rpc::call_result call_now(rpc::caller& engine, rpc::call_request request) {
  return begin_call(engine, std::move(request)).get();
}

/// The first target of the list, or "error: ..." .
inline std::string text_of(const rpc::call_result& result) {
  if (const auto* error = std::get_if<caf::error>(&result)) {
    return "error: " + bridge::error_text(*error);
  }
  if (const auto* push = std::get_if<push_response>(&result)) {
    return std::to_string(push->success_num);
  }
  const auto& list = std::get<get_targets_response>(result);
  return list.targets.empty() || list.targets[0].targets.empty() ? "" : list.targets[0].targets[0];
}

} // namespace xprober::test
