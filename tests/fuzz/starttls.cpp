// The talk before TLS. The first byte is the protocol; the server says the rest, in whatever
// pieces.

#include "xprober/probes/tls/starttls.hpp"
#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober::fuzz_starttls {

namespace {

using namespace fuzz;
using state = tls::starttls_dialog::state;

constexpr starttls_protocol protocols[] = {starttls_protocol::smtp,     starttls_protocol::imap,
                                           starttls_protocol::pop3,     starttls_protocol::ftp,
                                           starttls_protocol::postgres, starttls_protocol::ldap};

void talk(starttls_protocol protocol, std::string_view bytes, std::size_t piece) {
  tls::starttls_dialog dialog{protocol};
  std::size_t said = dialog.take_output().size();
  for (std::size_t at = 0; at < bytes.size() && dialog.now() == state::reading; at += piece) {
    dialog.feed(bytes.substr(at, piece));
    said += dialog.take_output().size();
    require(said < 512, "little is said before TLS");
  }
  require((dialog.now() == state::failed) == !dialog.problem().empty(), "a failure has words");
  require(is_clean_text(dialog.problem()) && dialog.problem().size() < 2048,
          "a problem is clean text, and short");
}

} // namespace

XPROBER_FUZZ(starttls) {
  input in{bytes};
  const auto protocol = protocols[in.below(std::size(protocols))];
  talk(protocol, in.rest(), in.rest().size() + 1);
  for_each_piece_size(in.rest().size(),
                      [&](std::size_t piece) { talk(protocol, in.rest(), piece); });
}

} // namespace xprober::fuzz_starttls
