#include "xprober/net/router.hpp"

#include <algorithm>
#include <stdexcept>

#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/percent.hpp"

namespace xprober::net {

namespace {

/// Cuts the first segment off a path that begins with `/`; false at its end.
bool next_segment(std::string_view& path, std::string_view& segment) {
  if (path.empty()) {
    return false;
  }
  path.remove_prefix(1);
  segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return true;
}

std::string_view as_view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string allow_of(std::vector<http::verb> methods) {
  if (std::count(methods.begin(), methods.end(), http::verb::get) != 0) {
    methods.push_back(http::verb::head);
  }
  methods.push_back(http::verb::options);
  std::string allow;
  for (auto method : methods) {
    const std::string name{as_view(http::to_string(method))};
    if (allow.find(name) == std::string::npos) {
      append_listed(allow, name);
    }
  }
  return allow;
}

http_response other_method(const http_request& request, const request_context& context,
                           const std::vector<http::verb>& allowed) {
  const auto allow = allow_of(allowed);
  auto response = request.method() == http::verb::options
                      ? text_response(http::status::no_content, "")
                      : error_response(http::status::method_not_allowed,
                                       context.path + " takes " + allow + ", not " +
                                           std::string{as_view(request.method_string())});
  response.set(http::field::allow, allow);
  return response;
}

} // namespace

void router::add(http::verb method, std::string_view pattern, http_handler handler) {
  if (pattern.empty() || pattern.front() != '/') {
    throw std::invalid_argument("a route's pattern begins with /: " + std::string{pattern});
  }
  route added{method, {}, std::move(handler)};
  std::string_view part;
  while (next_segment(pattern, part)) {
    segment next{std::string{part}, segment::literal};
    if (part.size() >= 2 && part.front() == '{' && part.back() == '}') {
      part = part.substr(1, part.size() - 2);
      const bool rest = part.ends_with("...");
      next = {std::string{rest ? part.substr(0, part.size() - 3) : part},
              rest ? segment::rest : segment::variable};
    }
    added.segments.push_back(std::move(next));
  }
  routes_.push_back(std::move(added));
}

bool router::matches(const route& candidate, std::string_view raw_path, request_context& context) {
  context.params.clear();
  std::string_view part;
  for (const auto& expected : candidate.segments) {
    const auto before = raw_path;
    if (!next_segment(raw_path, part)) {
      return false;
    }
    if (expected.kind == segment::rest) {
      context.params[expected.text] = percent_decode(before.substr(1));
      return true;
    }
    const auto decoded = percent_decode(part);
    if (expected.kind == segment::literal ? decoded != expected.text : decoded.empty()) {
      return false;
    }
    if (expected.kind == segment::variable) {
      context.params[expected.text] = decoded;
    }
  }
  return raw_path.empty();
}

const router::route* router::find(const http_request& request, request_context& context,
                                  http_response& problem) const {
  const auto target = as_view(request.target());
  if (!split_target(target, context)) {
    problem = error_response(http::status::bad_request, "the request target must begin with /");
    return nullptr;
  }
  const auto raw_path = target.substr(0, target.find('?'));
  const auto method = request.method() == http::verb::head ? http::verb::get : request.method();
  std::vector<http::verb> allowed;
  for (const auto& candidate : routes_) {
    if (!matches(candidate, raw_path, context)) {
      continue;
    }
    if (candidate.method == method) {
      return &candidate;
    }
    allowed.push_back(candidate.method);
  }
  if (!allowed.empty()) {
    problem = other_method(request, context, allowed);
    return nullptr;
  }
  problem = error_response(http::status::not_found, unknown_text(raw_path, context));
  return nullptr;
}

bool router::has(std::string_view raw_path) const {
  request_context ignored;
  return std::any_of(routes_.begin(), routes_.end(),
                     [&](const route& candidate) { return matches(candidate, raw_path, ignored); });
}

std::string router::unknown_text(std::string_view raw_path, const request_context& context) const {
  auto text = "no such path: " + context.path;
  if (raw_path.size() > 1 && raw_path.back() == '/' &&
      has(raw_path.substr(0, raw_path.size() - 1))) {
    return text.append("; there is ").append(context.path, 0, context.path.size() - 1);
  }
  for (const auto& [prefix, explanation] : explanations_) {
    if (context.path.starts_with(prefix)) {
      return text.append("; ").append(explanation);
    }
  }
  return text;
}

asio::awaitable<http_response> router::handle(const http_request& request,
                                              request_context context) const {
  http_response problem;
  const auto* found = find(request, context, problem);
  if (found == nullptr) {
    co_return problem;
  }
  co_return co_await found->handler(request, std::move(context));
}

std::optional<http_response> router::judge(const http_request& head,
                                           request_context context) const {
  http_response problem;
  if (find(head, context, problem) == nullptr) {
    return problem;
  }
  return std::nullopt;
}

} // namespace xprober::net
