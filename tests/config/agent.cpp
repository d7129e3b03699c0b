#define CAF_SUITE agent
#include "xprober/config/load.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_suite {

using namespace xprober;
using namespace xprober::config;
using namespace std::chrono_literals;

namespace {

std::string problems_of(std::string_view text, const std::vector<std::string>& overrides = {}) {
  return to_string(parse_agent(text, "a.yaml", overrides).problems);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(an empty file has all defaults) {
  for (const auto* text : {"", "# nothing\n", "---\n", "icmp:\nhttp:\nrpc:\n"}) {
    const auto read = parse_agent(text, "a.yaml");
    CAF_CHECK(read.ok());
    CAF_CHECK(read.value == agent_config{});
  }
}

CAF_TEST(every key is read) {
  const auto read = parse_agent(R"(
region: cn-south
rpc_server_addr: [10.0.0.1:6001, "https://server.example/x"]
http_addr: ":8087"
log_level: debug
local_ip: 10.0.0.7
metadata_url: http://127.0.0.1:8080
state_dir: /tmp/x
sync_interval: 1s
probe_interval: 30s
push_interval: 500ms
shutdown_timeout: 1m30s
threads: 2
max_pending_results: 1000
spool_max_bytes: 2MiB
max_probe_requests: 7
max_removal_percent: 20
metrics_per_target: true
allowed_targets: [10.0.0.0/8, "*.example.com", "2001:db8::1"]
denied_targets: [private, metadata, localhost.]
probe_endpoint: {enabled: true, allowed_targets: .example.com}
secret_hosts: [api.example.com]
icmp: {count: 1, size: 24, timeout: 2s, interval: 1ms, deadline: 5s, mode: fixed, socket: dgram,
       dscp: 46, ttl: 3, source: "::1", preferred_ip_protocol: ip6, ip_protocol_fallback: false}
resolver: {servers: [192.0.2.1, "[2001:db8::1]:5353"], timeout: 2s, attempts: 3, cache_max_ttl: 0s,
           cache_max_negative_ttl: 5s, max_cached_names: 10, max_in_flight: 7}
http: {timeout: 3s, method: HEAD, follow_redirects: no, max_redirects: 0,
       valid_status_codes: [200, 404], max_body: 1KiB, max_in_flight: 5,
       preferred_ip_protocol: ip6, ca_file: /a, insecure_skip_verify: yes, headers: {X-A: b, C: 1}}
rpc: {token_file: /t, ca_file: /ca, cert_file: /c, key_file: /k}
web: {cert_file: /wc, key_file: /wk, token_file: /wt}
insecure: yes
)",
                                "a.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  agent_config expected;
  expected.region = "cn-south";
  expected.rpc_server_addr = {"10.0.0.1:6001", "https://server.example/x"};
  expected.http_addr = ":8087";
  expected.log_level = "debug";
  expected.local_ip = "10.0.0.7";
  expected.metadata_url = "http://127.0.0.1:8080";
  expected.state_dir = "/tmp/x";
  expected.sync_interval = 1s;
  expected.probe_interval = 30s;
  expected.push_interval = 500ms;
  expected.shutdown_timeout = 90s;
  expected.threads = 2;
  expected.max_pending_results = 1000;
  expected.resolver = {{"192.0.2.1", "[2001:db8::1]:5353"}, 2s, 3, 0s, 5s, 10, 7};
  expected.spool_max_bytes = 2U << 20U;
  expected.max_probe_requests = 7;
  expected.max_removal_percent = 20;
  expected.metrics_per_target = true;
  expected.allowed_targets = {"10.0.0.0/8", "*.example.com", "2001:db8::1"};
  expected.denied_targets = {"private", "metadata", "localhost."};
  expected.probe_endpoint = {true, {".example.com"}};
  expected.secret_hosts = {"api.example.com"};
  expected.icmp = {
      1,    24, 2s, 1ms, 5s, icmp_mode::fixed, icmp_socket::dgram, 46, 3, "::1", ip_family::ip6,
      false};
  auto& http = expected.http;
  http.timeout = 3s;
  http.method = "HEAD";
  http.follow_redirects = false;
  http.max_redirects = 0;
  http.valid_status_codes = {200, 404};
  http.max_body = 1024;
  http.max_in_flight = 5;
  http.preferred_ip_protocol = ip_family::ip6;
  http.ca_file = "/a";
  http.insecure_skip_verify = true;
  http.headers = {{"C", "1"}, {"X-A", "b"}};
  expected.rpc = {"/t", "/ca", "/c", "/k", ""};
  expected.web.cert_file = "/wc";
  expected.web.key_file = "/wk";
  expected.web.token_file = "/wt";
  expected.insecure = true;
  CAF_CHECK(read.value == expected);
}

CAF_TEST(the file of the Go agent loads) {
  const auto read = parse_agent("region: \"\"\nrpc_server_addr: 127.0.0.1:6001\n"
                                "http_addr: 127.0.0.1:8087\nlog_level: info\n",
                                "a.yaml");
  CAF_CHECK(read.ok());
  CAF_CHECK(read.value == agent_config{});
}

CAF_TEST(keys without a value are empty where that makes sense) {
  const auto read = parse_agent("state_dir:\nlocal_ip:\nmetadata_url:\nhttp:\n  headers:\n"
                                "  valid_status_codes:\n",
                                "a.yaml");
  CAF_CHECK(read.ok());
  CAF_CHECK_EQUAL(read.value.state_dir, "");
  CAF_CHECK_EQUAL(read.value.metadata_url, "");
  CAF_CHECK(has(problems_of("threads:\n"), "a.yaml:1: threads: has no value; allowed is a whole"));
  CAF_CHECK(has(problems_of("http_addr:\n"), "a.yaml:1: http_addr: ''"));
}

CAF_TEST(wrong values are named with file and line and key) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"\n\nsync_interval: 0s", "a.yaml:3: sync_interval: '0s' is out of range"},
      {"sync_interval: 0", "sync_interval: '0' is out of range; allowed is a duration such as "
                           "500ms, 5s or 1h30m from 10ms to 24h"},
      {"probe_interval: -5s", "probe_interval: '-5s' is out of range"},
      {"push_interval: 5", "push_interval: '5' has no unit; allowed is a duration such as 500ms"},
      {"push_interval: fast", "push_interval: 'fast' is not a duration"},
      {"push_interval: 10.5ms", "push_interval: '10.5ms' is finer than a millisecond"},
      {"push_interval: 25h", "push_interval: '25h' is out of range"},
      {"denied_targets:\n  - link_local\n  - linklocal",
       "a.yaml:3: denied_targets: 'linklocal' is not allowed; allowed are addresses, CIDR blocks, "
       "the words unspecified, loopback, link_local, private, broadcast, multicast, metadata, and "
       "names as in host.example"},
      {"allowed_targets: [10.0.0.0/33]", "a.yaml:1: allowed_targets: '10.0.0.0/33' is not allowed: "
                                         "the prefix length"},
      {"probe_endpoint: {enabled: maybe}",
       "probe_endpoint.enabled: 'maybe' is not allowed; allowed "
       "are auto, true and false"},
      {"probe_endpoint: {allowed_targets: ['*']}", "probe_endpoint.allowed_targets: '*'"},
      {"secret_hosts: [a/b]", "secret_hosts: 'a/b'"},
      {"icmp:\n  count: 0", "a.yaml:2: icmp.count: '0' is not allowed; allowed is a whole number "
                            "from 1 to 65535"},
      {"icmp: {count: 65536}", "icmp.count: '65536'"},
      {"icmp: {count: many}", "icmp.count: 'many'"},
      {"icmp: {count: 1.5}", "icmp.count: '1.5'"},
      {"icmp: {count: [1]}", "icmp.count: is a list; allowed is a whole number"},
      {"icmp: {size: 23}", "icmp.size: '23' is not allowed; allowed is a whole number from 24 to"},
      {"icmp: {size: 65508}", "icmp.size: '65508'"},
      {"icmp: {timeout: 0ms}", "icmp.timeout: '0ms' is out of range"},
      {"icmp: {interval: 0}", "icmp.interval: '0' is out of range; allowed is a duration such as "
                              "500ms, 5s or 1h30m from 1ms to 10m"},
      {"icmp: {mode: burst}",
       "icmp.mode: 'burst' is not allowed; allowed is one of adaptive, fixed"},
      {"icmp: {socket: tcp}", "allowed is one of auto, raw, dgram"},
      {"icmp: {dscp: 64}", "icmp.dscp: '64'"},
      {"icmp: {dscp: -1}", "icmp.dscp: '-1'"},
      {"icmp: {ttl: 0}", "icmp.ttl: '0'"},
      {"icmp: {source: eth0}", "icmp.source: 'eth0' is not an address"},
      {"icmp: {preferred_ip_protocol: ip5}", "allowed is one of ip4, ip6"},
      {"icmp: 5", "icmp: is a single value; allowed is a section of keys"},
      {"icmp: [1]", "icmp: is a list; allowed is a section of keys"},
      {"http: {method: TRACE}", "http.method: 'TRACE' is not allowed; allowed is one of GET, HEAD"},
      {"http: {follow_redirects: maybe}", "http.follow_redirects: 'maybe' is not allowed; allowed "
                                          "is true or false"},
      {"http: {max_redirects: 101}", "http.max_redirects"},
      {"http: {valid_status_codes: [200, 99]}", "http.valid_status_codes: '99' is not allowed; "
                                                "allowed are whole numbers from 100 to 999"},
      {"http: {valid_status_codes: [[200]]}", "an item is a list; allowed are single values"},
      {"http: {valid_status_codes: {a: b}}", "is a section of keys; allowed is a list"},
      {"http: {max_body: 10M}", "http.max_body: '10M' is not allowed; allowed is a number of bytes "
                                "such as 65536, 10MB or 10MiB from 1 to 1GiB"},
      {"http: {max_in_flight: 0}", "http.max_in_flight"},
      {"http: {headers: [a]}", "http.headers: is a list; allowed are names with their values"},
      {"http: {headers: {'a b': c}}", "http.headers: 'a b' is not the name of a header"},
      {"http: {headers: {a: [b]}}", "http.headers: 'a' is a list; allowed is a text"},
      {"http: {headers: {a: \"b\\r\\nc\"}}",
       "http.headers: 'b\\r\\nc' is not the value of a header"},
      {"rpc_server_addr: h",
       "rpc_server_addr: 'h' is not the address of a server: the port is missing; "
       "allowed are host:port and URLs"},
      {"rpc_server_addr:", "rpc_server_addr: names no server"},
      {"rpc_server_addr: []", "rpc_server_addr: names no server"},
      {"rpc_server_addr:\n  - a:1\n  - tcp://b:1", "a.yaml:3: rpc_server_addr: 'tcp://b:1'"},
      {"rpc_server_addr: {a: b}", "rpc_server_addr: is a section of keys; allowed is a list"},
      {"http_addr: localhost", "http_addr: 'localhost' cannot be listened on: the port is missing"},
      {"http_addr: [a]", "http_addr: is a list; allowed is a text"},
      {"log_level: loud", "log_level: 'loud' is not a level; allowed is one of trace, debug, info"},
      {"local_ip: 10.0.0", "local_ip: '10.0.0' is not an address"},
      {"metadata_url: http://meta.example", "metadata_url: 'http://meta.example'"},
      {"region: \"a\\nb\"", "region: 'a\\nb' is not a region"},
      {"threads: 0", "threads: '0'"},
      {"threads: 257", "threads: '257'"},
      {"max_pending_results: 0", "max_pending_results: '0'"},
      {"spool_max_bytes: 1000", "spool_max_bytes: '1000'"},
      {"max_probe_requests: 100001", "max_probe_requests: '100001'"},
      {"max_removal_percent: 101", "max_removal_percent: '101'"},
      {"metrics_per_target: 2", "metrics_per_target: '2'"},
      {"rpc: {cert_file: /c}", "rpc.cert_file: stands alone"},
      {"rpc: {key_file: /k}", "rpc.key_file: stands alone"},
      {"- a\n- b", "a.yaml:1: the file is a list; allowed are keys with their values"},
      {"just text", "a.yaml:1: the file is a single value"},
      {"threads: 1\nthreads: 2", "a.yaml:2: threads: is given twice, first on line 1"},
      {"icmp:\n  ttl: 1\n  ttl: 2", "a.yaml:3: icmp.ttl: is given twice, first on line 2"},
      {"[a, b]: c", "a.yaml:1: a key is a list; allowed is a name"},
      {"a: 1\n\tb: 2", "a.yaml:2: this is not valid YAML"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of(text);
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
    CAF_CHECK(found.starts_with("a.yaml:"));
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 1);
  }
}

