// Requests as the server's reader puts them together, whole and in pieces, and what is read of
// their heads.

#include "fuzz/support/fuzz.hpp"
#include "xprober/net/browser_guard.hpp"
#include "xprober/net/condense.hpp"
#include "xprober/net/header_list.hpp"
#include "xprober/net/http_request_reader.hpp"

namespace xprober::fuzz_http_server {

namespace {

using namespace fuzz;

constexpr net::request_limits limits{512, 1024};

std::string text_of(const net::http_request& request) {
  std::string out;
  out.append(request.method_string()).append(" ").append(request.target()).append("\n");
  for (const auto& field : request) {
    out.append(field.name_string()).append(": ").append(field.value()).append("\n");
  }
  return out + request.body();
}

struct talk {
  std::vector<std::string> requests;
  bool failed = false;
};

talk read(std::string_view bytes, std::size_t piece) {
  net::http_request_reader reader{limits};
  talk out;
  std::size_t position = 0;
  bool wanted = false;
  while (true) {
    if (reader.fault() != net::request_fault::none) {
      require(!reader.error().empty(), "a fault has words");
      out.failed = true;
      return out;
    }
    if (reader.has_head() && !wanted) {
      wanted = true;
      reader.want_body();
    } else if (reader.done()) {
      const auto request = reader.take();
      require(request.body().size() <= limits.max_body, "no body above its limit");
      out.requests.push_back(text_of(request));
      wanted = false;
      if (!reader.empty()) {
        reader.resume();
      }
    } else if (position == bytes.size()) {
      return out;
    } else {
      const auto size = std::min(piece, bytes.size() - position);
      const auto room = reader.prepare(size);
      require(room.size() >= size, "there is the room that was asked for");
      std::ranges::copy(bytes.substr(position, size), room.begin());
      reader.commit(size);
      position += size;
      const auto fields = (limits.max_fields + 2) * net::kept_for_a_field;
      require(reader.held() <= limits.max_header * 4 + fields + limits.max_body + 4 * piece,
              "no more is held than the limits allow");
    }
  }
}

void check_head(std::string_view text) {
  net::request_context context;
  if (net::split_target(text, context)) {
    for (const auto& [name, value] : context.query.all()) {
      require(context.query.get(name) == value, "a parameter is found");
    }
  }
  auto list = text;
  while (!list.empty()) {
    const auto before = list.size();
    auto item = net::cut_part(list, ',');
    require(list.size() < before, "each part is shorter");
    net::cut_part(item, ';');
    const auto weight = net::weight_of(item);
    require(weight >= 0 && weight <= 1, "a weight is from 0 to 1");
    net::parameter_of(item, "version");
  }
  net::accepts_gzip(text);
  const auto tag = net::entity_tag(text);
  require(net::names_tag(tag, tag) && net::names_tag("\"x\", " + tag, tag), "a tag names itself");
  net::names_tag(text, tag);
  const net::browser_guard guard{{"known.example", "*.below.example"}};
  guard.knows(text);
}

} // namespace

XPROBER_FUZZ(http_server) {
  const auto whole = read(bytes, bytes.size() + 1);
  for_each_piece_size(bytes.size(), [&](std::size_t piece) {
    // A head that is wrong and not whole is seen at once or when it is whole.
    const auto again = read(bytes, piece);
    require(again.requests == whole.requests && (whole.failed || !again.failed),
            "the pieces do not matter");
  });
  check_head(bytes);
}

} // namespace xprober::fuzz_http_server
