#include "xprober/probes/netlink.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace xprober {

namespace {

nlmsghdr* header_of(char* bytes) noexcept { return reinterpret_cast<nlmsghdr*>(bytes); }

static_assert(sizeof(nlmsghdr) == NLMSG_LENGTH(0)); // what a message says is right behind it

} // namespace

void netlink_question::begin(std::uint16_t type, std::uint16_t flags, const void* body,
                             std::size_t size) noexcept {
  auto* head = header_of(request_.data());
  head->nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(size));
  head->nlmsg_type = type;
  head->nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  std::memcpy(head + 1, body, size);
}

void netlink_question::add(std::uint16_t type, const void* data, std::size_t size) noexcept {
  auto* head = header_of(request_.data());
  const std::size_t at = NLMSG_ALIGN(head->nlmsg_len);
  if (at + RTA_SPACE(size) > request_.size()) {
    return;
  }
  auto* attribute = reinterpret_cast<rtattr*>(request_.data() + at);
  attribute->rta_type = type;
  attribute->rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
  std::memcpy(RTA_DATA(attribute), data, size);
  head->nlmsg_len = static_cast<std::uint32_t>(at + RTA_SPACE(size));
}

bool netlink_question::ask() noexcept {
  message_ = nullptr;
  error_ = 0;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) {
    return false;
  }
  ssize_t got = send(fd, request_.data(), header_of(request_.data())->nlmsg_len, 0);
  got = got < 0 ? got : recv(fd, answer_.data(), answer_.size(), MSG_DONTWAIT);
  close(fd);
  const auto* message = header_of(answer_.data());
  if (got <= 0 || !NLMSG_OK(message, static_cast<std::uint32_t>(got))) {
    return false;
  }
  if (message->nlmsg_type == NLMSG_ERROR) {
    nlmsgerr refusal{};
    if (message->nlmsg_len >= NLMSG_LENGTH(sizeof refusal)) {
      std::memcpy(&refusal, message + 1, sizeof refusal);
      error_ = -refusal.error;
    }
    return false;
  }
  message_ = message;
  return true;
}

std::string_view netlink_question::find(std::uint16_t type, std::size_t body_size) const noexcept {
  if (message_ == nullptr || message_->nlmsg_len < NLMSG_LENGTH(body_size)) {
    return {};
  }
  auto rest = static_cast<int>(message_->nlmsg_len - NLMSG_LENGTH(body_size));
  const auto* one = reinterpret_cast<const rtattr*>(reinterpret_cast<const char*>(message_) +
                                                    NLMSG_LENGTH(NLMSG_ALIGN(body_size)));
  for (; RTA_OK(one, rest); one = RTA_NEXT(one, rest)) {
    if ((one->rta_type & NLA_TYPE_MASK) == type) {
      return {static_cast<const char*>(RTA_DATA(one)), static_cast<std::size_t>(RTA_PAYLOAD(one))};
    }
  }
  return {};
}

} // namespace xprober
