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

} // namespace xprober
