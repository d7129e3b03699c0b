#define CAF_SUITE load
#include "xprober/config/load.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include "xprober/config/read.hpp"

#include "caf/test/unit_test.hpp"

namespace load_suite {

using namespace xprober;
using namespace xprober::config;
using namespace std::chrono_literals;

namespace {

const std::string shipped = XPROBER_CONFIG_DIR;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A file that lives as long as its test.
class temporary_file {
public:
  explicit temporary_file(std::string_view text) {
    const int file = ::mkstemp(path_.data());
    CAF_REQUIRE(file >= 0);
    ::close(file);
    std::ofstream{path_} << text;
  }
  ~temporary_file() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

private:
  std::string path_ = "/tmp/xprober-load-XXXXXX";
};

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class Config>
key_set keys_of(void (*read)(section&, Config&)) {
  findings found;
  section top{nullptr, "", found};
  Config ignored;
  read(top, ignored);
  return found.known();
}

} // namespace

CAF_TEST(the shipped agent file states the defaults) {
  const auto read = load_agent(shipped + "/agent.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK(read.value == agent_config{});
}

CAF_TEST(the shipped server file states the defaults and an example) {
  const auto read = load_server(shipped + "/server.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  server_config defaults;
  CAF_REQUIRE_EQUAL(read.value.prober_targets.size(), 1u);
  CAF_CHECK_EQUAL(read.value.prober_targets[0].prober_type, "http");
  defaults.prober_targets = read.value.prober_targets;
  CAF_CHECK(read.value == defaults);
}

CAF_TEST(the shipped files name every key) {
  const std::pair<std::string, key_set> files[] = {
      {shipped + "/agent.yaml", keys_of(read_agent)},
      {shipped + "/server.yaml", keys_of(read_server)}};
  for (const auto& [path, keys] : files) {
    const auto text = "\n" + content_of(path);
    CAF_CHECK(keys.size() > 15);
    for (const auto& key : keys) {
      const auto dot = key.rfind('.');
      const auto name = dot == std::string::npos ? key : key.substr(dot + 1);
      const auto depth = static_cast<std::size_t>(std::count(key.begin(), key.end(), '.'));
      const auto line = "\n" + std::string(2 * depth, ' ') + name + ":";
      CAF_MESSAGE(key);
      CAF_CHECK(has(text, line));
    }
  }
}

CAF_TEST(a value can come from a file and is a text whatever it looks like) {
  const temporary_file secret{"no: [1, 2]\n"};
  const auto read =
      load_agent("", {"http.basic_auth.username=me", "http.basic_auth.password=@" + secret.path()});
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.http.basic_auth.password, "no: [1, 2]");
  const temporary_file number{"7\n"};
  CAF_CHECK_EQUAL(load_agent("", {"icmp.count=@" + number.path()}).value.icmp.count, 7u);
  const auto both = load_standalone("", {"region=@" + number.path()});
  CAF_CHECK(both.ok());
  CAF_CHECK_EQUAL(both.value.agent.region, "7");
  CAF_CHECK_EQUAL(load_agent("", {"region=@@home"}).value.region, "@home");
}

CAF_TEST(a value whose file cannot be read is refused) {
  const auto gone = load_agent("", {"region=@/nowhere/at/all"});
  CAF_CHECK(to_string(gone.problems).starts_with("--set region: /nowhere/at/all: "));
  CAF_CHECK_EQUAL(gone.problems.size(), 1u);
  const temporary_file empty{"\n"};
  const auto none = load_agent("", {"region=@" + empty.path()});
  CAF_CHECK(to_string(none.problems).find("is empty") != std::string::npos);
  const temporary_file wrong{"0\n"};
  const auto bad = load_agent("", {"icmp.count=@" + wrong.path()});
  CAF_CHECK(to_string(bad.problems).starts_with("--set icmp.count: '0' is not allowed"));
}

CAF_TEST(the shipped standalone file keeps everything in memory and on this machine) {
  const auto read = load_standalone(shipped + "/standalone.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.server.state_dir, "");
  CAF_CHECK_EQUAL(read.value.agent.state_dir, "");
  CAF_CHECK_EQUAL(read.value.agent.rpc_server_addr.at(0), read.value.server.rpc_listen_addr);
  std::size_t targets = 0;
  for (const auto& entry : read.value.server.prober_targets) {
    // An agent does not ping its own region.
    CAF_CHECK_NOT_EQUAL(entry.region, read.value.agent.region);
    for (const auto& target : entry.target) {
      CAF_CHECK(has(target, "127.") || has(target, "::1"));
      ++targets;
    }
  }
  CAF_CHECK_EQUAL(targets, 8u);
}

CAF_TEST(an agent of a shipped file gets region and address by overrides) {
  const auto read = load_agent(shipped + "/agent.yaml", {"region=eu-west-1", "local_ip=127.0.0.2",
                                                         "http_addr=127.0.0.2:8087", "state_dir="});
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.region, "eu-west-1");
  CAF_CHECK_EQUAL(read.value.local_ip, "127.0.0.2");
}

CAF_TEST(files that cannot be read are one problem) {
  for (const std::string path : {"/nonexistent.yaml", "/"}) {
    const auto read = load_agent(path);
    CAF_REQUIRE_EQUAL(read.problems.size(), 1u);
    CAF_CHECK(to_string(read.problems[0]).starts_with(path + ": "));
    CAF_CHECK(!load_server(path).ok());
    CAF_CHECK(!load_standalone(path).ok());
    CAF_CHECK(!check_file(path).ok());
  }
}

CAF_TEST(a secret that everybody can read is warned of) {
  const temporary_file secret{"secret"};
  const temporary_file file{"alerts: {webhooks: [{url: 'http://127.0.0.1/', secret_file: '" +
                            secret.path() + "'}]}\n"};
  const auto warned = [&] {
    const auto read = load_server(file.path());
    CAF_CHECK_EQUAL(to_string(read.problems), "");
    const auto texts = warning_texts(read.warnings);
    return std::ranges::any_of(texts, [&](const std::string& text) {
      return has(text, "secret_file: everybody on this machine can read " + secret.path());
    });
  };
  ::chmod(secret.path().c_str(), 0640);
  CAF_CHECK(!warned());
  ::chmod(secret.path().c_str(), 0644);
  CAF_CHECK(warned());
}

CAF_TEST(a file that everybody can write is refused) {
  const temporary_file file{"region: a\n"};
  ::chmod(file.path().c_str(), 0646);
  const auto read = load_agent(file.path());
  CAF_CHECK(has(to_string(read.problems), file.path() + ": everybody on this machine can write"));
}

CAF_TEST(a file of another kind is said to be one) {
  const auto of_agent = [](std::string_view text) {
    return to_string(parse_agent(text, "f").problems);
  };
  const auto of_server = [](std::string_view text) {
    return to_string(parse_server(text, "f").problems);
  };
  const std::string server = "log_level: info\nprober_targets: []\nmesh: false\n";
  const std::string agent = "log_level: info\nregion: r\nprobe_interval: 5s\n";
  const std::string both = "server: {mesh: false}\nagent: {region: r}\n";
  CAF_CHECK_EQUAL(of_agent(server), "f:2: prober_targets: this is the configuration of a server, "
                                    "not of an agent; start it with `xprober server`\n");
  CAF_CHECK_EQUAL(of_server(agent), "f:2: region: this is the configuration of an agent, not of a "
                                    "server; start it with `xprober agent`\n");
  const std::string standalone =
      "this is the configuration of both, as `xprober standalone` has it";
  CAF_CHECK(has(of_agent(both), "f:1: server: " + standalone + ", not of an agent; "));
  CAF_CHECK(has(of_server(both), "f:1: server: " + standalone + ", not of a server; "));
  CAF_CHECK_EQUAL(
      to_string(parse_standalone(server, "f").problems),
      "f:2: prober_targets: this is the configuration of a server, not of "
      "`xprober standalone`; start it with `xprober server`, or indent it below server:\n");
  // A key or two in the wrong file are mistakes of their own.
  CAF_CHECK_EQUAL(of_agent("region: r\nmesh: false\n"),
                  "f:2: mesh: is not a known key here; it belongs in the server's file\n");
  CAF_CHECK_EQUAL(of_agent("mesh: false\n"),
                  "f:1: mesh: is not a known key here; it belongs in the server's file\n");
}

CAF_TEST(modules share their settings by merge keys) {
  const std::string text = "modules:\n"
                           "  base: &base\n"
                           "    prober: http\n"
                           "    timeout: 3s\n"
                           "    http: {methd: HEAD}\n"
                           "  it: {<<: *base, timeout: 4s}\n";
  CAF_CHECK_EQUAL(to_string(parse_agent(text, "f").problems),
                  "f:5: modules.base.http.methd: is not a known key; do you mean method?\n"
                  "f:5: modules.it.http.methd: is not a known key; do you mean method?\n");
}

CAF_TEST(no file at all stands for the defaults) {
  CAF_CHECK(load_agent("").value == agent_config{});
  CAF_CHECK(load_agent("").ok());
  CAF_CHECK(load_server("", {"mesh=false"}).ok());
  const auto both = load_standalone("");
  CAF_CHECK(both.ok());
  CAF_CHECK_EQUAL(both.value.server.state_dir, "");
  CAF_CHECK_EQUAL(both.value.agent.state_dir, "");
}

CAF_TEST(problems name the file as it was given) {
  const temporary_file file{"region: a\nthreads: 0\n"};
  const auto read = load_agent(file.path());
  CAF_REQUIRE_EQUAL(read.problems.size(), 1u);
  CAF_CHECK(to_string(read.problems[0]).starts_with(file.path() + ":2: threads: '0'"));
}

CAF_TEST(a standalone file has the sections of the other two) {
  const auto read = parse_standalone("server:\n  mesh: false\n  state_dir: /s\n"
                                     "agent:\n  icmp: {count: 1}\n  state_dir: /a\n",
                                     "b.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK(!read.value.server.mesh);
  CAF_CHECK_EQUAL(read.value.server.state_dir, "/s");
  CAF_CHECK_EQUAL(read.value.agent.icmp.count, 1u);
  CAF_CHECK_EQUAL(read.value.agent.state_dir, "/a");
}

CAF_TEST(the agent of a standalone file finds its server) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"", "127.0.0.1:6001"},
      {"server: {rpc_listen_addr: \":7001\"}", "127.0.0.1:7001"},
      {"server: {rpc_listen_addr: \"0.0.0.0:7001\"}", "127.0.0.1:7001"},
      {"server: {rpc_listen_addr: \"[::]:7001\"}", "[::1]:7001"},
      {"server: {rpc_listen_addr: \"127.0.0.9:0\"}", "127.0.0.9:0"},
      {"server: {rpc: {cert_file: c, key_file: k}}", "msgpacks://127.0.0.1:6001"},
      {"agent: {rpc_server_addr: \"h:1\"}", "h:1"},
  };
  for (const auto& [text, expected] : cases) {
    const auto read = parse_standalone(text, "b.yaml");
    CAF_REQUIRE(read.ok());
    CAF_REQUIRE_EQUAL(read.value.agent.rpc_server_addr.size(), 1u);
    CAF_CHECK_EQUAL(read.value.agent.rpc_server_addr[0], expected);
  }
}

