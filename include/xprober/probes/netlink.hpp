#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

namespace xprober {

/// One question to the kernel over rtnetlink, which needs no right: a message with its attributes.
/// A socket of its own for each question: what is asked here is asked seldom.
class netlink_question {
public:
  /// `body` is the message's own struct (rtmsg, ndmsg, rtgenmsg). NLM_F_REQUEST is set by itself.
  template <class Body>
  netlink_question(std::uint16_t type, std::uint16_t flags, const Body& body) noexcept {
    begin(type, flags, &body, sizeof body);
  }

  /// `data` has 16 bytes at most; four attributes at most.
  void add(std::uint16_t type, const void* data, std::size_t size) noexcept;

  /// Sends it and takes the first message of the answer. False: the kernel did not answer, or with
  /// an error.
  bool ask() noexcept;

  /// The errno that the kernel refused with; 0 where it did not say any.
  int error() const noexcept { return error_; }

  /// Type of the answer's first message; 0 where there is none.
  std::uint16_t type() const noexcept { return message_ ? message_->nlmsg_type : std::uint16_t{0}; }
  /// Its own struct; nothing where it is too short for it.
  template <class Body>
  std::optional<Body> body() const noexcept {
    Body value{};
    if (message_ == nullptr || message_->nlmsg_len < NLMSG_LENGTH(sizeof value)) {
      return std::nullopt;
    }
    std::memcpy(&value, message_ + 1, sizeof value);
    return value;
  }
  /// The bytes of an attribute behind a `Body`; empty where it is not there.
  template <class Body>
  std::string_view attribute(std::uint16_t type) const noexcept {
    return find(type, sizeof(Body));
  }
  /// The same as a number or a struct; what an older kernel does not fill is zero.
  template <class Body, class Value>
  std::optional<Value> value(std::uint16_t type) const noexcept {
    const auto bytes = attribute<Body>(type);
    if (bytes.empty()) {
      return std::nullopt;
    }
    Value found{};
    std::memcpy(&found, bytes.data(), bytes.size() < sizeof found ? bytes.size() : sizeof found);
    return found;
  }

private:
  void begin(std::uint16_t type, std::uint16_t flags, const void* body, std::size_t size) noexcept;
  std::string_view find(std::uint16_t type, std::size_t body_size) const noexcept;

  alignas(nlmsghdr) std::array<char, 256> request_{};
  alignas(nlmsghdr) std::array<char, 16384> answer_;
  const nlmsghdr* message_ = nullptr; ///< in `answer_`
  int error_ = 0;
};

} // namespace xprober