CAF_TEST(all problems are named at once in the order of lines) {
  const auto found = problems_of("threads: 0\nicmp:\n  count: 0\nregoin: x\nlog_level: loud\n",
                                 {"push_interval=0"});
  CAF_MESSAGE(found);
  const auto at = [&](std::string_view part) { return found.find(part); };
  CAF_CHECK(at("a.yaml:1: threads") < at("a.yaml:3: icmp.count"));
  CAF_CHECK(at("a.yaml:3: icmp.count") < at("a.yaml:4: regoin"));
  CAF_CHECK(at("a.yaml:4: regoin") < at("a.yaml:5: log_level"));
  CAF_CHECK(at("a.yaml:5: log_level") < at("--set push_interval: '0'"));
  CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 5);
}

CAF_TEST(unknown keys name what is meant) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"regoin: x", "regoin: is not a known key; do you mean region?"},
      {"icmp: {conut: 1}", "icmp.conut: is not a known key; do you mean count?"},
      {"count: 1", "count: is not a known key; do you mean icmp.count?"},
      {"mesh: true", "mesh: is not a known key here; it belongs in the server's file"},
      {"qqqqqqqqqq: 1", "qqqqqqqqqq: is not a known key; remove it"},
      {"rpc: {client_ca_file: x}", "rpc.client_ca_file: is not a known key here; it belongs in"},
      {"\"a\\nb\": 1", "'a\\nb': is not a known key"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of(text);
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
  }
}

