#include "xprober/storage/agent_file.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/storage/set_aside.hpp"

namespace xprober::storage {

namespace {

constexpr std::int32_t agent_mark = 0x7870'6167; // "xpag"
/// 2: whether an agent is a target of the mesh.
constexpr std::int32_t agent_schema = 2;

/// Numbers in the file stay what they are: the enumeration's may change.
std::int64_t number_of(agent_state state) {
  switch (state) {
  case agent_state::lost: return 1;
  case agent_state::left: return 2;
  default: return 0;
  }
}

agent_state state_of(std::int64_t number) {
  return number == 1 ? agent_state::lost : number == 2 ? agent_state::left : agent_state::ok;
}

wall_time from_ms(std::int64_t unix_ms) { return wall_time{milliseconds{unix_ms}}; }

} // namespace

agent_file::agent_file(const std::string& directory) {
  if (directory.empty()) {
    open(database::in_memory);
    return;
  }
  std::error_code ignored; // the database says what is wrong with the directory
  std::filesystem::create_directories(directory, ignored);
  const auto path = (std::filesystem::path{directory} / "agents.db").string();
  for (bool looked = false;; looked = true) {
    try {
      open(path);
      return;
    } catch (const database_error& error) {
      file_.reset();
      if (!error.damaged()) {
        throw;
      }
      if (!looked && error.may_pass() && database::is_whole(path, agent_mark, agent_schema)) {
        continue;
      }
      const auto name = set_aside(path);
      replaced_ = true;
      log::error("agents", "the damaged file of agents was set aside, a new one was begun",
                 {{"error", error.what()}, {"set_aside", name}});
      open(path);
      return;
    }
  }
}

void agent_file::open(const std::string& path) {
  file_ = std::make_unique<database>(path, agent_mark, agent_schema);
  file_->run("CREATE TABLE IF NOT EXISTS agents(region BLOB NOT NULL, address BLOB NOT NULL,"
             " first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,"
             " state INTEGER NOT NULL, version BLOB NOT NULL, http_addr BLOB NOT NULL,"
             " meshed INTEGER NOT NULL, PRIMARY KEY(region, address)) WITHOUT ROWID");
  file_->settle();
  // Damage is found now, and not when something is to be written.
  file_->check_whole();
}

std::vector<known_agent> agent_file::agents() {
  std::vector<known_agent> all;
  auto query = file_->prepare("SELECT region, address, first_seen_ms, last_seen_ms, state, version,"
                              " http_addr, meshed FROM agents ORDER BY region, address");
  while (query.step()) {
    known_agent found;
    found.agent = {std::string{query.blob(0)}, std::string{query.blob(1)}};
    found.first_seen = from_ms(query.number(2));
    found.last_seen = from_ms(query.number(3));
    found.state = state_of(query.number(4));
    found.version = query.blob(5);
    found.http_addr = query.blob(6);
    found.meshed = query.number(7) != 0;
    all.push_back(std::move(found));
  }
  return all;
}

void agent_file::write(std::span<const agent_change> changes) {
  if (changes.empty()) {
    return;
  }
  transaction whole{*file_};
  auto put = file_->prepare("INSERT OR REPLACE INTO agents VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
  auto drop = file_->prepare("DELETE FROM agents WHERE region = ? AND address = ?");
  for (const auto& [agent, gone] : changes) {
    if (gone) {
      drop.bind(agent.agent.region).bind(agent.agent.local_ip).run();
      continue;
    }
    put.bind(agent.agent.region)
        .bind(agent.agent.local_ip)
        .bind(to_unix_ms(agent.first_seen))
        .bind(to_unix_ms(agent.last_seen))
        .bind(number_of(agent.state))
        .bind(agent.version)
        .bind(agent.http_addr)
        .bind(std::int64_t{agent.meshed ? 1 : 0})
        .run();
  }
  whole.commit();
}

std::vector<known_agent> read_agents(const std::string& directory) {
  if (directory.empty()) {
    return {};
  }
  try {
    return agent_file{directory}.agents();
  } catch (const database_error& error) {
    log::error("agents",
               "the agents of before the start cannot be read; they are known when they ask",
               {{"error", error.what()}});
    return {};
  }
}

} // namespace xprober::storage
