#include "xprober/probes/icmp/message_batch.hpp"

#include <algorithm>
#include <cstring>

#include <time.h>

namespace xprober::icmp {

send_batch::send_batch(std::size_t capacity)
    : messages_(capacity), parts_(capacity), destinations_(capacity), places_(capacity) {
  for (std::size_t i = 0; i < capacity; ++i) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &destinations_[i];
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
  }
}

std::span<std::uint8_t, echo_head_size>
send_batch::add(const host_address& destination, std::span<const std::uint8_t> filler) noexcept {
  const std::size_t i = size_++;
  place& p = places_[i];
  const std::size_t length = echo_head_size + filler.size();
  if (p.filler != filler.data() || p.bytes.size() != length) {
    p.bytes.resize(length);
    std::copy(filler.begin(), filler.end(), p.bytes.begin() + echo_head_size);
    p.filler = filler.data();
    parts_[i] = {p.bytes.data(), length};
  }
  messages_[i].msg_hdr.msg_namelen = to_sockaddr(destination, destinations_[i]);
  return std::span<std::uint8_t, echo_head_size>(p.bytes.data(), echo_head_size);
}

receive_batch::receive_batch(std::size_t capacity)
    : messages_(capacity), parts_(capacity), buffers_(capacity) {
  for (std::size_t i = 0; i < capacity; ++i) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    header.msg_control = buffers_[i].control;
  }
  reserve(echo_tag_size);
}

void receive_batch::reserve(std::size_t payload_size) {
  // One byte more than a right packet has, so that a longer one is seen to be longer.
  const std::size_t needed = (headers_size + payload_size + 1 + 7) / 8 * 8;
  if (needed <= bytes_each_) {
    return;
  }
  bytes_each_ = needed;
  bytes_.assign(messages_.size() * needed, 0);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i] = {bytes_.data() + i * needed, needed};
  }
}

mmsghdr* receive_batch::prepare(bool with_names) noexcept {
  // Only what the last call used was changed by it.
  const std::size_t used = size_;
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    msghdr& header = messages_[i].msg_hdr;
    if (i >= used && header.msg_controllen == control_each &&
        (header.msg_name != nullptr) == with_names) {
      break;
    }
    header.msg_controllen = control_each;
    header.msg_name = with_names ? &buffers_[i].name : nullptr;
    header.msg_namelen = with_names ? sizeof(sockaddr_in6) : 0;
  }
  size_ = 0;
  return messages_.data();
}

received_packet receive_batch::packet(std::size_t index) noexcept {
  msghdr& header = messages_[index].msg_hdr;
  received_packet result;
  // A message above the buffer's size reports its full length only with MSG_TRUNC asked for.
  result.bytes = {bytes_.data() + index * bytes_each_, messages_[index].msg_len};
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    const bool ttl = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) ||
                     (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT);
    if (ttl) {
      int value = 0;
      std::memcpy(&value, CMSG_DATA(c), sizeof(value));
      result.ttl = static_cast<std::uint8_t>(value);
      continue;
    }
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp;
      std::memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
      result.stamp = std::chrono::seconds{stamp.tv_sec} + nanoseconds{stamp.tv_nsec};
    }
  }
  return result;
}

host_address receive_batch::source(std::size_t index) const noexcept {
  return from_sockaddr(buffers_[index].name);
}

} // namespace xprober::icmp
