#define CAF_SUITE agent_file

#include "xprober/storage/agent_file.hpp"

#include <filesystem>
#include <fstream>

#include "storage/folder.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_file_suite {

using namespace xprober;
using storage::agent_change;
using storage::agent_file;

namespace {

const wall_time noon{std::chrono::seconds{1'767'268'800}};

known_agent agent(const std::string& region, const std::string& address,
                  agent_state state = agent_state::ok) {
  return {{region, address}, noon, noon + std::chrono::seconds{7}, state, "1.2.3", ""};
}

void write(agent_file& file, const std::vector<agent_change>& changes) { file.write(changes); }

bool is_refused(agent_file& file, const std::vector<agent_change>& changes) {
  try {
    write(file, changes);
    return false;
  } catch (const storage::database_error&) {
    return true;
  }
}

} // namespace

CAF_TEST(agents are found again by the next process) {
  const test::folder folder;
  {
    agent_file file{folder.path() + "/made/for/it"};
    CAF_CHECK(file.agents().empty());
    write(file, {{agent("us", "10.0.0.1")},
                 {agent("eu", "10.0.0.2", agent_state::lost)},
                 {agent("eu", "10.0.0.1", agent_state::left)},
                 {agent("eu", "10.0.0.3")}});
    write(file, {{agent("us", "10.0.0.1", agent_state::lost)}, {agent("eu", "10.0.0.3"), true}});
  }
  CAF_CHECK_EQUAL(storage::read_agents(folder.path() + "/made/for/it").size(), 3u);
  agent_file again{folder.path() + "/made/for/it"};
  CAF_CHECK(!again.has_replaced());
  CAF_CHECK(again.agents() ==
            (std::vector<known_agent>{agent("eu", "10.0.0.1", agent_state::left),
                                      agent("eu", "10.0.0.2", agent_state::lost),
                                      agent("us", "10.0.0.1", agent_state::lost)}));
}

CAF_TEST(a damaged file is set aside for a new one) {
  log::set_level(log::level::off);
  const test::folder folder;
  std::ofstream{folder.file("agents.db")} << std::string(8192, 'x');
  {
    agent_file file{folder.path()};
    CAF_CHECK(file.has_replaced());
    CAF_CHECK(file.agents().empty());
    write(file, {{agent("eu", "10.0.0.1")}});
  }
  CAF_CHECK_EQUAL(test::count_files(folder.path(), "agents.db.damaged-"), 1u);
  agent_file again{folder.path()};
  CAF_CHECK(!again.has_replaced());
  CAF_CHECK_EQUAL(again.agents().size(), 1u);
}

CAF_TEST(what cannot be written leaves what was there) {
  const test::folder folder;
  agent_file file{folder.path()};
  write(file, {{agent("eu", "10.0.0.1")}});
  {
    const test::full_disk full{16};
    const std::vector<agent_change> changes{{agent("eu", "10.0.0.2")}};
    CAF_CHECK(is_refused(file, changes));
  }
  CAF_CHECK_EQUAL(file.agents().size(), 1u);
  write(file, {{agent("eu", "10.0.0.2")}});
  CAF_CHECK_EQUAL(file.agents().size(), 2u);
}

CAF_TEST(what cannot be read is nothing and no error) {
  log::set_level(log::level::off);
  const test::folder folder;
  CAF_CHECK(storage::read_agents("").empty());
  CAF_CHECK(storage::read_agents(folder.path()).empty());
  std::filesystem::remove(folder.file("agents.db"));
  std::filesystem::create_directory(folder.file("agents.db"));
  CAF_CHECK(storage::read_agents(folder.path()).empty());
}

CAF_TEST(without a directory it is in memory) {
  agent_file file{""};
  write(file, {{agent("eu", "10.0.0.1")}});
  CAF_CHECK_EQUAL(file.agents().size(), 1u);
}

} // namespace agent_file_suite
