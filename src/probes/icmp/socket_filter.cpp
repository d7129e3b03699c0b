#include "xprober/probes/icmp/socket_filter.hpp"

#include <cstddef>

#include "xprober/probes/icmp/packet.hpp"

namespace xprober::icmp {

namespace {

constexpr std::uint32_t id_place = 4;

constexpr sock_filter statement(std::uint16_t code, std::uint32_t k) { return {code, 0, 0, k}; }

constexpr sock_filter jump(std::uint16_t code, std::uint32_t k, std::uint8_t yes, std::uint8_t no) {
  return {code, yes, no, k};
}

} // namespace

reply_filter make_reply_filter(ip_family family, std::uint16_t id) noexcept {
  const bool ip4 = family == ip_family::ip4;
  // X holds where the ICMP header begins: the length of the IPv4 header, or 0.
  const sock_filter find_header =
      ip4 ? statement(BPF_LDX | BPF_B | BPF_MSH, 0) : statement(BPF_LDX | BPF_W | BPF_IMM, 0);
  return {
      find_header,
      statement(BPF_LD | BPF_B | BPF_IND, 0),
      jump(BPF_JMP | BPF_JEQ | BPF_K, ip4 ? echo_reply4 : echo_reply6, 0, 3),
      statement(BPF_LD | BPF_H | BPF_IND, id_place),
      jump(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
      statement(BPF_RET | BPF_K, 0xFFFFFFFF),
      statement(BPF_RET | BPF_K, 0),
  };
}

} // namespace xprober::icmp
