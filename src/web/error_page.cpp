#include "xprober/web/error_page.hpp"

#include "xprober/domain/ascii.hpp"
#include "xprober/web/document_form.hpp"
#include "xprober/web/site.hpp"

namespace xprober::web {

namespace {

namespace http = net::http;

/// Only its own style.
const std::string& error_policy() {
  static const std::string policy = "default-src 'none'; style-src " + std::string{apart_style()} +
                                    "; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
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
  const auto sentence = sentence_of(problem);
  const auto number = std::to_string(status);
  return fill_document(apart_document(apart_page::error),
                       {{"TITLE", status == 404 ? "There is no such page" : "This cannot be shown"},
                        {"SENTENCE", sentence},
                        {"STATUS", number},
                        {"WAY_OUT", way_out ? "/" : ""}});
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
