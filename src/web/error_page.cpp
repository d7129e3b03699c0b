#include "xprober/web/error_page.hpp"

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/net/secret_hash.hpp"
#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

namespace http = net::http;

constexpr std::string_view error_style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}"
    "p{overflow-wrap:anywhere}"
    "@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e6e6}a{color:#8ab4f8}}";

/// Only its own style.
const std::string& error_policy() {
  static const std::string policy = [] {
    const auto hash = net::hash_secret(error_style);
    return "default-src 'none'; style-src 'sha256-" +
           base64(std::string{hash.begin(), hash.end()}) +
           "'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
  }();
  return policy;
}

std::string sentence_of(std::string_view problem) {
  std::string sentence{problem};
  if (!sentence.empty()) {
    sentence.front() = ascii::upper(sentence.front());
    sentence += sentence.back() == '.' ? "" : ".";
  }
  return sentence;
}

} // namespace

bool shows_pages(const net::http_request& head) {
  const bool looks = head.method() == http::verb::get || head.method() == http::verb::head;
  const auto target = head.target();
  const auto accept = head[http::field::accept];
  return looks && !std::string_view{target.data(), target.size()}.starts_with("/api/") &&
         std::string_view{accept.data(), accept.size()}.find("text/html") != std::string_view::npos;
}

std::string error_page(unsigned status, std::string_view problem, bool way_out) {
  const std::string title = status == 404 ? "There is no such page" : "This cannot be shown";
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width\">"
                     "<title>xprober: " +
                     title + "</title><style>";
  page += error_style;
  page += "</style></head>\n<body><h1>" + title + "</h1>\n<p>" + html_escape(sentence_of(problem)) +
          " (" + std::to_string(status) + ")</p>\n";
  if (way_out) {
    page += "<p><a href=\"/\">To the first page of this program</a></p>\n";
  }
  page += "</body></html>\n";
  return page;
}

void show_error(const net::http_request& head, net::http_response& answer, bool way_out) {
  if (answer.problem.empty() || !shows_pages(head)) {
    return;
  }
  answer.body() = error_page(answer.result_int(), answer.problem, way_out);
  answer.set(http::field::content_type, "text/html; charset=utf-8");
  answer.set("Content-Security-Policy", error_policy());
  answer.set("Referrer-Policy", "no-referrer");
  const auto varies = answer[http::field::vary];
  answer.set(http::field::vary,
             varies.empty() ? "Accept" : std::string{varies.data(), varies.size()} + ", Accept");
}

} // namespace xprober::web