CAF_TEST(overrides win over the file) {
  const auto read = parse_agent("icmp: {count: 5, ttl: 9}\nstate_dir: /x\n", "a.yaml",
                                {"icmp.count=1", "state_dir=", "http_addr=[::1]:8087",
                                 "rpc_server_addr=[a:1, b:2]", "http.headers={A: b}",
                                 "icmp.count=2", "region=eu"});
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.icmp.count, 2u);
  CAF_CHECK_EQUAL(read.value.icmp.ttl, 9);
  CAF_CHECK_EQUAL(read.value.state_dir, "");
  CAF_CHECK_EQUAL(read.value.http_addr, "[::1]:8087");
  CAF_CHECK_EQUAL(read.value.rpc_server_addr.size(), 2u);
  CAF_CHECK_EQUAL(read.value.http.headers.at("A"), "b");
  CAF_CHECK_EQUAL(read.value.region, "eu");
}

CAF_TEST(wrong overrides are named as they were given) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"icmp.count=0", "--set icmp.count: '0' is not allowed; allowed is a whole number"},
      {"icmp.count=", "--set icmp.count: has no value"},
      {"icmp={count: 0}", "--set icmp: icmp.count: '0' is not allowed"},
      {"icmp.conut=1", "--set icmp.conut: is not a known key; do you mean count?"},
      {"icmp.count", "--set 'icmp.count': is not KEY=VALUE"},
      {"=1", "--set '=1': is not KEY=VALUE"},
      {"icmp..count=1", "is not KEY=VALUE"},
      {"region.x=1", "--set region.x: the key leads into a value that is not a section"},
      {"log_level=[a", "--set log_level: '[a' is not a level"},
      {"http.valid_status_codes=[1]", "--set http.valid_status_codes: '1' is not allowed"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of("region: a\n", {text});
    CAF_MESSAGE(found);
    CAF_CHECK(found.starts_with(expected) || has(found, expected));
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 1);
  }
}