CAF_TEST(overrides of a standalone file go where their key is) {
  const auto read =
      parse_standalone("", "b.yaml",
                       {"server.mesh=false", "agent.region=a", "icmp.count=3", "result_ttl=1m",
                        "log_level=debug", "agent.threads=2", "http.headers.X-A=b", "state_dir="});
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK(!read.value.server.mesh);
  CAF_CHECK_EQUAL(read.value.agent.region, "a");
  CAF_CHECK_EQUAL(read.value.agent.icmp.count, 3u);
  CAF_CHECK(read.value.server.result_ttl == 60s);
  CAF_CHECK_EQUAL(read.value.server.log_level, "debug");
  CAF_CHECK_EQUAL(read.value.agent.log_level, "debug");
  CAF_CHECK_EQUAL(read.value.agent.threads, 2u);
  CAF_CHECK_EQUAL(read.value.server.threads, 1u);
  CAF_CHECK_EQUAL(read.value.agent.http.headers.at("X-A"), "b");
}

CAF_TEST(problems of a standalone file name the section) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases{
      {{"icmp.count=0"}, "--set icmp.count: agent.icmp.count: '0' is not allowed"},
      {{"agent.icmp.count=0"}, "--set agent.icmp.count: '0' is not allowed"},
      {{"icmp.conut=1"}, "agent.icmp.conut: is not a known key; do you mean count?"},
      {{"nonsense=1"}, "--set nonsense: is not a known key"},
      {{"state_dir=/x"}, "agent.state_dir: is the server's, too"},
  };
  for (const auto& [overrides, expected] : cases) {
    const auto found = to_string(parse_standalone("", "b.yaml", overrides).problems);
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
  }
  const auto found = to_string(
      parse_standalone("mesh: true\nserver: {threads: 0}\nagent: [1]\n", "b.yaml").problems);
  CAF_MESSAGE(found);
  CAF_CHECK(has(found, "b.yaml:1: mesh: is not a known key here; it belongs in the section agent: "
                       "or server:"));
  CAF_CHECK(has(found, "b.yaml:2: server.threads: '0'"));
  CAF_CHECK(has(found, "b.yaml:3: agent: is a list; allowed is a section of keys"));
}

