#include "xprober/web/page_routes.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "xprober/net/condense.hpp"
#include "xprober/web/common_routes.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

constexpr std::array<std::string_view, 9> server_paths{
    "/",       "/incident/{id}", "/map",   "/pair/{from}/{to}", "/targets", "/target/{uid}",
    "/agents", "/certificates",  "/system"};
constexpr std::array<std::string_view, 3> agent_paths{"/", "/target/{uid}", "/system"};

std::span<const std::string_view> paths_of(site_role role) {
  if (role == site_role::server) {
    return server_paths;
  }
  return agent_paths;
}

/// A file in the form in which a client wants it.
struct coded_file {
  std::string_view content;
  std::string coding; ///< empty: none
};

coded_file coded_for(const site_file& file, std::string_view accept_encoding) {
  if (!file.brotli.empty() && net::accepts_brotli(accept_encoding)) {
    return {file.brotli, "br"};
  }
  if (!file.gzip.empty() && net::accepts_gzip(accept_encoding)) {
    return {file.gzip, "gzip"};
  }
  return {file.plain, {}};
}

asio::awaitable<response> show_file(std::string accept_encoding, std::string name) {
  const auto files = site_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const site_file& file) { return file.name == name; });
  if (found == files.end()) {
    auto out = net::error_response(
        http::status::not_found, "there is no file " + name + " of the pages: load the page anew");
    out.set(http::field::cache_control, "no-store");
    co_return out;
  }
  const auto coded = coded_for(*found, accept_encoding);
  auto out = net::text_response(http::status::ok, std::string{coded.content}, found->type);
  if (!coded.coding.empty()) {
    out.set(http::field::content_encoding, coded.coding);
  }
  out.set(http::field::vary, "Accept-Encoding");
  out.set(http::field::cache_control, "public, max-age=31536000, immutable");
  out.set("X-Content-Type-Options", "nosniff");
  out.set("Content-Security-Policy", std::string{file_security_policy});
  co_return out;
}

} // namespace

asio::awaitable<net::http_response> page_response(site_role role) {
  auto out = net::text_response(http::status::ok, std::string{site_page(role)},
                                "text/html; charset=utf-8");
  out.set("Content-Security-Policy", std::string{page_security_policy});
  out.set("Referrer-Policy", "no-referrer");
  co_return out;
}

void add_page_routes(net::router& routes, site_role role) {
  for (const auto path : paths_of(role)) {
    routes.get(path, uncached([role](const auto&, const auto&) { return page_response(role); }));
  }
  routes.get("/assets/{name}",
             [](const net::http_request& request, const net::request_context& context) {
               const auto field = request[http::field::accept_encoding];
               return show_file(std::string{field.data(), field.size()}, context.param("name"));
             });
}

} // namespace xprober::web
