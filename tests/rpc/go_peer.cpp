#define CAF_SUITE go_peer

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rpc/call_now.hpp"
#include "rpc/fake_actors.hpp"
#include "xprober/rpc/client_engine.hpp"

#include "caf/test/dsl.hpp"

namespace go_peer_suite {

// Both directions against Go's net/rpc with the codec and structs of Go agents, built here from
// tests/system.

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;
using test::call_now;
using test::text_of;

namespace {

namespace fs = std::filesystem;

/// A program that was started and its output; ended with this object.
class child {
public:
  explicit child(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      CAF_FAIL("no pipe");
    }
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> raw;
      for (auto& argument : arguments) {
        raw.push_back(argument.data());
      }
      raw.push_back(nullptr);
      ::execvp(raw[0], raw.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  ~child() {
    std::fclose(output_);
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      wait();
    }
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  std::string line() {
    std::string text;
    for (int c = std::fgetc(output_); c != EOF && c != '\n'; c = std::fgetc(output_)) {
      text += static_cast<char>(c);
    }
    return text;
  }

  int wait() {
    int status = -1;
    if (pid_ > 0) {
      ::waitpid(pid_, &status, 0);
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

private:
  pid_t pid_ = -1;
  std::FILE* output_ = nullptr;
};

/// Where the programs are built, once for all tests.
class go_programs {
public:
  go_programs() {
    std::string name = (fs::temp_directory_path() / "xprober-go-XXXXXX").string();
    dir_ = ::mkdtemp(name.data()) ? name : ".";
    const fs::path sources{XPROBER_SYSTEM_TESTS};
    for (const auto* program : {"go_server", "go_client"}) {
      const auto command = "cd '" + (sources / program).string() +
                           "' && GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE='" +
                           cache() + "' go build -o '" + path(program) + "' . 2>&1";
      if (!fs::exists(sources / program) || std::system(command.c_str()) != 0) {
        problem = "cannot build tests/system/" + std::string{program} +
                  " (needs golang-go and golang-github-ugorji-go-codec-dev)";
      }
    }
  }
  ~go_programs() {
    std::error_code ignored;
    fs::remove_all(dir_, ignored);
  }
  go_programs(const go_programs&) = delete;
  go_programs& operator=(const go_programs&) = delete;

  std::string path(const std::string& file) const { return dir_ + "/" + file; }
  std::string problem; ///< empty when both are there

private:
  /// Kept between runs: the first build takes half a minute.
  static std::string cache() { return (fs::temp_directory_path() / "xprober-go-cache").string(); }
  std::string dir_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void server_talks_to_go_client(const go_programs& programs) {
  test::fake_backend backend;
  server_options options;
  options.listen = "127.0.0.1:0";
  std::optional<server> port;
  port.emplace(backend.io.context, backend.actors, options);
  const auto address = "127.0.0.1:" + std::to_string(port->local_endpoint().port());
  child client{{programs.path("go_client"), "-region", "eu", "-n", "1000", "-repeat", "3",
                "-parallel", "20", address}};
  for (int round = 0; round < 3; ++round) {
    for (int call = 0; call < 20; ++call) {
      CAF_REQUIRE_EQUAL(
          client.line(),
          R"({"targets":[{"proberType":"icmp","region":"other","target":["eu.example"]}]})");
    }
    CAF_CHECK_EQUAL(client.line(), R"({"pushed":1000})");
  }
  CAF_CHECK_EQUAL(client.wait(), 0);
  CAF_CHECK_EQUAL(backend.counts->values.load(), 3000);
  child unknown{{programs.path("go_client"), "-method", "Server.Nope", address}};
  CAF_CHECK_EQUAL(unknown.line(), R"({"error":"rpc: can't find method Server.Nope"})");
  CAF_CHECK_EQUAL(unknown.wait(), 1);
  child refused{{programs.path("go_client"), "-region", "bad", address}};
  CAF_CHECK(has(refused.line(), "no list for you"));
  CAF_CHECK_EQUAL(refused.line(), R"({"pushed":3})");
  backend.io.on_thread([&] { port.reset(); });
}

void client_talks_to_go_server(const go_programs& programs) {
  const auto targets = programs.path("targets.json");
  std::ofstream{targets} << R"([{"proberType": "icmp", "region": "cn", "target": ["10.0.0.1", "b"]},
    {"proberType": "http", "region": "cn", "target": ["http://)"
                         << std::string(300, 'x')
                         << R"("]}, {"proberType": "tcp", "region": "x"}])";
  child server{{programs.path("go_server"), "127.0.0.1:0", targets}};
  const auto first = server.line();
  CAF_REQUIRE(has(first, "listening 127.0.0.1:"));
  test::io_thread io;
  client_options options;
  options.servers = {first.substr(first.find(' ') + 1)};
  std::optional<client_engine> engine;
  engine.emplace(io.context, options);
  const auto result = call_now(*engine, get_targets_request{"eu", "127.0.0.7", "revision-9"});
  CAF_REQUIRE_EQUAL(text_of(result), "10.0.0.1");
  const auto& list = std::get<get_targets_response>(result);
  CAF_REQUIRE_EQUAL(list.targets.size(), 3u);
  CAF_CHECK_EQUAL(list.targets[1].targets.at(0).size(), 307u);
  CAF_CHECK(list.targets[2] == (target_group{"tcp", "x", {}}));
  CAF_CHECK_EQUAL(list.revision, "");
  CAF_CHECK_EQUAL(text_of(call_now(*engine, get_targets_request{"", "127.0.0.7", ""})),
                  "error: the server refused: " + options.servers[0] + ": localRegion is empty");
  // The server prints what it gets; it would wait for this test if that were more than a pipe
  // holds.
  push_request push;
  push.values.resize(200, {"127.0.0.7", "ping_latency_millonseconds", std::string(80, 'a'), "eu",
                           "cn", "icmp", 1700000000, 0.125F});
  push.values[199] = {"127.0.0.7", "ping_target_success", "a", "eu", "", "icmp", -1, -1};
  CAF_CHECK_EQUAL(text_of(call_now(*engine, push)), "200");
  for (int i = 0; i < 199; ++i) {
    CAF_REQUIRE_EQUAL(server.line(),
                      R"({"workerName":"127.0.0.7","metricName":"ping_latency_millonseconds",)"
                      R"("targetAddr":")" +
                          std::string(80, 'a') +
                          R"(","sourceRegion":"eu","targetRegion":"cn","probeType":"icmp",)"
                          R"("timeStamp":1700000000,"value":0.125})");
  }
  CAF_CHECK(has(server.line(), R"("timeStamp":-1,"value":-1})"));
  CAF_CHECK_EQUAL(text_of(call_now(*engine, push_request{})), "0");
  engine.reset();
}

} // namespace

CAF_TEST(both_directions_work_with_go) {
  const go_programs programs;
  if (!programs.problem.empty()) {
    std::puts(("SKIPPED: " + programs.problem).c_str());
    CAF_CHECK(true);
    return;
  }
  server_talks_to_go_client(programs);
  client_talks_to_go_server(programs);
}

} // namespace go_peer_suite
