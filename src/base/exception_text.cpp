#include "xprober/base/exception_text.hpp"

namespace xprober {

std::string exception_text(const std::exception_ptr& thrown) noexcept {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

std::string json_problem(std::string_view what) {
  constexpr std::size_t most = 200;
  if (const auto number = what.find("] "); what.starts_with('[') && number != what.npos) {
    what.remove_prefix(number + 2);
  }
  if (const auto place = what.find(": "); what.starts_with("parse error") && place != what.npos) {
    what.remove_prefix(place + 2);
  }
  return std::string{what.substr(0, most)};
}

} // namespace xprober
