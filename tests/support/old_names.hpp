#pragma once

#include <array>
#include <string_view>

/// The metrics of the old form, as Go agents push them.
namespace old_names {

inline constexpr std::string_view ping_success = "ping_target_success";
inline constexpr std::string_view ping_drop_rate = "ping_packageDrop_rate";
inline constexpr std::string_view ping_latency = "ping_latency_millonseconds";
inline constexpr std::string_view http_success = "http_interface_success";
/// resolve, connect, tls, processing, transfer.
inline constexpr std::array<std::string_view, 5> http_phases{
    "http_resolveDuration_millonseconds", "http_connectDuration_millonseconds",
    "http_tlsDuration_millonseconds", "http_processingDuration_millonseconds",
    "http_transferDuration_millonseconds"};

} // namespace old_names
