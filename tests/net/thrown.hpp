#pragma once

#include <string>

namespace xprober::test {

/// The text of the exception of type `E` that `f` throws; empty when it throws none.
template <class E, class F>
std::string thrown(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return {};
}

} // namespace xprober::test
