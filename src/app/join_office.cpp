#include "xprober/app/join_office.hpp"

#include <map>
#include <stdexcept>
#include <utility>

#include "xprober/base/random_text.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/hex.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/net/secret_hash.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/storage/join_file.hpp"

namespace xprober::app {

namespace {

constexpr std::uint64_t longest_authority_file = std::uint64_t{1} << 20U;

std::int64_t unix_now() { return to_unix_seconds(wall_clock::now()); }

std::string read_authority_file(const std::string& key, const std::string& path) {
  auto read = read_file(path, longest_authority_file);
  if (!read.ok()) {
    throw net::setup_error(key + ": " + read.error);
  }
  return std::move(read.text);
}

rpc::grant_ptr grant_of_joined(const joined_agent& agent) {
  std::vector<ip_block> networks;
  std::string ignored;
  for (const auto& text : agent.networks) {
    if (const auto block = parse_network(text, ignored)) {
      networks.push_back(*block);
    }
  }
  return std::make_shared<const agent_grant>("certificate " + agent.name, agent.regions,
                                             std::move(networks),
                                             "the token that it joined with says for which");
}

class join_office final : public rpc::join_desk {
public:
  join_office(made_certificate authority, const std::string& directory, std::chrono::seconds life)
      : authority_(std::move(authority)), hash_(*certificate_hash(authority_.certificate)),
        file_(directory), life_(life) {}

  const std::string& authority() const noexcept override { return authority_.certificate; }

  rpc::join_answer join(const rpc::join_request& wish) override {
    rpc::join_answer answer;
    const auto token = read_join_token(wish.token, answer.refusal);
    if (!token) {
      return answer;
    }
    if (token->token.authority != hash_ ||
        !has_signed(authority_, signed_part(token->token), token->signature)) {
      answer.refusal = "the join token is not one of this server's";
      return answer;
    }
    const auto asked = read_certificate_request(wish.request);
    if (!asked.problem.empty()) {
      answer.refusal = asked.problem;
      return answer;
    }
    join_decision made;
    file_.change([&](const join_book& book) {
      made = judge_join(book, token->token,
                        {token_hash(token->token), hex_text(asked.key), wish.region, wish.host},
                        unix_now());
      return made.refusal.empty() && made.is_new ? join_line(made.agent) : std::string{};
    });
    answer.grants = grants();
    if (!made.refusal.empty()) {
      answer.refusal = made.refusal;
      return answer;
    }
    return issue(std::move(answer), made.agent, wish.request);
  }

  rpc::join_answer renew(const std::string& name, const std::string& request) override {
    rpc::join_answer answer;
    file_.refresh();
    answer.grants = grants();
    answer.refusal = why_not_renewed(file_.book(), name);
    if (answer.refusal.empty()) {
      answer.refusal = read_certificate_request(request).problem;
    }
    return answer.refusal.empty() ? issue(std::move(answer), *file_.book().find(name), request)
                                  : answer;
  }

  rpc::joined_grants refresh() override {
    const bool is_first = !std::exchange(begun_, true);
    return file_.refresh() || is_first ? grants() : nullptr;
  }

private:
  rpc::joined_grants grants() const {
    auto all = std::make_shared<std::map<std::string, rpc::grant_ptr, std::less<>>>();
    for (const auto& [name, agent] : file_.book().agents()) {
      all->emplace(name, agent.revoked_unix == 0 ? grant_of_joined(agent) : nullptr);
    }
    return all;
  }

  rpc::join_answer issue(rpc::join_answer answer, const joined_agent& agent,
                         const std::string& request) const {
    answer.name = agent.name;
    answer.regions = agent.regions;
    answer.certificate = issue_agent_certificate(authority_, request, agent.name, life_);
    return answer;
  }

  const made_certificate authority_;
  const std::string hash_;
  storage::join_file file_;
  const std::chrono::seconds life_;
  bool begun_ = false;
};

} // namespace

made_certificate read_join_authority(const rpc_config& rpc) {
  made_certificate authority{read_authority_file("rpc.join_ca_file", rpc.join_ca_file),
                             read_authority_file("rpc.join_key_file", rpc.join_key_file)};
  if (const auto wrong = authority_problem(authority); !wrong.empty()) {
    throw net::setup_error("rpc.join_key_file: " + rpc.join_key_file + " with " + rpc.join_ca_file +
                           ": " + wrong + "; 'xprober server init' makes both");
  }
  return authority;
}

std::shared_ptr<rpc::join_desk> make_join_office(const rpc_config& rpc,
                                                 const std::string& state_dir) {
  if (rpc.join_ca_file.empty()) {
    return nullptr;
  }
  if (state_dir.empty()) {
    throw net::setup_error("rpc.join_ca_file: needs state_dir, where it is kept who has joined; "
                           "with an empty one a token could be used again after a restart");
  }
  return std::make_shared<join_office>(
      read_join_authority(rpc), state_dir,
      std::chrono::duration_cast<std::chrono::seconds>(rpc.certificate_life));
}

std::string make_join_token(const made_certificate& authority, std::vector<std::string> regions,
                            std::vector<std::string> networks, std::chrono::seconds life) {
  const auto id = random_bytes<join_token::bytes_of_id>();
  const auto hash = certificate_hash(authority.certificate);
  if (!hash) {
    throw std::runtime_error("there is no authority for a join token");
  }
  signed_join_token made;
  made.token.id.assign(id.begin(), id.end());
  made.token.expires_unix = unix_now() + life.count();
  made.token.authority = *hash;
  made.token.regions = std::move(regions);
  made.token.networks = std::move(networks);
  made.signature = sign_text(authority, signed_part(made.token));
  return to_text(made);
}

std::string token_hash(const join_token& token) {
  const auto hash = net::hash_secret(token.id);
  return hex_text(std::string{hash.begin(), hash.end()});
}

} // namespace xprober::app
