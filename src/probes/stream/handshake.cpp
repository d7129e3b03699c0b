#include "xprober/probes/stream/handshake.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include "xprober/probes/stream/certificates.hpp"
#include "xprober/probes/stream/faults.hpp"

namespace xprober::stream {

handshake_fault judge_handshake(const error_code& error, const connection& over,
                                const tls_report& report, std::string_view cert_key) {
  if (report.rejected != probe_error::none) {
    return {report.rejected, "certificate not accepted: " + report.detail};
  }
  const std::string step = "TLS handshake: ";
  if (is_local(stream_fault(error))) {
    return {stream_fault(error), step + error.message()};
  }
  const auto& failed = over.tls_error();
  const auto why = !failed.text.empty()               ? failed.text
                   : error == boost::asio::error::eof ? "the server closed the connection"
                                                      : error.message();
  // Without the certificate that it wants a server says no more than "handshake failure".
  const bool protocol = failed.is_protocol && !report.client_certificate_missing;
  return {protocol ? probe_error::tls_protocol : probe_error::tls_failed,
          step + why + wanted_certificate(report, cert_key)};
}

tls_peer peer_of(std::string host) {
  host.erase(std::min(host.find('%'), host.size())); // a zone is this machine's matter
  error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  return {std::move(host), !is_name};
}

} // namespace xprober::stream
