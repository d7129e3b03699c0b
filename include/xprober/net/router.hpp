#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/net/http_types.hpp"

namespace xprober::net {

/// Finds the handler of a request by method and path.
///
/// A pattern is a path whose segments are text or a variable in braces: `/targets/{uid}` matches
/// one non-empty segment there and puts it, decoded, into `request_context::params`. A last
/// segment `{name...}` matches the rest of the path, even an empty one. Of the routes that match,
/// the one that was added first wins.
///
/// An unknown path is answered with 404, a known one with another method with 405 and `Allow`.
/// HEAD is answered by the handler of GET (the session leaves out the body), OPTIONS with `Allow`.
class router {
public:
  /// Adds a route. Throws std::invalid_argument for a pattern that does not begin with `/`.
  void add(http::verb method, std::string_view pattern, http_handler handler);

  void get(std::string_view pattern, http_handler handler) {
    add(http::verb::get, pattern, std::move(handler));
  }
  void post(std::string_view pattern, http_handler handler) {
    add(http::verb::post, pattern, std::move(handler));
  }

  /// What is said of unknown paths that begin with `prefix`, e.g. where else they are. Of a path
  /// with a slash too many it is said which one there is.
  void explain(std::string prefix, std::string text) {
    explanations_.emplace_back(std::move(prefix), std::move(text));
  }

  /// Answers a request. `context` comes from the session; `path`, `query` and `params` are filled
  /// in here. The router must outlive the answer and not change meanwhile.
  asio::awaitable<http_response> handle(const http_request& request, request_context context) const;

  /// What `handle` answers where the head alone decides: 400, 404, 405, and OPTIONS. Nothing where
  /// there is a handler.
  std::optional<http_response> judge(const http_request& head, request_context context) const;

private:
  struct segment {
    std::string text; ///< the text, or the variable's name
    enum { literal, variable, rest } kind = literal;
  };
  struct route {
    http::verb method;
    std::vector<segment> segments;
    http_handler handler;
  };

  /// Whether any method has a route for this path, which is not decoded.
  bool has(std::string_view raw_path) const;
  std::string unknown_text(std::string_view raw_path, const request_context& context) const;
  /// The route of a request, whose path, query and params go into `context`; null with the answer
  /// in `problem` where there is none.
  const route* find(const http_request& request, request_context& context,
                    http_response& problem) const;
  static bool matches(const route& candidate, std::string_view raw_path, request_context& context);

  std::vector<route> routes_;
  std::vector<std::pair<std::string, std::string>> explanations_;
};

} // namespace xprober::net
