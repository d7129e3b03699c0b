#define CAF_SUITE server
#include "xprober/config/load.hpp"

#include "caf/test/unit_test.hpp"

namespace server_suite {

using namespace xprober;
using namespace xprober::config;
using namespace std::chrono_literals;

namespace {

std::string problems_of(std::string_view text, const std::vector<std::string>& overrides = {}) {
  return to_string(parse_server(text, "s.yaml", overrides).problems);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(an empty file has all defaults) {
  const auto read = parse_server("", "s.yaml");
  CAF_CHECK(read.ok());
  CAF_CHECK(read.value == server_config{});
}

CAF_TEST(every key is read) {
  const auto read = parse_server(R"(rpc_listen_addr: "[::]:6001"
metrics_listen_addr: localhost:0
log_level: warn
prober_targets:
  - prober_type: icmp
    region: cn-south
    target: ["10.1.2.3", "10.4.0.0/24", "host.example"]
    source_regions: [a, b]
    sharding: true
  - {prober_type: http, region: x, target: host.example/path}
target_files: []
target_urls:
max_targets: 300
mesh: false
mesh_lease: 10s
mesh_forget: 2h
mesh_networks: [10.0.0.0/8, "2001:db8::1"]
retired_agents: [cn/south/10.1.2.3, "eu/*"]
limits: {connections: 500, connections_per_peer: 50, bytes: 1GiB, bytes_per_peer: 64MiB, memory: 2GiB, series: 50,
         agent_series: 40, agent_rows_per_second: 30, agent_bytes_per_second: 1MiB, journal_bytes: 64MiB,
         new_agents_per_minute: 20, listed_targets_only: false}
result_ttl: 1m
history: {enabled: false, retention_15s: 1h, retention_1m: 2h, retention_10m: 24h, max_series: 7}
state_dir: /s
remote_write: []
shutdown_timeout: 1s
threads: 3
metrics_per_target: true
rpc: {token_file: /t, cert_file: /c, key_file: /k, client_ca_file: /ca}
web: {allowed_hosts: [a.example, "*.b.example"], cert_file: /wc, key_file: /wk, client_ca_file: /wa,
      token_file: /wt, read_token_file: /wr}
insecure: true
)",
                                 "s.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  server_config expected;
  expected.rpc_listen_addr = "[::]:6001";
  expected.web = {"/wc", "/wk", "/wa", "/wt", "/wr", {"a.example", "*.b.example"}};
  expected.insecure = true;
  expected.connections = {500, 50, std::uint64_t{1} << 30U, std::uint64_t{64} << 20U,
                          std::uint64_t{2} << 30U};
  expected.metrics_listen_addr = "localhost:0";
  expected.log_level = "warn";
  expected.prober_targets = {
      {"icmp", "cn-south", {"10.1.2.3", "10.4.0.0/24", "host.example"}, {"a", "b"}, 5, true},
      {"http", "x", {"host.example/path"}, {}, 10}};
  expected.max_targets = 300;
  expected.mesh = false;
  expected.mesh_lease = 10s;
  expected.mesh_forget = 2h;
  expected.mesh_networks = {"10.0.0.0/8", "2001:db8::1"};
  expected.retired_agents = {"cn/south/10.1.2.3", "eu/*"};
  expected.limits = {50, 40, 30, 1U << 20U, 64U << 20U, false, 20};
  expected.result_ttl = 60s;
  expected.history = {false, 1h, 2h, 24h, 7};
  expected.state_dir = "/s";
  expected.shutdown_timeout = 1s;
  expected.threads = 3;
  expected.metrics_per_target = true;
  expected.rpc = {"/t", "", "/c", "/k", "/ca"};
  CAF_CHECK(read.value == expected);
}

CAF_TEST(allowed hosts are names) {
  CAF_CHECK_EQUAL(problems_of("web: {allowed_hosts: '*'}\n"), "");
  for (const auto* wrong : {"a:80", "http://a", "*.", "a*"}) {
    CAF_CHECK(has(problems_of("web: {allowed_hosts: ['" + std::string{wrong} + "']}\n"),
                  "allowed_hosts"));
  }
}

CAF_TEST(a proxy that says who asks has a header and a network) {
  const auto read = parse_server("prober_targets: []\nweb: {proxy_header: X-Forwarded-User, "
                                 "proxy_networks: 10.0.0.5, proxy_operators: [a, '*']}\n",
                                 "s.yaml");
  CAF_CHECK_EQUAL(to_string(read.problems), "");
  CAF_CHECK_EQUAL(read.value.web.proxy_header, "X-Forwarded-User");
  CAF_CHECK(read.value.web.proxy_networks == std::vector<std::string>{"10.0.0.5"});
  CAF_CHECK(read.value.web.proxy_operators == (std::vector<std::string>{"a", "*"}));
  const std::string good = "proxy_header: X-User, proxy_networks: 10.0.0.5";
  const std::pair<std::string, std::string> all[] = {
      {"proxy_header: X-User", "web.proxy_header: stands alone"},
      {"proxy_networks: 10.0.0.5", "web.proxy_networks: stands alone"},
      {"proxy_operators: a", "web.proxy_operators: needs proxy_header"},
      {"proxy_header: cookie, proxy_networks: 10.0.0.5", "web.proxy_header: "},
      {"proxy_header: a b, proxy_networks: 10.0.0.5", "web.proxy_header: "},
      {"proxy_header: X-User, proxy_networks: host", "web.proxy_networks: "},
      {"proxy_header: X-User, proxy_networks: '::/0'", "is everybody; allowed are"},
      {good + ", proxy_operators: ' a'", "is not the name of a user"},
  };
  for (const auto& [text, problem] : all) {
    CAF_MESSAGE(text);
    CAF_CHECK(has(problems_of("web: {" + text + "}\n"), problem));
  }
}

CAF_TEST(limits of connections have bounds) {
  const auto problems = problems_of("limits: {connections: 1, bytes: 1MiB, byte: 2}\n");
  CAF_CHECK(has(problems, "limits.connections: "));
  CAF_CHECK(has(problems, "limits.bytes: "));
  CAF_CHECK(has(problems, "limits.byte: "));
}

CAF_TEST(sources of discovered targets are read) {
  const auto read = parse_server(R"(
prober_targets:
  - {prober_type: icmp, region: x, target: a, labels: {team: t, agent: u}}
target_files:
  - lists/*.json
  - {files: [/a.yml, b.yaml], prober_type: http, region: r, source_regions: s, labels: {team: t},
     sharding: true, refresh_interval: 10s}
target_urls:
  - http://sd.example/targets
  - {url: "https://sd.example/", refresh_interval: 30s, timeout: 2s, max_body: 1MiB, region: r,
     basic_auth: {username: u, password_file: /p}, ca_file: /ca, cert_file: /c, key_file: /k,
     insecure_skip_verify: true}
)",
                                 "/etc/x/s.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK(read.value.prober_targets[0].labels ==
            (label_map{{"exported_agent", "u"}, {"team", "t"}}));
  const std::vector<target_file_source> files{
      {{"/etc/x/lists/*.json"}, {}, 5min},
      {{"/a.yml", "/etc/x/b.yaml"}, {"http", "r", {"s"}, {{"team", "t"}}, true}, 10s}};
  CAF_CHECK(read.value.target_files == files);
  target_url_source plain;
  plain.url = "http://sd.example/targets";
  target_url_source secured{"https://sd.example/",
                            {"", "r", {}, {}},
                            30s,
                            2s,
                            1u << 20,
                            "",
                            {"u", "", "/p"},
                            "/ca",
                            "/c",
                            "/k",
                            true};
  CAF_CHECK(read.value.target_urls == (std::vector<target_url_source>{plain, secured}));
}

CAF_TEST(the file of the earlier server loads unchanged) {
  const auto read = parse_server("rpc_listen_addr: :6001\n"
                                 "metrics_listen_addr: 0.0.0.0:6002\n"
                                 "prober_targets:\n"
                                 "- prober_type: http\n"
                                 "  region: cn-south\n"
                                 "  target:\n"
                                 "  - http://www.example.com\n"
                                 "  - https://www.example.com/a?b=c\n"
                                 "- prober_type: icmp\n"
                                 "  region: cn-south\n"
                                 "  target:\n"
                                 "  - 172.20.70.205\n"
                                 "  - 172.20.70.215\n",
                                 "s.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.rpc_listen_addr, ":6001");
  CAF_REQUIRE_EQUAL(read.value.prober_targets.size(), 2u);
  CAF_CHECK_EQUAL(read.value.prober_targets[1].target.size(), 2u);
  CAF_CHECK_EQUAL(read.value.prober_targets[1].line, 9);
}

CAF_TEST(ports that others reach are exposed without TLS and a credential) {
  const auto exposed = [](std::string_view text, const std::vector<std::string>& overrides = {}) {
    const auto read = parse_server(text, "s.yaml", overrides);
    CAF_CHECK_EQUAL(to_string(read.problems), "");
    return to_string(read.exposed);
  };
  const std::string open = "rpc_listen_addr: :6001\nmetrics_listen_addr: 0.0.0.0:6002\n";
  const auto both = exposed(open);
  CAF_MESSAGE(both);
  CAF_CHECK(has(both, "s.yaml:1: rpc_listen_addr: ':6001' is reached by other machines and has no "
                      "TLS and no credential; allowed are rpc.cert_file and rpc.key_file with "));
  CAF_CHECK(
      has(both, "s.yaml:2: metrics_listen_addr: '0.0.0.0:6002' is reached by other machines"));
  CAF_CHECK_EQUAL(exposed(open, {"insecure=true"}), "");
  CAF_CHECK_EQUAL(exposed(""), "");
  CAF_CHECK_EQUAL(exposed("rpc_listen_addr: '[::1]:6001'\nmetrics_listen_addr: localhost:6002\n"),
                  "");
  const auto pages = exposed(open + "rpc: {cert_file: /c, key_file: /k, client_ca_file: /a}\n");
  CAF_CHECK(!has(pages, "rpc_listen_addr"));
  CAF_CHECK(has(pages, "metrics_listen_addr"));
  CAF_CHECK_EQUAL(exposed(open + "rpc: {cert_file: /c, key_file: /k, client_ca_file: /a}\n"
                                 "web: {cert_file: /c, key_file: /k, read_token_file: /t}\n"),
                  "");
  CAF_CHECK(has(exposed(open + "web: {cert_file: /c, key_file: /k}\n"),
                "metrics_listen_addr: '0.0.0.0:6002' is reached by other machines and has no "
                "credential"));
}

CAF_TEST(what is insecure is warned of with its ports) {
  const auto warned = [](std::string_view text) {
    return warning_texts(parse_server(text, "s.yaml").warnings);
  };
  using strings = std::vector<std::string>;
  CAF_CHECK(warned("insecure: true\nrpc_listen_addr: :6001\n") ==
            strings{"s.yaml:1: warning: insecure: is true: other machines reach without TLS and a "
                    "credential rpc_listen_addr ':6001'"});
  CAF_CHECK(warned("insecure: true\n") ==
            strings{"s.yaml:1: warning: insecure: is true, and no port needs it: it can go"});
  CAF_CHECK(warned("insecure: false\n").empty());
}

CAF_TEST(credentials are bound to regions and networks) {
  const auto read = parse_server("rpc: {cert_file: /c, key_file: /k, client_ca_file: /a}\n"
                                 "access:\n"
                                 "  - {token_file: /t, regions: [eu, us]}\n"
                                 "  - {certificate: probe-7, networks: [10.0.0.0/8, '::1']}\n",
                                 "s.yaml");
  CAF_CHECK_EQUAL(to_string(read.problems), "");
  const std::vector<access_entry> expected{{"/t", "", {"eu", "us"}, {}},
                                           {"", "probe-7", {}, {"10.0.0.0/8", "::1"}}};
  CAF_CHECK(read.value.access == expected);
  const std::vector<std::pair<const char*, const char*>> wrong{
      {"access: /t", "s.yaml:1: access: is a single value"},
      {"access: [{regions: r}]", "access[0].certificate: is missing"},
      {"access: [{token_file: /t, certificate: c, regions: r}]",
       "access[0].certificate: stands beside token_file"},
      {"access: [{token_file: /t}]", "access[0].regions: is missing, and so is networks"},
      {"access: [{token_file: /t, networks: 10.0.0.0/33}]", "is not a network"},
      {"access: [{token_file: /t, regions: r, region: r}]", "access[0].region: is not a known key"},
      {"access: [{certificate: c, regions: r}]", "access: names certificates"},
  };
  for (const auto& [text, problem] : wrong) {
    CAF_MESSAGE(text);
    CAF_CHECK(has(problems_of(text), problem));
  }
  CAF_CHECK_EQUAL(to_string(parse_server("rpc_listen_addr: :6001\n"
                                         "rpc: {cert_file: /c, key_file: /k}\n"
                                         "access: [{token_file: /t, regions: r}]\n",
                                         "s.yaml")
                                .exposed),
                  "");
}

CAF_TEST(agents join with an authority and its key) {
  const std::string tls = "rpc: {cert_file: /c, key_file: /k, join_ca_file: /a, join_key_file: /b";
  const auto read =
      parse_server("rpc_listen_addr: :6001\n" + tls + ", certificate_life: 48h}\n", "s.yaml");
  CAF_CHECK_EQUAL(to_string(read.problems), "");
  CAF_CHECK_EQUAL(to_string(read.exposed), "");
  CAF_CHECK(read.value.rpc.join_ca_file == "/a");
  CAF_CHECK(read.value.rpc.certificate_life == 48h);
  const std::vector<std::pair<std::string, const char*>> wrong{
      {"rpc: {cert_file: /c, key_file: /k, join_ca_file: /a}", "rpc.join_ca_file: stands alone"},
      {"rpc: {cert_file: /c, key_file: /k, join_key_file: /a}", "rpc.join_key_file: stands alone"},
      {"rpc: {join_ca_file: /a, join_key_file: /b}", "rpc.join_ca_file: needs TLS"},
      {tls + ", certificate_life: 1s}", "rpc.certificate_life"},
      {tls + "}\nstate_dir: ''", "state_dir: is empty"},
      {tls + ", client_ca_file: /d}", "access: is empty"},
      {tls + "}\nweb: {cert_file: /c, key_file: /k, client_ca_file: /a}",
       "web: has rpc.join_ca_file as client_ca_file"},
  };
  for (const auto& [text, problem] : wrong) {
    CAF_MESSAGE(text);
    CAF_CHECK(has(problems_of(text), problem));
  }
}

CAF_TEST(files of the pages port belong together) {
  CAF_CHECK(has(problems_of("web: {cert_file: /c}\n"), "web.cert_file: stands alone"));
  CAF_CHECK(has(problems_of("web: {key_file: /k}\n"), "web.key_file: stands alone"));
  CAF_CHECK(has(problems_of("web: {client_ca_file: /a}\n"), "web.client_ca_file: needs TLS"));
  CAF_CHECK_EQUAL(problems_of("web: {token_file: /t}\n"), "");
}

CAF_TEST(wrong values are named with file and line and key) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"rpc_listen_addr: 6001", "rpc_listen_addr: '6001' cannot be listened on"},
      {"metrics_listen_addr: http://a:1", "metrics_listen_addr: 'http://a:1'"},
      {"max_targets: 0", "max_targets: '0'"},
      {"mesh: 5", "mesh: '5' is not allowed; allowed is true or false"},
      {"mesh_lease: 0s", "mesh_lease: '0s' is out of range"},
      {"mesh_forget: 0s", "mesh_forget: '0s' is out of range"},
      {"result_ttl: 1", "result_ttl: '1' has no unit"},
      {"history: {enabled: 1}", "history.enabled: '1' is not allowed"},
      {"history: {retention_15s: 1s}", "history.retention_15s: '1s' is out of range"},
      {"history: {retention_1m: 1h}", "history.retention_1m: is shorter than retention_15s"},
      {"history: {retention_10m: 100h}", "history.retention_10m: is shorter than retention_1m"},
      {"history: {max_series: 0}", "history.max_series: '0'"},
      {"history: {retention: 1h}", "history.retention: is not a known key"},
      {"rpc: {client_ca_file: /ca}", "rpc.client_ca_file: needs TLS"},
      {"rpc: {cert_file: /c}", "rpc.cert_file: stands alone"},
      {"region: x", "region: is not a known key here; it belongs in the agent's file"},
      {"prober_targets: 5", "prober_targets: is a single value; allowed is a list of entries"},
      {"prober_targets: {a: b}", "prober_targets: is a section of keys; allowed is a list"},
      {"prober_targets: [10.1.2.3]", "prober_targets[0]: is a single value; allowed are entries"},
      {"target_files: {a: b}", "target_files: is a section of keys; allowed is a list of paths"},
      {"target_files: [/a.txt]", "target_files[0]: '/a.txt' is not a path of lists; allowed are"},
      {"target_files: [[a]]", "target_files[0]: is a list; allowed are paths and entries"},
      {"target_files: [{region: r}]", "target_files[0].files: names nothing"},
      {"target_files: [{files: /a.json, regin: r}]",
       "target_files[0].regin: is not a known key; do you "
       "mean region?"},
      {"target_files: [{files: /a.json, labels: {a-b: c}}]",
       "target_files[0].labels: \"a-b\" is not a label's name"},
      {"target_files: [{files: /a.json, labels: {__a: c}}]",
       "target_files[0].labels: '__a' begins with '__'"},
      {"target_urls: ftp://a/",
       "target_urls: 'ftp://a/' is not the URL of a list: the scheme is ftp"},
      {"target_urls: [http://u:p@a/]",
       "target_urls[0]: 'http://...@a/' is not the URL of a list: it "
       "holds a user"},
      {"target_urls: [http://a/, http://a/]", "target_urls[1]: 'http://a/' is named twice"},
      {"target_urls: [{region: r}]", "target_urls[0].url: is missing"},
      {"target_urls: [{url: http://a/, refresh_interval: 5}]",
       "target_urls[0].refresh_interval: '5' has no unit"},
      {"target_urls: [{url: http://a/, cert_file: /c}]", "target_urls[0].cert_file: stands alone"},
      {"target_urls: [{url: http://a/, bearer_token_file: /t, basic_auth: {username: u}}]",
       "target_urls[0].bearer_token_file: stands beside basic_auth"},
      {"remote_write: 5", "s.yaml:1: remote_write: is a single value; allowed is a list"},
      {"remote_write: [http://a/]", "remote_write[0]: is a single value; allowed are receivers"},
      {"remote_write:\n  - name: x", "s.yaml:2: remote_write[0].url: is missing"},
      {"remote_write:\n  - url: ftp://a/",
       "remote_write[0].url: is not a receiver: the scheme is ftp"},
      {"remote_write:\n  - url: http://a/\n    labels: {agent: x}",
       "s.yaml:3: remote_write[0].labels"},
      {"remote_write:\n  - url: http://a/\n    labels: {\"9\": x}", "is not a label name"},
      {"remote_write:\n  - url: http://a/\n  - url: http://u:p@a/",
       "remote_write[1]: has the queue of another receiver"},
      {"remote_write:\n  - url: http://a/\n    headers: {Content-Type: x}",
       "is set by the server itself"},
      {"remote_write:\n  - url: http://a/\n    basic_auth: {password: x}",
       "remote_write[0].basic_auth.username: is missing"},
      {"remote_write:\n  - url: http://a/\n    queue_max_bytes: 1",
       "remote_write[0].queue_max_bytes: '1' is not allowed"},
      {"remote_write:\n  - url: http://a/\n    name: history", "the name of the history's queue"},
      {"remote_write: [{url: 'http://a/', native_histograms: true}]\nhistory: {enabled: false}",
       "s.yaml:1: remote_write: has native_histograms, which the history counts"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of(text);
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 1);
  }
}

CAF_TEST(wrong entries are named with file and line and key) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"{prober_type: 't c p', region: r, target: [a]}",
       "s.yaml:2: prober_targets[0].prober_type: 't c p' is not a type of probe; allowed are icmp, "
       "http, tcp, tls, dns and the names of agents' modules"},
      {"{region: r, target: [a]}", "prober_targets[0].prober_type: is missing"},
      {"{prober_type: icmp, target: [a]}", "prober_targets[0].region: is missing"},
      {"{prober_type: icmp, region: r}", "prober_targets[0].target: is missing"},
      {"{prober_type: icmp, region: '', target: [a]}",
       "prober_targets[0].region: '' is not a region"},
      {"{prober_type: icmp, region: r, target: []}", "prober_targets[0].target: names nothing"},
      {"{prober_type: icmp, region: r, target: }", "prober_targets[0].target: names nothing"},
      {"{prober_type: icmp, region: r, target: ''}",
       "prober_targets[0].target: '' is not a target for icmp"},
      {"{prober_type: icmp, region: r, target: [10.1.2.300]}",
       "prober_targets[0].target: '10.1.2.300' is not a target for icmp"},
      {"{prober_type: icmp, region: r, target: [10.0.0.0/33]}",
       "'10.0.0.0/33' is not a target for icmp: the prefix length is not a number from 0 to 32"},
      {"{prober_type: icmp, region: r, target: ['http://a/']}",
       "'http://a/' is not a target for icmp: it is a URL"},
      {"{prober_type: http, region: r, target: [10.0.0.0/24]}",
       "'10.0.0.0/24' is not a target for http: a CIDR block is for icmp only"},
      {"{prober_type: http, region: r, target: ['ftp://a/']}", "the scheme is ftp"},
      {"{prober_type: icmp, region: r, target: [[a]]}", "an item is a list"},
      {"{prober_type: icmp, region: r, target: [a], source_regions: ['']}",
       "prober_targets[0].source_regions: '' is not a region"},
      {"{prober_type: icmp, region: r, target: [a], sharding: 2}",
       "prober_targets[0].sharding: '2'"},
      {"{prober_type: icmp, region: r, targets: [a]}", "prober_targets[0].targets: is not a known "
                                                       "key; do you mean target?"},
  };
  for (const auto& [entry, expected] : cases) {
    const auto found = problems_of("prober_targets:\n  - " + std::string{entry} + "\n");
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
    CAF_CHECK(found.starts_with("s.yaml:2: prober_targets[0]."));
  }
}

CAF_TEST(a target in a list of lines has a line of its own) {
  const auto found = problems_of("prober_targets:\n  - prober_type: icmp\n    region: r\n"
                                 "    target:\n      - good.example\n      - bad..example\n");
  CAF_CHECK(has(found, "s.yaml:6: prober_targets[0].target: 'bad..example'"));
}

CAF_TEST(blocks count as their addresses) {
  const std::string text = "prober_targets:\n"
                           "  - {prober_type: icmp, region: a, target: [10.0.0.0/24, h.example]}\n"
                           "  - {prober_type: icmp, region: b, target: [10.1.0.0/24]}\n"
                           "  - {prober_type: http, region: c, target: [http://a/, http://b/]}\n"
                           "max_targets: ";
  CAF_CHECK_EQUAL(problems_of(text + "515\n"), "");
  const auto third = problems_of(text + "514\n");
  CAF_MESSAGE(third);
  CAF_CHECK(has(third, "s.yaml:4: prober_targets[2]: stands for 2 targets, which makes 515; "
                       "allowed are 514 in all (max_targets)"));
  // Only the first entry that is too many is named.
  const auto second = problems_of(text + "256\n");
  CAF_CHECK(has(second, "s.yaml:2: prober_targets[0]: stands for 257"));
  CAF_CHECK_EQUAL(std::count(second.begin(), second.end(), '\n'), 1);
  CAF_CHECK(has(problems_of("prober_targets: [{prober_type: icmp, region: a, target: ['::/0', "
                            "'::/0']}]\n"),
                "allowed are 2000000 in all"));
}

CAF_TEST(overrides set whole lists) {
  const auto read = parse_server("", "s.yaml",
                                 {"prober_targets=[{prober_type: icmp, region: r, target: a}]",
                                  "mesh=false", "rpc_listen_addr=127.0.0.1:0"});
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_REQUIRE_EQUAL(read.value.prober_targets.size(), 1u);
  CAF_CHECK_EQUAL(read.value.prober_targets[0].line, 0);
  CAF_CHECK_EQUAL(read.value.rpc_listen_addr, "127.0.0.1:0");
  CAF_CHECK(
      has(problems_of("", {"prober_targets=[{prober_type: x y, region: r, target: a}]"}),
          "--set prober_targets: prober_targets[0].prober_type: 'x y' is not a type of probe"));
  CAF_CHECK(has(problems_of("prober_targets: []", {"prober_targets.0.region=a"}),
                "--set prober_targets.0.region: the key leads into a value"));
}

CAF_TEST(entries can name modules of the agents) {
  const auto read = parse_server(
      "prober_targets:\n  - {prober_type: http_post.v2, region: r, "
      "target: ['https://a/', 10.0.0.0/30, 'h:8080/x', '2001:db8::1', 'fe80::1%eth0']}\n",
      "s.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.prober_targets.at(0).prober_type, "http_post.v2");
  CAF_CHECK(has(problems_of("prober_targets: [{prober_type: m, region: r, target: ['ftp://a/']}]"),
                "'ftp://a/' is not a target for m"));
  CAF_CHECK(has(problems_of("prober_targets: [{prober_type: http, region: r, target: "
                            "['http://u:secret@h:0/']}]"),
                "'http://...@h:0/' is not a target for http"));
  // A block of a module counts as its addresses.
  CAF_CHECK(has(problems_of("max_targets: 3\nprober_targets: [{prober_type: m, region: r, target: "
                            "[10.0.0.0/30]}]"),
                "stands for 4 targets"));
}

CAF_TEST(URLs may name an interface) {
  const auto read = parse_server("target_urls: ['http://[fe80::1%25eth0]:9090/sd']\n"
                                 "remote_write: [{url: 'http://[fe80::1%25eth0]:9090/w'}]\n"
                                 "rpc_listen_addr: '[fe80::1%eth0]:6001'\n",
                                 "f", {});
  CAF_CHECK_EQUAL(to_string(read.problems), "");
  CAF_REQUIRE_EQUAL(read.value.target_urls.size(), 1u);
  CAF_CHECK_EQUAL(read.value.target_urls[0].url, "http://[fe80::1%25eth0]:9090/sd");
}

CAF_TEST(limits and networks that cannot be are told with their place) {
  CAF_CHECK(has(problems_of("limits: {agent_series: 0}\n"), "s.yaml:1: limits.agent_series: "));
  CAF_CHECK(has(problems_of("limits: {series: 5}\n"), "is above series"));
  CAF_CHECK(has(problems_of("limits: {journal_bytes: 1MiB}\n"), "limits.journal_bytes: "));
  CAF_CHECK(has(problems_of("limits: {rows: 5}\n"), "limits.rows"));
  CAF_CHECK(has(problems_of("mesh_networks: [10.0.0.0/33]\n"), "'10.0.0.0/33' is not a network"));
  CAF_CHECK(has(problems_of("mesh_networks: [host.example]\n"), "allowed are CIDR blocks"));
  CAF_CHECK(has(problems_of("retired_agents: [eu]\n"), "'eu' is not an agent: it names no region"));
  CAF_CHECK(has(problems_of("retired_agents: [eu/host]\n"), "allowed are REGION/ADDRESS"));
}

} // namespace server_suite
