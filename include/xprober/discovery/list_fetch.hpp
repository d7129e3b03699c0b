#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "xprober/domain/targets/discovery_io.hpp"

namespace xprober::service_discovery {

/// Asks URLs for lists, as Prometheus's http_sd does: GET with the refresh interval in a header; an
/// answer counts that has the status 200 and the type application/json. One deadline over
/// everything, a new connection each time, no redirects: a list comes from where the configuration
/// says. https servers are verified.
class list_fetch {
public:
  using completion = std::function<void(read_text)>;

  explicit list_fetch(boost::asio::io_context& context);
  ~list_fetch();
  list_fetch(const list_fetch&) = delete;
  list_fetch& operator=(const list_fetch&) = delete;

  /// Calls `done` once, on the thread of the io_context, unless `stop` comes first. Callable from
  /// any thread, on which it reads the files of TLS. An error names the URL.
  void fetch(list_request request, completion done);

  /// Ends what is under way.
  void stop();

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

/// True for what a list may say it is: application/json, in UTF-8 where it names a charset.
bool is_json_type(std::string_view content_type) noexcept;

} // namespace xprober::service_discovery
