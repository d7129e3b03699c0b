#define CAF_SUITE join_file

#include "xprober/storage/join_file.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "storage/folder.hpp"

#include "caf/test/unit_test.hpp"

namespace join_file_suite {

using namespace xprober;
using storage::join_file;
using storage::join_file_error;

namespace {

joined_agent agent_named(const std::string& name, char digit) {
  joined_agent agent;
  agent.name = name;
  agent.token = std::string(64, digit);
  agent.key = std::string(64, '0');
  agent.joined_unix = 5;
  agent.regions = {"eu"};
  return agent;
}

void add(join_file& file, const joined_agent& agent) {
  file.change([&](const join_book&) { return join_line(agent); });
}

template <class Work>
bool fails(Work work) {
  try {
    work();
    return false;
  } catch (const join_file_error&) {
    return true;
  }
}

struct fixture {
  void append(const std::string& text) const { std::ofstream{path, std::ios::app} << text; }

  test::folder folder;
  std::string directory = folder.path();
  std::string path = folder.file(join_file::file_name);
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(join_file_tests, fixture)

CAF_TEST(who has joined is known to the next process and to another one) {
  join_file server{directory};
  CAF_CHECK(!server.refresh());
  add(server, agent_named("a", '1'));
  CAF_REQUIRE(server.book().find("a") != nullptr);
  struct stat status{};
  CAF_REQUIRE(::stat(path.c_str(), &status) == 0);
  CAF_CHECK_EQUAL(status.st_mode & 0777U, 0600U);
  join_file command{directory};
  CAF_CHECK(command.refresh());
  CAF_CHECK(!command.refresh());
  command.change([](const join_book&) { return revoke_line("a", 9); });
  CAF_CHECK(server.refresh());
  CAF_CHECK_EQUAL(server.book().find("a")->revoked_unix, 9);
  CAF_MESSAGE("what the other has written is judged, too");
  command.change([](const join_book&) { return join_line(agent_named("b", '2')); });
  bool seen = false;
  server.change([&](const join_book& book) {
    seen = book.find_token(std::string(64, '2')) != nullptr;
    return std::string{};
  });
  CAF_CHECK(seen);
}

CAF_TEST(half a line at the end is dropped) {
  join_file first{directory};
  add(first, agent_named("a", '1'));
  append("join\t5\thalf");
  join_file second{directory};
  CAF_CHECK(second.refresh());
  CAF_CHECK_EQUAL(second.book().agents().size(), std::size_t{1});
  add(second, agent_named("b", '2'));
  join_file third{directory};
  CAF_CHECK(third.refresh());
  CAF_CHECK_EQUAL(third.book().agents().size(), std::size_t{2});
}

CAF_TEST(what is damaged or gone is not taken for empty) {
  join_file file{directory};
  add(file, agent_named("a", '1'));
  append("something else\n");
  join_file next{directory};
  CAF_CHECK(fails([&] { next.refresh(); }));
  ::unlink(path.c_str());
  CAF_CHECK(fails([&] { file.refresh(); }));
  CAF_CHECK(fails([&] { add(file, agent_named("b", '2')); }));
}

CAF_TEST(a full disk joins nobody and loses nobody) {
  join_file file{directory};
  add(file, agent_named("a", '1'));
  {
    const test::full_disk full{std::filesystem::file_size(path) + 20};
    CAF_CHECK(fails([&] { add(file, agent_named("b", '2')); }));
  }
  CAF_CHECK(file.book().find("b") == nullptr);
  add(file, agent_named("b", '2'));
  join_file next{directory};
  CAF_CHECK(next.refresh());
  CAF_CHECK_EQUAL(next.book().agents().size(), std::size_t{2});
}

CAF_TEST(a private file is replaced whole) {
  const auto name = folder.file("agent.pem");
  CAF_CHECK_EQUAL(storage::replace_private_file(name, "one"), "");
  CAF_CHECK_EQUAL(storage::replace_private_file(name, "two"), "");
  std::ifstream in{name};
  std::string text;
  in >> text;
  CAF_CHECK_EQUAL(text, "two");
  CAF_CHECK(!storage::replace_private_file(directory + "/none/agent.pem", "x").empty());
  struct stat like{};
  CAF_REQUIRE_EQUAL(::stat(name.c_str(), &like), 0);
  CAF_CHECK_EQUAL(like.st_mode & 07777U, 0600U);
  like.st_mode = 0640;
  CAF_CHECK_EQUAL(storage::replace_private_file(name, "three", &like), "");
  CAF_REQUIRE_EQUAL(::stat(name.c_str(), &like), 0);
  CAF_CHECK_EQUAL(like.st_mode & 07777U, 0640U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace join_file_suite