CAF_TEST(a file is recognised by its keys) {
  const std::vector<std::pair<const char*, std::optional<file_kind>>> cases{
      {"region: a\n", file_kind::agent},
      {"icmp: {count: 1}\nlog_level: info\n", file_kind::agent},
      {"prober_targets: []\n", file_kind::server},
      {"mesh: false\nthreads: 1\n", file_kind::server},
      {"agent: {region: a}\n", file_kind::standalone},
      {"server:\n", file_kind::standalone},
      {"log_level: info\n", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [text, expected] : cases) {
    const temporary_file file{text};
    const auto found = check_file(file.path());
    CAF_MESSAGE(text << to_string(found.problems));
    CAF_CHECK(found.ok());
    CAF_CHECK(found.kind == expected);
  }
  for (const auto* name : {"agent", "server", "standalone"}) {
    const auto found = check_file(shipped + "/" + name + ".yaml");
    CAF_CHECK(found.ok());
    CAF_REQUIRE(found.kind.has_value());
    CAF_CHECK_EQUAL(to_string(*found.kind), name);
  }
}

CAF_TEST(a wrong file is checked as what it is) {
  const temporary_file server{"mesh: 5\nmetrics_listen_addr: :6002\nregoin: a\n"};
  const auto found = to_string(check_file(server.path()).problems);
  CAF_MESSAGE(found);
  CAF_CHECK(has(found, ":1: mesh: '5'"));
  CAF_CHECK(has(found, ":3: regoin: is not a known key"));
  CAF_CHECK(has(found, ":2: metrics_listen_addr: ':6002' is reached by other machines"));
  const temporary_file broken{"a: [\n"};
  CAF_CHECK(has(to_string(check_file(broken.path()).problems), "this is not valid YAML"));
}

} // namespace load_suite
