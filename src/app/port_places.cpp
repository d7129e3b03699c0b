#include "xprober/app/port_places.hpp"

#include <algorithm>

namespace xprober::app {

namespace {

/// A server's databases, journals, receivers and sources take some fifty.
constexpr std::uint64_t kept_by_server = 256;
constexpr std::uint64_t page_part_of_agent = 16;
constexpr std::uint64_t least_places_of_agent = 16;

} // namespace

server_places places_of_server(std::uint64_t descriptors, std::uint64_t wanted) noexcept {
  const auto files = std::min(kept_by_server, descriptors / 2);
  const auto shared = descriptors - files;
  const auto page = std::min(wanted, shared / 4);
  return {static_cast<std::size_t>(std::min(wanted, shared - page)), static_cast<std::size_t>(page),
          static_cast<std::size_t>(files)};
}

std::size_t places_of_agent(std::uint64_t descriptors, std::uint64_t wanted) noexcept {
  return static_cast<std::size_t>(
      std::min(wanted, std::max(least_places_of_agent, descriptors / page_part_of_agent)));
}

} // namespace xprober::app
