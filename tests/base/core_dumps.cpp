#define CAF_SUITE core_dumps

#include "xprober/base/core_dumps.hpp"

#include <cstdlib>

#include <sys/resource.h>

#include "support/child_process.hpp"

#include "caf/test/unit_test.hpp"

namespace core_dumps_suite {

using xprober::core_dumps_variable;
using xprober::forbid_core_dumps;
using xprober::test::child_process;

namespace {

rlim_t limit_of_this_process() {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  return limit.rlim_cur;
}

/// As high as it may be.
rlim_t raised_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_CORE, &limit);
  return limit.rlim_cur;
}

} // namespace

CAF_TEST(a process that forbids them leaves none) {
  child_process child{[] {
    raised_limit();
    ::unsetenv(core_dumps_variable);
    forbid_core_dumps();
    return limit_of_this_process() <= 1 ? 5 : 6;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 5");
}

CAF_TEST(who asks for them by the environment has them) {
  child_process child{[] {
    const auto before = raised_limit();
    ::setenv(core_dumps_variable, "1", 1);
    forbid_core_dumps();
    return limit_of_this_process() == before ? 5 : 6;
  }};
  CAF_CHECK_EQUAL(child.wait(), "exit 5");
}

} // namespace core_dumps_suite
