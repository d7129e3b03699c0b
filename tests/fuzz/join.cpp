// Join tokens, and lines of the file of those who have joined: what is read is the same after it
// was written, and what is refused has a reason.

#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/base64.hpp"
#include "xprober/domain/join_book.hpp"

namespace xprober::fuzz_join {

namespace {

using namespace fuzz;

void check_token(std::string_view text) {
  std::string error;
  const auto read = read_join_token(text, error);
  require(read.has_value() == error.empty(), "there is a token or a reason");
  if (read) {
    require(to_text(*read) == text, "a token is the same after it was read and written");
    require(read->token.regions.size() <= join_token::most_names &&
                read->token.networks.size() <= join_token::most_names,
            "a token has so many regions and networks");
  }
}

void check_lines(std::string_view text) {
  input in{text};
  join_book book;
  for (int i = 0; i < 16; ++i) {
    const auto before = book.agents().size();
    const auto problem = book.take(in.until('\n'));
    require(problem.empty() || book.agents().size() == before, "what is refused changes nothing");
  }
  join_book again;
  for (const auto& [name, agent] : book.agents()) {
    require(again.take(join_line(agent)).empty(), "a line can be read after it was written");
    if (agent.revoked_unix != 0) {
      require(again.take(revoke_line(name, agent.revoked_unix)).empty(), "so can the other kind");
    }
    require(*again.find(name) == agent, "an agent is the same after it was written and read");
    require(book.find_token(agent.token) == book.find(name), "an agent is found by its token");
  }
}

} // namespace

XPROBER_FUZZ(join) {
  check_token(bytes);
  check_token("xpj1_" + base64url(bytes));
  check_lines(bytes);
}

} // namespace xprober::fuzz_join