CAF_TEST(the number of problems that are printed is bounded) {
  std::string text = "http:\n  valid_status_codes:\n";
  for (int i = 0; i < 1000; ++i) {
    text += "    - 1\n";
  }
  const auto found = parse_agent(text, "a.yaml").problems;
  CAF_CHECK_EQUAL(found.size(), 101u);
  CAF_CHECK(has(to_string(found.back()), "has 900 more problems"));
}

CAF_TEST(an empty list denies nothing and a switch can be automatic) {
  const auto read = parse_agent("denied_targets: []\nprobe_endpoint: {enabled: auto}\n", "a.yaml");
  CAF_REQUIRE(read.ok());
  CAF_CHECK(read.value.denied_targets.empty());
  CAF_CHECK(!read.value.probe_endpoint.enabled);
  const auto off = parse_agent("probe_endpoint: {enabled: no}\n", "a.yaml");
  CAF_CHECK((off.value.probe_endpoint.enabled == std::optional{false}));
}

CAF_TEST(modules have hosts of their own for their secrets) {
  const auto read = parse_agent(R"(
secret_hosts: [a.example]
modules:
  own: {prober: http, secret_hosts: [10.0.0.1], http: {basic_auth: {username: u, password: p}}}
  same: {prober: http, http: {cert_file: /c, key_file: /k}}
  header: {prober: http, http: {headers: {X-Api-Key: k}}}
  plain: {prober: http, http: {headers: {X-A: b}}}
  mail: {prober: tcp, tcp: {tls: true, tls_config: {cert_file: /c, key_file: /k}}}
)",
                                "a.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  const auto& modules = read.value.modules;
  CAF_CHECK((modules.at("own").secret_hosts == std::vector<std::string>{"10.0.0.1"}));
  CAF_CHECK((modules.at("same").secret_hosts == std::vector<std::string>{"a.example"}));
  for (const auto* name : {"own", "same", "header"}) {
    CAF_CHECK(has_secrets(kinds::http(), modules.at(name)));
    CAF_CHECK(!has_secrets(kinds::icmp(), modules.at(name)));
  }
  CAF_CHECK(!has_secrets(kinds::http(), modules.at("plain")));
  CAF_CHECK(has_secrets(kinds::tcp(), modules.at("mail")));
}

