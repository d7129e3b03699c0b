#include "xprober/actors/error_text.hpp"

#include <caf/all.hpp>

namespace xprober {

namespace {

constexpr caf::atom_value caf_category = caf::atom("system");
constexpr caf::atom_value exit_category = caf::atom("exit");

std::string meaning(caf::sec code) {
  switch (code) {
  case caf::sec::request_timeout: return "no answer in time";
  case caf::sec::request_receiver_down: return "it has ended";
  case caf::sec::unexpected_message:
  case caf::sec::unexpected_response: return "it does not know this question";
  case caf::sec::runtime_error: return "it failed";
  default: return to_string(code);
  }
}

} // namespace

std::string error_sentence(const caf::error& error) {
  if (error.category() != caf_category && error.category() != exit_category) {
    return {};
  }
  if (error.context().match_elements<std::string>()) {
    return error.context().get_as<std::string>(0);
  }
  return error.category() == exit_category ? "it has ended"
                                           : meaning(static_cast<caf::sec>(error.code()));
}

std::string error_text(caf::actor_system& system, const caf::error& error) {
  if (!error) {
    return "no error";
  }
  auto sentence = error_sentence(error);
  return sentence.empty() ? system.render(error) : sentence;
}

} // namespace xprober
