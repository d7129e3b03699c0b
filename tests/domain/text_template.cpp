#define CAF_SUITE text_template

#include "xprober/domain/text_template.hpp"

#include "caf/test/unit_test.hpp"

namespace text_template_suite {

using namespace xprober;

namespace {

std::string filled(std::string_view text) {
  std::string error;
  const auto parsed = text_template::parse(text, error);
  CAF_REQUIRE(parsed);
  return parsed->fill([](std::string_view name) { return "<" + std::string{name} + ">"; });
}

std::string problem_of(std::string_view text) {
  std::string error;
  CAF_CHECK(!text_template::parse(text, error));
  return error;
}

} // namespace

CAF_TEST(fields are filled in and the rest stays as it is) {
  CAF_CHECK_EQUAL(filled(""), "");
  CAF_CHECK_EQUAL(filled("plain { } }} text"), "plain { } }} text");
  CAF_CHECK_EQUAL(filled("{{a}}"), "<a>");
  CAF_CHECK_EQUAL(filled("x{{ a }}{{b.c}}\ny"), "x<a><b.c>\ny");
  CAF_CHECK_EQUAL(filled(R"({"a": {"b": "{{c}}"}})"), R"({"a": {"b": "<c>"}})");
}

CAF_TEST(the names of fields are known) {
  std::string error;
  const auto parsed = text_template::parse("{{b}} {{a}} {{b}}", error);
  CAF_REQUIRE(parsed);
  const std::vector<std::string> names{"b", "a", "b"};
  CAF_CHECK(parsed->fields() == names);
}

CAF_TEST(what is no template is told) {
  CAF_CHECK(problem_of("a {{b").starts_with("a field has no end"));
  CAF_CHECK(problem_of("a {{ }}").starts_with("a field has no name"));
}

} // namespace text_template_suite