CAF_TEST(modules inherit what they do not say) {
  const auto read = parse_agent(R"(
http: {timeout: 3s, method: HEAD, headers: {X-A: b}}
modules:
  post.v1: {prober: http, timeout: 7s, http: {method: POST, max_redirects: 1}}
  fast: {prober: icmp, timeout: 2s, icmp: {count: 1}}
  same: {prober: icmp}
icmp: {count: 9, ttl: 5}
)",
                                "a.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_REQUIRE_EQUAL(read.value.modules.size(), 3u);
  const auto& post = read.value.modules.at("post.v1");
  CAF_CHECK(post.prober == &kinds::http());
  CAF_CHECK(post.http.timeout == 7s);
  CAF_CHECK_EQUAL(post.http.method, "POST");
  CAF_CHECK_EQUAL(post.http.max_redirects, 1u);
  CAF_CHECK_EQUAL(post.http.headers.at("X-A"), "b");
  const auto& fast = read.value.modules.at("fast");
  CAF_CHECK(fast.prober == &kinds::icmp());
  CAF_CHECK(fast.icmp.deadline == 2s);
  CAF_CHECK_EQUAL(fast.icmp.count, 1u);
  CAF_CHECK_EQUAL(fast.icmp.ttl, 5);
  CAF_CHECK(read.value.modules.at("same").icmp == read.value.icmp);
  CAF_CHECK(read.value.http.timeout == 3s);
}

