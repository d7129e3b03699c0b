#include "xprober/rpc/join_client.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "xprober/domain/wire/sentence.hpp"
#include "xprober/net/http_client.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::rpc {

namespace {

/// What the server says of a request that it refuses: `error` of a JSON body, or the status alone.
/// It may be anybody, and this is for a terminal.
std::string said_instead(const net::http_answer& answer) {
  const auto document = nlohmann::json::parse(answer.body, nullptr, false);
  if (document.is_object()) {
    const auto error = document.find("error");
    if (error != document.end() && error->is_string()) {
      return clean_sentence(error->get_ref<const std::string&>());
    }
  }
  return clean_sentence("HTTP " + std::to_string(answer.status) + " " + answer.reason);
}

} // namespace

boost::asio::awaitable<join_reply> ask_about_joining(boost::asio::io_context& context,
                                                     net::endpoint server, std::string_view path,
                                                     std::string body,
                                                     std::shared_ptr<boost::asio::ssl::context> tls,
                                                     std::chrono::milliseconds limit) {
  dns::resolver resolver{context.get_executor()};
  net::http_client client{context, resolver, net::http_origin{server.where, true}, std::move(tls)};
  net::http_request_parts parts;
  parts.target = server.base_path + std::string{path};
  parts.close = true;
  if (!body.empty()) {
    parts.method = "POST";
    parts.headers = {{"Content-Type", "application/json"}};
    parts.body = body;
  }
  auto answer = co_await client.request(std::move(parts), monotonic_clock::now() + limit);
  join_reply reply;
  if (!answer.ok()) {
    reply.problem = server.text + ": " + clean_sentence(answer.error);
  } else if (answer.status != 200) {
    reply.problem = server.text + ": " + said_instead(answer);
  } else {
    reply.body = std::move(answer.body);
  }
  co_return reply;
}

} // namespace xprober::rpc
