#define CAF_SUITE probers

#include "xprober/app/probers.hpp"

#include "xprober/config/kind_section.hpp"
#include "xprober/domain/kind_table.hpp"

#include "net/thrown.hpp"

#include "caf/test/unit_test.hpp"

namespace probers_suite {

using namespace xprober;
using namespace xprober::app;

CAF_TEST(every kind of the table has an engine a presenter and a section) {
  const auto& probers = builtin_probers();
  CAF_REQUIRE_EQUAL(probers.size(), builtin_kinds().size());
  for (std::size_t i = 0; i < probers.size(); ++i) {
    CAF_MESSAGE(builtin_kinds()[i].name);
    CAF_CHECK(probers[i].kind == &builtin_kinds()[i]);
    CAF_CHECK(&probers[i].presenter->kind() == probers[i].kind);
    CAF_CHECK(probers[i].make != nullptr);
    CAF_CHECK(config::find_section(*probers[i].kind) != nullptr);
    CAF_CHECK(find_prober(probers, *probers[i].kind) == &probers[i]);
  }
}

CAF_TEST(presenters are found by their kind) {
  const auto presenters = presenters_of(builtin_probers());
  for (const auto& prober : builtin_probers()) {
    CAF_CHECK(&presenters.of(*prober.kind) == prober.presenter);
  }
  const probe_kind other{"other", target_form::name, result_group::address, false, true, 0, {}};
  CAF_CHECK(!xprober::test::thrown<std::logic_error>([&] { presenters.of(other); }).empty());
}

CAF_TEST(the sections have different keys for the timeout of a module) {
  kind_settings settings;
  for (const auto& section : config::kind_sections()) {
    section.timeout(settings) = milliseconds{1234};
  }
  CAF_CHECK(settings.icmp.deadline == milliseconds{1234});
  CAF_CHECK(settings.http.timeout == milliseconds{1234});
}

} // namespace probers_suite