CAF_TEST(wrong modules are named with their line and key) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"m: {}", "a.yaml:2: modules.m.prober: is missing; allowed is one of icmp, http"},
      {"m: {prober: quic}", "a.yaml:2: modules.m.prober: 'quic' is not allowed"},
      {"m: 1", "a.yaml:2: modules.m: is a single value; allowed is a section of keys"},
      {"icmp: {prober: icmp}", "a.yaml:2: modules.icmp: is built in"},
      {"'a b': {prober: icmp}", "is not the name of a module"},
      {"m: {prober: http, http: {timeout: 0s}}", "modules.m.http.timeout: '0s' is out of range"},
      {"m: {prober: http, http: {tiemout: 1s}}",
       "modules.m.http.tiemout: is not a known key; do you mean timeout?"},
      {"m: {prober: http, htpt: {}}", "modules.m.htpt: is not a known key; do you mean http?"},
      {"m: {prober: http, icmp: {count: 1}}", "modules.m.icmp: is of no use to a module whose"},
      {"m: {prober: http, http: {max_in_flight: 1}}",
       "modules.m.http.max_in_flight: is for all probes together"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of("modules:\n  " + std::string{text} + "\n");
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 1);
  }
}

CAF_TEST(a key of a module can be overridden) {
  const auto read = parse_agent("modules: {m: {prober: http}}", "a.yaml",
                                {"modules.m.http.method=PUT", "modules.n={prober: icmp}"});
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  CAF_CHECK_EQUAL(read.value.modules.at("m").http.method, "PUT");
  CAF_CHECK(read.value.modules.at("n").prober == &kinds::icmp());
}

CAF_TEST(wrong servers and bounds of the DNS are named) {
  const auto found = to_string(parse_agent("resolver:\n  servers: [dns.example, '192.0.2.1:0']\n"
                                           "  attempts: 0\n  timeout: 10m\n  server: 192.0.2.1\n",
                                           "a.yaml")
                                   .problems);
  CAF_MESSAGE(found);
  for (const auto* line :
       {"a.yaml:2: resolver.servers: 'dns.example' is not a DNS server: 'dns.example' is not a "
        "numeric "
        "address; "
        "allowed are addresses, as in 192.0.2.1, 192.0.2.1:5353 and [2001:db8::1]:53",
        "a.yaml:2: resolver.servers: '192.0.2.1:0' is not a DNS server: the port is not a number",
        "a.yaml:3: resolver.attempts: '0' is not allowed; allowed is a whole number from 1 to 10",
        "a.yaml:4: resolver.timeout: '10m' is out of range; allowed is a duration",
        "a.yaml:5: resolver.server: is not a known key; do you mean servers?"}) {
    CAF_CHECK(found.find(line) != std::string::npos);
  }
}

CAF_TEST(what the section dns said of resolving is told where it has gone) {
  const auto found = to_string(
      parse_agent("dns:\n  servers: [192.0.2.1]\n  cache_max_ttl: 1m\n", "a.yaml").problems);
  CAF_MESSAGE(found);
  for (const auto* line :
       {"a.yaml:2: dns.servers: has moved to the section resolver; write it as resolver.servers",
        "a.yaml:3: dns.cache_max_ttl: has moved to the section resolver"}) {
    CAF_CHECK(found.find(line) != std::string::npos);
  }
}

} // namespace agent_suite
