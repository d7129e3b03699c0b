#include "xprober/web/sign_in_page.hpp"

#include <algorithm>

#include "xprober/domain/base64.hpp"
#include "xprober/net/secret_hash.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

/// Longer ones are of nobody's pages.
constexpr std::size_t longest_path_after = 2048;

constexpr std::string_view sign_in_style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:15vh auto;padding:0 1rem}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input,button{margin-top:.5rem;padding:.5rem}"
    "p[role=alert]{color:#b00020}"
    "@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e6e6}"
    "p[role=alert]{color:#ff8a80}}";

} // namespace

std::string path_after_sign_in(std::string_view asked) {
  const bool is_path = asked.starts_with('/') && asked.size() <= longest_path_after &&
                       asked.find('\\') == asked.npos && !asked.starts_with("//") &&
                       std::ranges::all_of(asked, [](char c) { return c > ' ' && c < '\x7f'; });
  return is_path ? std::string{asked} : "/";
}

std::string sign_in_page(std::string_view to, std::string_view problem) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width\">"
                     "<title>xprober: sign in</title><style>";
  page += sign_in_style;
  page += "</style></head>\n<body><h1>xprober</h1>\n";
  if (!problem.empty()) {
    page += "<p role=\"alert\">" + html_escape(problem) + "</p>\n";
  }
  page += "<form method=\"post\" action=\"/sign-in\"><input type=\"hidden\" name=\"to\" value=\"" +
          html_escape(path_after_sign_in(to)) +
          "\">\n<label for=\"token\">Token</label>"
          "<input id=\"token\" name=\"token\" type=\"password\" required autofocus "
          "autocomplete=\"current-password\">\n"
          "<button type=\"submit\">Sign in</button></form>\n</body></html>\n";
  return page;
}

const std::string& sign_in_policy() {
  static const std::string policy = [] {
    const auto hash = net::hash_secret(sign_in_style);
    return "default-src 'none'; style-src 'sha256-" +
           base64(std::string{hash.begin(), hash.end()}) +
           "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  }();
  return policy;
}

} // namespace xprober::web
