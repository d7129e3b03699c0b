#include "xprober/web/sign_in_page.hpp"

#include <algorithm>

#include "xprober/web/document_form.hpp"
#include "xprober/web/site.hpp"

namespace xprober::web {

namespace {

/// Longer ones are of nobody's pages.
constexpr std::size_t longest_path_after = 2048;

} // namespace

std::string path_after_sign_in(std::string_view asked) {
  const bool is_path = asked.starts_with('/') && asked.size() <= longest_path_after &&
                       asked.find('\\') == asked.npos && !asked.starts_with("//") &&
                       std::ranges::all_of(asked, [](char c) { return c > ' ' && c < '\x7f'; });
  return is_path ? std::string{asked} : "/";
}

std::string sign_in_page(std::string_view to, std::string_view problem) {
  const auto after = path_after_sign_in(to);
  return fill_document(apart_document(apart_page::sign_in), {{"TO", after}, {"PROBLEM", problem}});
}

const std::string& sign_in_policy() {
  static const std::string policy = "default-src 'none'; style-src " + std::string{apart_style()} +
                                    "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  return policy;
}

} // namespace xprober::web
