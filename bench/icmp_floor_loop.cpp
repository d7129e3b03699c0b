#include "icmp_floor_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <linux/icmp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "xprober/probes/icmp/packet.hpp"

namespace xprober::bench {

namespace {

constexpr std::uint32_t first_target = 0x7F400001; // 127.64.0.1

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

int open_socket() {
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0) {
    throw std::system_error(errno, std::generic_category(), "raw ICMP socket (needs CAP_NET_RAW)");
  }
  const icmp_filter only_replies{~1U};
  setsockopt(fd, SOL_RAW, ICMP_FILTER, &only_replies, sizeof(only_replies));
  const int buffer = 32 * 1024 * 1024;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
  return fd;
}

} // namespace

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wall_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::vector<std::string> loopback_targets(std::size_t count) {
  std::vector<std::string> targets;
  targets.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const in_addr address{htonl(first_target + static_cast<std::uint32_t>(i))};
    targets.emplace_back(inet_ntoa(address));
  }
  return targets;
}

echo_cost run_floor(std::size_t targets, std::size_t rounds, std::size_t size, std::size_t batch) {
  const int fd = open_socket();
  std::vector<std::uint8_t> packet(icmp::echo_header_size + size);
  packet[0] = icmp::echo_request4;
  const std::uint16_t checksum = icmp::checksum_finish(icmp::checksum_add(packet));
  packet[2] = static_cast<std::uint8_t>(checksum);
  packet[3] = static_cast<std::uint8_t>(checksum >> 8);

  std::vector<sockaddr_in> names(targets);
  for (std::size_t i = 0; i < targets; ++i) {
    names[i].sin_family = AF_INET;
    names[i].sin_addr.s_addr = htonl(first_target + static_cast<std::uint32_t>(i));
  }
  iovec out_part{packet.data(), packet.size()};
  std::vector<mmsghdr> out(batch);
  std::vector<std::array<std::uint8_t, 128>> buffers(batch);
  std::vector<iovec> in_parts(batch);
  std::vector<mmsghdr> in(batch);
  for (std::size_t i = 0; i < batch; ++i) {
    out[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    out[i].msg_hdr.msg_iov = &out_part;
    out[i].msg_hdr.msg_iovlen = 1;
    in_parts[i] = {buffers[i].data(), buffers[i].size()};
    in[i].msg_hdr.msg_iov = &in_parts[i];
    in[i].msg_hdr.msg_iovlen = 1;
  }

  echo_cost cost;
  const double cpu = cpu_seconds();
  const double wall = wall_seconds();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t at = 0; at < targets; at += batch) {
      const std::size_t n = std::min(batch, targets - at);
      for (std::size_t i = 0; i < n; ++i) {
        out[i].msg_hdr.msg_name = &names[at + i];
      }
      sendmmsg(fd, out.data(), static_cast<unsigned int>(n), 0);
      const int got =
          recvmmsg(fd, in.data(), static_cast<unsigned int>(batch), MSG_DONTWAIT, nullptr);
      cost.echoes += got > 0 ? static_cast<std::uint64_t>(got) : 0;
    }
  }
  const double echoes = static_cast<double>(std::max<std::uint64_t>(cost.echoes, 1));
  cost.cpu_us = (cpu_seconds() - cpu) * 1e6 / echoes;
  cost.wall_us = (wall_seconds() - wall) * 1e6 / echoes;
  close(fd);
  return cost;
}

} // namespace xprober::bench
