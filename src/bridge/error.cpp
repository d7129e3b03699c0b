#include "xprober/bridge/error.hpp"

#include <caf/all.hpp>

#include "xprober/actors/error_text.hpp"

namespace xprober::bridge {

namespace {

/// At most ten characters, as CAF's atoms allow.
constexpr caf::atom_value category = caf::atom("xproberRpc");

std::string render(std::uint8_t code, caf::atom_value, const caf::message& context) {
  std::string text{to_string(static_cast<ec>(code))};
  if (context.match_elements<std::string>()) {
    text += ": " + context.get_as<std::string>(0);
  }
  return text;
}

} // namespace

std::string_view to_string(ec code) noexcept {
  switch (code) {
  case ec::unreachable: return "server unreachable";
  case ec::connection_lost: return "connection lost";
  case ec::timeout: return "no answer in time";
  case ec::protocol: return "protocol error";
  case ec::remote: return "the server refused";
  case ec::bad_message: return "malformed answer";
  case ec::overloaded: return "too many calls outstanding";
  case ec::too_large: return "message too large";
  case ec::shutdown: return "shutting down";
  }
  return "unknown error";
}

caf::error make_error(ec code) { return {static_cast<std::uint8_t>(code), category}; }

caf::error make_error(ec code, std::string text) {
  return {static_cast<std::uint8_t>(code), category, caf::make_message(std::move(text))};
}

bool is(const caf::error& error, ec code) noexcept {
  return error && error.category() == category && error.code() == static_cast<std::uint8_t>(code);
}

std::string error_text(const caf::error& error) {
  if (!error) {
    return "no error";
  }
  if (error.category() == category) {
    return render(error.code(), category, error.context());
  }
  auto sentence = error_sentence(error);
  return sentence.empty() ? caf::to_string(error) : sentence;
}

void register_errors(caf::actor_system_config& config) {
  config.add_error_category(category, render);
}

} // namespace xprober::bridge
