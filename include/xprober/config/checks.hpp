#pragma once

#include <string>
#include <string_view>

namespace xprober::config {

// Each says what is wrong with a value and what is allowed; an empty text where nothing is wrong.

/// A region's name, by the rule that servers have for agents: `is_region_name`.
std::string check_region(std::string_view text);

/// Where to listen: "host:port", "[::1]:6001", ":6001" (every interface); port 0: any free one.
std::string check_listen_address(std::string_view text);

/// Where a server is: "host:port" or a URL with http, https, msgpack or msgpacks. A host is needed,
/// a port, too, but for http and https.
std::string check_server_address(std::string_view text);

/// A numeric IPv4 or IPv6 address.
std::string check_ip(std::string_view text);

/// An address of this machine: a numeric one that a host can have and that needs no zone.
std::string check_own_ip(std::string_view text);

/// A CIDR block or an address.
std::string check_network(std::string_view text);

/// A DNS server: a numeric address that may have a port, as in "192.0.2.1:53".
std::string check_dns_server(std::string_view text);

/// "http://" and a numeric address, with a port where one is needed. (Names would need the DNS,
/// which cannot be bounded in time here; the clouds' metadata services have fixed addresses.)
std::string check_metadata_url(std::string_view text);

/// "trace" to "critical", or "off".
std::string check_log_level(std::string_view text);

/// The name of an HTTP header field (RFC 9110, 5.1) that the program does not set itself.
std::string check_header_name(std::string_view text);

/// The value of an HTTP header field: no line ends or other control characters.
std::string check_header_value(std::string_view text);

/// The same of a password: the text itself is in no answer.
std::string check_secret_value(std::string_view text);

/// The name of a field that an answer may have.
std::string check_field_name(std::string_view text);

/// The URL of somebody who is sent something: http or https, a host. The text itself is in no
/// answer, as it can hold a password.
std::string check_receiver_url(std::string_view text);

/// The value of a label that goes to others.
std::string check_label_value(std::string_view text);

/// A file, not a directory, that this process may read.
std::string check_readable_file(std::string_view path);

/// The URL of an HTTP proxy: http or https, a host, no path. The text itself is in no answer, as it
/// can hold a password.
std::string check_proxy_url(std::string_view text);

/// A regular expression as RE2 reads it.
std::string check_regexp(std::string_view text);

/// What `prober_type` may name: a kind of probe or a module of the agents'.
std::string check_prober_type(std::string_view text);

/// The name of a module: what `check_prober_type` allows but for the kinds.
std::string check_module_name(std::string_view text);

/// The target of an entry whose `prober_type` is given, as its kind takes it: an address, a CIDR
/// block or a host name; a URL, "http://" being added where there is no scheme; HOST:PORT; a name
/// that may have @SERVER[:PORT] behind it. Any of them for a module, whose kind the agents know.
std::string check_target(std::string_view prober_type, std::string_view text);

} // namespace xprober::config
