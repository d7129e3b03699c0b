#include "xprober/probes/stream/neighbour_watch.hpp"

#include <utility>

#include "xprober/probes/stream/plain_address.hpp"

namespace xprober::stream {

neighbour_watch::neighbour_watch(kernel asked) : kernel_(std::move(asked)) {
  look(monotonic_time{});
}

void neighbour_watch::look(monotonic_time now) {
  look_at(ip_family::ip4, now);
  look_at(ip_family::ip6, now);
}

neighbour_watch::family_state& neighbour_watch::look_at(ip_family family, monotonic_time now) {
  auto& state = all_[static_cast<std::size_t>(family)];
  if (const auto table = kernel_.table(family)) {
    if (state.refusals && *state.refusals != table->refusals) {
      state.rose_at = now;
    }
    state.refusals = table->refusals;
    state.limit = table->limit;
  }
  return state;
}

std::string neighbour_watch::kept_back(const boost::asio::ip::address& to, monotonic_time since,
                                       monotonic_time now) {
  const auto family = to.is_v6() ? ip_family::ip6 : ip_family::ip4;
  const auto& state = look_at(family, now);
  if (!state.rose_at || *state.rose_at < since) {
    return {};
  }
  const auto scope = to.is_v6() ? to.to_v6().scope_id() : 0;
  const auto found = kernel_.state(plain_address(to), static_cast<std::uint32_t>(scope));
  if (found != neighbour_state::none && found != neighbour_state::asking) {
    return {};
  }
  return "the kernel's table of neighbours had no room (" +
         neighbour_limit_text(family, state.limit) + ")";
}

} // namespace xprober::stream
