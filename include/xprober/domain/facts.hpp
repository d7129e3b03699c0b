#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xprober {

/// Takes what a kind says of a probe, by names: a JSON object to `web`, columns of a table to the
/// commands. What is not known is told as nothing and shown as such.
class fact_sink {
public:
  virtual ~fact_sink() = default;

  virtual void number(std::string_view key, std::optional<double> value) = 0;
  virtual void whole(std::string_view key, std::optional<std::int64_t> value) = 0;
  virtual void text(std::string_view key, std::optional<std::string_view> value) = 0;
  virtual void flag(std::string_view key, bool value) = 0;
  virtual void texts(std::string_view key, std::span<const std::string> values) = 0;
  /// What comes until the matching `end` is an object with this name (in a list: without one).
  virtual void begin(std::string_view key) = 0;
  /// What comes until the matching `end` is a list of objects.
  virtual void begin_list(std::string_view key) = 0;
  virtual void end() = 0;
  /// An object that is not there.
  virtual void nothing(std::string_view key) = 0;
};

} // namespace xprober
