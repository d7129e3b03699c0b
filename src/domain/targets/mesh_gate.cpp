#include "xprober/domain/targets/mesh_gate.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/targets/membership.hpp"

namespace xprober {

namespace {

constexpr std::chrono::microseconds minute{std::chrono::minutes{1}};
constexpr auto one_agent = static_cast<std::uint64_t>(minute.count()); ///< see `mesh_gate::room_`

bool is_in_block(const ip_address& address, const ip_block& block) noexcept {
  if (address.v6 != block.first.v6) {
    return false;
  }
  for (int i = 0; i < address.bits() / 8; ++i) {
    const int kept = std::clamp(block.prefix - i * 8, 0, 8);
    const auto index = static_cast<std::size_t>(i);
    const auto differs = static_cast<unsigned>(address.bytes[index] ^ block.first.bytes[index]);
    if ((differs & (0xFF00U >> static_cast<unsigned>(kept)) & 0xFFU) != 0) {
      return false;
    }
  }
  return true;
}

bool is_loopback(const ip_address& address) noexcept {
  const auto& b = address.bytes;
  return address.v6
             ? b[15] == 1 && std::all_of(b.begin(), b.end() - 1, [](auto x) { return x == 0; })
             : b[0] == 127;
}

} // namespace

std::optional<ip_block> parse_network(std::string_view text, std::string& error) {
  if (const auto address = parse_ip(text)) {
    return ip_block{*address, address->bits()};
  }
  return parse_block(text, error);
}

std::optional<mesh_gate::agent_name> parse_retired(std::string_view text, std::string& error) {
  const auto slash = text.rfind('/');
  const auto region = text.substr(0, slash);
  if (slash == std::string_view::npos || !is_region_name(region)) {
    error = "it names no region and no address";
    return std::nullopt;
  }
  const auto address = text.substr(slash + 1);
  auto usual =
      address == "*" ? std::optional{std::string{address}} : canonical_host_address(address);
  if (!usual) {
    error = "what is behind the last '/' is not the address of a machine";
    return std::nullopt;
  }
  return mesh_gate::agent_name{region, std::move(*usual)};
}

mesh_gate::mesh_gate(const std::vector<std::string>& networks, std::uint64_t new_in_a_minute,
                     const std::vector<std::string>& retired)
    : is_open_(false), in_a_minute_(new_in_a_minute), room_(in_a_minute_ * one_agent) {
  std::string ignored;
  for (const auto& text : networks) {
    if (const auto block = parse_network(text, ignored)) {
      networks_.push_back(*block);
    }
  }
  for (const auto& text : retired) {
    if (auto name = parse_retired(text, ignored)) {
      retired_.insert(std::move(*name));
    }
  }
}

bool mesh_gate::is_retired(std::string_view region, std::string_view address) const {
  return !retired_.empty() && (retired_.contains({std::string{region}, "*"}) ||
                               retired_.contains({std::string{region}, std::string{address}}));
}

mesh_gate::verdict mesh_gate::judge(std::string_view address, std::string_view peer) const {
  if (is_open_) {
    return verdict::open;
  }
  if (!networks_.empty()) {
    const auto own = parse_ip(address);
    const bool named = own && std::ranges::any_of(networks_, [&](const ip_block& block) {
                         return is_in_block(*own, block);
                       });
    return named ? verdict::open : verdict::other_network;
  }
  std::string ignored;
  const auto from = parse_host_port(peer, ignored);
  const auto host = from ? canonical_host_address(from->host) : std::nullopt;
  if (!host) {
    return verdict::other_peer;
  }
  return *host == address || is_loopback(*parse_ip(*host)) ? verdict::open : verdict::other_peer;
}

bool mesh_gate::admit(monotonic_time now) {
  if (is_open_) {
    return true;
  }
  const auto passed = std::chrono::floor<std::chrono::microseconds>(now - at_);
  at_ += passed; // what is less than one counts the next time
  const auto counted = static_cast<std::uint64_t>(std::min(passed, minute).count());
  room_ = std::min(in_a_minute_ * one_agent, room_ + counted * in_a_minute_);
  if (room_ < one_agent) {
    return false;
  }
  room_ -= one_agent;
  return true;
}

} // namespace xprober
