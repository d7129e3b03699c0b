#pragma once

#include <vector>

#include "xprober/domain/facts.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

/// Writes facts as a JSON object; what is not known is null.
class fact_json final : public fact_sink {
public:
  void number(std::string_view key, std::optional<double> value) override;
  void whole(std::string_view key, std::optional<std::int64_t> value) override;
  void text(std::string_view key, std::optional<std::string_view> value) override;
  void flag(std::string_view key, bool value) override;
  void texts(std::string_view key, std::span<const std::string> values) override;
  void begin(std::string_view key) override;
  void begin_list(std::string_view key) override;
  void end() override;
  void nothing(std::string_view key) override;

  /// The object; leaves an empty one behind. Every `begin` has had its `end`.
  json take();

private:
  void put(std::string_view key, json value);

  /// What is being written with its key, the outermost first.
  std::vector<std::pair<std::string, json>> open_{{std::string{}, json::object()}};
};

} // namespace xprober::web
