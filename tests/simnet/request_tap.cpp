#include "simnet/request_tap.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace simnet {

namespace {

// Room for a second of 30,000 requests, each of a whole MTU.
constexpr std::size_t frame_size = 2048;
constexpr std::size_t frame_count = 32'768;
constexpr std::size_t block_size = 1U << 20;
constexpr std::size_t ring_size = frame_size * frame_count;

nanoseconds read(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

void set(int fd, int level, int name, const void* value, socklen_t size) {
  if (setsockopt(fd, level, name, value, size) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot set up the packet socket");
  }
}

/// Only what leaves: what simnet writes comes in.
void attach_filter(int fd) {
  std::array<sock_filter, 4> program{
      {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
       BPF_STMT(BPF_RET | BPF_K, 0x40000), BPF_STMT(BPF_RET | BPF_K, 0)}};
  const sock_fprog filter{program.size(), program.data()};
  set(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

} // namespace

request_tap::request_tap(const std::string& name) {
  fd_ = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "packet socket");
  }
  try {
    const int version = TPACKET_V2;
    set(fd_, SOL_PACKET, PACKET_VERSION, &version, sizeof(version));
    const tpacket_req room{block_size, ring_size / block_size, frame_size, frame_count};
    set(fd_, SOL_PACKET, PACKET_RX_RING, &room, sizeof(room));
    attach_filter(fd_);
    void* const memory = mmap(nullptr, ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (memory == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "cannot map the packet ring");
    }
    ring_ = static_cast<std::uint8_t*>(memory);
    sockaddr_ll at{};
    at.sll_family = AF_PACKET;
    at.sll_protocol = htons(ETH_P_ALL);
    at.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot listen at " + name);
    }
  } catch (...) {
    close(fd_);
    throw;
  }
  read_clocks();
}

request_tap::~request_tap() {
  munmap(ring_, ring_size);
  close(fd_);
}

const std::uint8_t* request_tap::frame(std::size_t place) const noexcept {
  return ring_ + place * frame_size;
}

void request_tap::give_back() noexcept {
  auto* const header = reinterpret_cast<tpacket2_hdr*>(ring_ + place_ * frame_size);
  std::atomic_ref(header->tp_status).store(TP_STATUS_KERNEL, std::memory_order_release);
  place_ = (place_ + 1) % frame_count;
  holds_ = false;
}

std::optional<request_tap::heard> request_tap::next() {
  if (holds_) {
    give_back();
  }
  for (;; give_back()) {
    const auto* const header = reinterpret_cast<const tpacket2_hdr*>(frame(place_));
    const auto status = std::atomic_ref(const_cast<tpacket2_hdr*>(header)->tp_status)
                            .load(std::memory_order_acquire);
    if ((status & TP_STATUS_USER) == 0) {
      return std::nullopt;
    }
    if (header->tp_snaplen < header->tp_len) {
      ++lost_;
      continue;
    }
    holds_ = true;
    const nanoseconds stamp = std::chrono::seconds{header->tp_sec} + nanoseconds{header->tp_nsec};
    return heard{std::span(frame(place_) + header->tp_net, header->tp_snaplen),
                 time_point{stamp - since_epoch_}};
  }
}

void request_tap::read_clocks() noexcept {
  const nanoseconds before = read(CLOCK_MONOTONIC);
  const nanoseconds real = read(CLOCK_REALTIME);
  const nanoseconds after = read(CLOCK_MONOTONIC);
  since_epoch_ = real - (before + after) / 2;
}

void request_tap::clear_errors() noexcept {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
}

std::uint64_t request_tap::lost() noexcept {
  tpacket_stats since_last{};
  socklen_t size = sizeof(since_last);
  if (getsockopt(fd_, SOL_PACKET, PACKET_STATISTICS, &since_last, &size) == 0) {
    lost_ += since_last.tp_drops;
  }
  return lost_;
}

} // namespace simnet
