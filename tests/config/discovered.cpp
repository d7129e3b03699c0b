#define CAF_SUITE discovered

#include "xprober/config/discovered.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "xprober/config/load.hpp"
#include "xprober/domain/targets/discovery.hpp"

#include "caf/test/unit_test.hpp"

namespace discovered_suite {

using namespace xprober;
using namespace xprober::config;

namespace {

using strings = std::vector<std::string>;

std::string error_of(std::string_view text, list_format format = list_format::json_file) {
  const auto list = parse_discovered(text, "f", format);
  CAF_CHECK(list.groups.empty() || list.ok());
  CAF_MESSAGE(list.error);
  return list.error;
}

struct folder {
  folder() {
    auto name = (std::filesystem::temp_directory_path() / "xprober-lists-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path + "/" + name} << text;
    return path + "/" + name;
  }
  std::string path;
};

const std::vector<discovered_group> two_groups{
    {{"10.0.0.1", "http://a/"}, {{"region", "r"}, {"team", "a\"b"}}, 2}, {{}, {}, 6}};

} // namespace

CAF_TEST(JSON and YAML are read with their lines) {
  const auto json = parse_discovered(R"([
  {"targets": ["10.0.0.1",
               "http://a/"],
   "labels": {"region": "r", "team": "a\"b"}},

  {"labels": {}, "targets": []}
])",
                                     "f", list_format::json_file);
  CAF_CHECK_EQUAL(json.error, "");
  CAF_CHECK(json.groups == two_groups);
  const auto yaml = parse_discovered(R"(# comment
- targets:
    - 10.0.0.1
    - http://a/
  labels: {region: r, team: 'a"b'}
- targets: []
)",
                                     "f", list_format::yaml_file);
  CAF_CHECK_EQUAL(yaml.error, "");
  CAF_CHECK(yaml.groups == two_groups);
}

CAF_TEST(a list may be empty but a text without a list may not) {
  CAF_CHECK(parse_discovered("[]", "f", list_format::json_file).ok());
  CAF_CHECK(parse_discovered(" [ ]\n", "f", list_format::yaml_file).ok());
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    CAF_CHECK(error_of("", format).starts_with("f:1: this is empty; allowed is a list"));
    CAF_CHECK(error_of(" \n\n", format).starts_with("f:1: this is empty"));
  }
  CAF_CHECK(
      error_of("# nothing yet\n", list_format::yaml_file).starts_with("f:1: this is nothing"));
}

CAF_TEST(what is no list is named with its line) {
  const std::vector<std::pair<std::string_view, std::string_view>> json{
      {"{}", "f:1: this is an object; allowed is a list of groups"},
      {"3", "f:1: this is a number; allowed is a list"},
      {"[\n{\"targets\": [\"a\"", "f:2: this is not valid JSON: syntax error"},
      {"[]\n x", "f:2: this is not valid JSON"},
      {"[{\"targets\": [\"\xFF\"]}]", "f:1: this is not valid JSON"},
  };
  for (const auto& [text, wanted] : json) {
    CAF_CHECK(error_of(text).starts_with(wanted));
  }
  const std::vector<std::pair<std::string_view, std::string_view>> yaml{
      {"a: b", "f:1: this is a section of keys; allowed is a list of groups"},
      {"- targets: [a\n- b", "f:2: this is not valid YAML"},
  };
  for (const auto& [text, wanted] : yaml) {
    CAF_CHECK(error_of(text, list_format::yaml_file).starts_with(wanted));
  }
}

CAF_TEST(a group of a wrong form is left out and named) {
  // What stands before a good group, and what is said of it in JSON and in YAML.
  const std::vector<std::array<std::string_view, 2>> cases{
      {"3", "f:2: a group is "},
      {"null", "f:2: a group is "},
      {"[[{\"targets\": [\"x\"]}]]", "f:2: a group is a list"},
      {"{\"labels\": {}}", "f:2: a group has no targets; a group has the keys"},
      {"{}", "f:2: a group has no targets"},
      {"{\"targets\": \"x\"}", "f:2: targets is a "},
      {"{\"targets\": {\"x\": [\"x\"]}}", "f:2: targets is a"},
      {"{\"targets\": [\"x\"], \"labels\": [\"x\", {\"y\": 1}]}", "f:2: labels is a list; allowed"},
      {"{\"targets\": [\"x\"], \"labels\": \"x\"}", "f:2: labels is a "},
      {"{\"target\": [\"x\"], \"targets\": []}", "f:2: 'target' is not a key of a group"},
      {"{\"targets\": [\"x\"], \"targets\": [[]]}", "f:2: 'targets' is given twice"},
      {"{\"targets\": [\"x\"], \"labels\": {}, \"labels\": 1}", "f:2: 'labels' is given twice"},
  };
  for (const auto format : {list_format::json_file, list_format::yaml_file}) {
    for (const auto& [text, wanted] : cases) {
      const auto whole = "[\n" + std::string{text} + ",\n{\"targets\": [\"good\"]}]";
      const auto list = parse_discovered(whole, "f", format);
      CAF_CHECK_EQUAL(list.error, "");
      const auto found = entries_of(list.groups, {"", "default", {}, {}}, "f");
      CAF_REQUIRE_EQUAL(found.entries.size(), 1u);
      CAF_CHECK(found.entries[0].target == strings{"good"});
      auto bad = list.bad;
      bad.add(found.bad);
      CAF_REQUIRE_EQUAL(bad.count, 1u);
      CAF_CHECK(bad.named[0].starts_with(wanted));

      // Nobody means to take all targets away by a mistake.
      const auto alone = parse_discovered("[\n" + std::string{text} + "]", "f", format);
      const auto nothing = entries_of(alone.groups, {"", "default", {}, {}}, "f");
      const auto& error = alone.ok() ? nothing.error : alone.error;
      CAF_CHECK(error.starts_with(wanted));
    }
  }
}

CAF_TEST(what is no target is left out and a value without quotes is its text) {
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    const auto list = parse_discovered(R"([{"targets": ["a", null, "", 1, 2.50, true,
["x", ["y"]],
{"targets": ["z"]}, "b"]}])",
                                       "f", format);
    CAF_CHECK_EQUAL(list.error, "");
    CAF_REQUIRE_EQUAL(list.groups.size(), 1u);
    // The empty ones are judged where all targets are.
    CAF_CHECK((list.groups[0].targets == strings{"a", "", "", "1", "2.50", "true", "b"}));
    CAF_REQUIRE_EQUAL(list.bad.count, 2u);
    CAF_CHECK_EQUAL(list.bad.named[0], "f:2: a target is a list; allowed are texts");
    CAF_CHECK(list.bad.named[1].starts_with("f:3: a target is a"));
    const auto measure = measure_list(list.groups, {"", "default", {}, {}}, "f", {100, 0});
    CAF_CHECK_EQUAL(measure.error, "");
    CAF_CHECK_GREATER_OR_EQUAL(measure.bad.count, 2u);
    CAF_CHECK(measure.bad.named[0].starts_with("f:1: target '' is not a target for icmp: "));

    CAF_CHECK(
        error_of(R"([{"targets": [[]]}])", format).starts_with("f:1: a target is a list; allowed"));
    const auto empty = parse_discovered(R"([{"targets": [null]}])", "f", format);
    CAF_CHECK_EQUAL(empty.error, "");
    CAF_CHECK(measure_list(empty.groups, {"", "default", {}, {}}, "f", {100, 0})
                  .error.starts_with("f:1: target '' is not a target"));
  }
}

CAF_TEST(unknown keys of an answer are passed over) {
  const auto list = parse_discovered(
      R"([{"x": {"a": [1, {"targets": 3}]}, "targets": ["a"], "y": null, "z": [[]], "labels": {"b": "c"}}])",
      "u", list_format::json_url);
  CAF_CHECK_EQUAL(list.error, "");
  CAF_REQUIRE_EQUAL(list.groups.size(), 1u);
  CAF_CHECK(list.groups[0].targets == strings{"a"});
  CAF_CHECK(list.groups[0].labels == (label_map{{"b", "c"}}));
  const auto without = parse_discovered("[{\"target\": [\"a\"]}]", "u", list_format::json_url);
  CAF_CHECK(without.error.starts_with("u:1: a group has no targets"));
}

CAF_TEST(labels and targets that are null are none) {
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    const auto list = parse_discovered(
        R"([{"targets": ["a"], "labels": null}, {"labels": {"b": null, "c": "d"}, "targets": null}])",
        "f", format);
    CAF_CHECK_EQUAL(list.error, "");
    CAF_CHECK_EQUAL(list.bad.count, 0u);
    CAF_REQUIRE_EQUAL(list.groups.size(), 2u);
    CAF_CHECK(list.groups[0] == (discovered_group{{"a"}, {}, 1}));
    CAF_CHECK(list.groups[1] == (discovered_group{{}, {{"c", "d"}}, 1}));
  }
}

CAF_TEST(labels are the same whatever they are written in) {
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    const auto list = parse_discovered(
        R"([{"targets": ["a"], "labels": {"n": 12, "m": -1.50, "b": true, "e": "", "t": "x\ty\nz",
             "__meta_a/b": "x", "__address__": [1, {"a": 2}], "__meta_c": null, "region": "r"}}])",
        "f", format);
    CAF_CHECK_EQUAL(list.error, "");
    CAF_CHECK_EQUAL(list.bad.count, 0u);
    CAF_REQUIRE_EQUAL(list.groups.size(), 1u);
    CAF_CHECK(
        list.groups[0].labels ==
        (label_map{{"b", "true"}, {"m", "-1.50"}, {"n", "12"}, {"region", "r"}, {"t", "x\ty\nz"}}));
  }
}

CAF_TEST(a label that cannot be kept is left out and named) {
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    const auto text = R"([{"targets": ["a"], "labels": {"a-b": "x",
"l": ["x", {"labels": {}}],
"m": {"targets": ["z"]}, "ok": "1", "ok": "2",
"long": ")" + std::string(1025, 'x') +
                      R"("}},
{"targets": ["b"]}])";
    const auto list = parse_discovered(text, "f", format);
    CAF_CHECK_EQUAL(list.error, "");
    CAF_REQUIRE_EQUAL(list.groups.size(), 2u);
    CAF_CHECK(list.groups[0].labels == (label_map{{"ok", "1"}}));
    CAF_CHECK_EQUAL(list.bad.count, 5u);
    CAF_REQUIRE_EQUAL(list.bad.named.size(), 5u);
    CAF_CHECK(list.bad.named[0].starts_with("f:1: \"a-b\" is not a label's name; allowed are"));
    CAF_CHECK_EQUAL(list.bad.named[1], "f:2: label l is a list; allowed are texts");
    CAF_CHECK_EQUAL(list.bad.named[2], "f:3: label m is a section of keys; allowed are texts");
    CAF_CHECK(list.bad.named[3].starts_with("f:3: label ok is given twice in a group"));
    CAF_CHECK(list.bad.named[4].starts_with("f:4: label long has a value that is not UTF-8 text"));
  }
}

CAF_TEST(a group keeps a bounded number of labels) {
  std::string labels;
  for (std::size_t i = 0; i <= max_group_labels; ++i) {
    labels +=
        "\"__meta_" + std::to_string(i) + "\": \"x\", \"l" + std::to_string(i) + "\": \"x\", ";
  }
  const auto list = parse_discovered("[{\"labels\": {" + labels + "\"__z\": 1}, \"targets\": []}]",
                                     "f", list_format::json_file);
  CAF_CHECK_EQUAL(list.error, "");
  CAF_REQUIRE_EQUAL(list.groups.size(), 1u);
  CAF_CHECK_EQUAL(list.groups[0].labels.size(), max_group_labels);
  CAF_REQUIRE_EQUAL(list.bad.count, 1u);
  CAF_CHECK_EQUAL(list.bad.named[0], "f:1: a group has more than 64 labels; label l64 is left out");
}

CAF_TEST(a wrong label with a meaning costs its group) {
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    const auto text = R"([{"targets": ["a"], "labels": {"region": "eu",
"source_regions": ["us", "ap"], "team": "x"}},
{"targets": ["b"], "labels": {"region": ["eu"], "prober_type": {"a": "b"}}},
{"targets": ["c"], "labels": {"region": "eu", "__param_module": ["http_2xx"]}},
{"targets": ["d"], "labels": {"region": "eu", "source_regions": ")" +
                      std::string(max_source_regions_bytes + 1, 'x') + R"("}},
{"targets": ["e"], "labels": {"region": "eu", "prober_type": "tcp",
"prober_type": "tls"}},
{"targets": ["f"], "labels": {"region": "eu", "__meta_x": [], "prober_type": null}}])";
    const auto list = parse_discovered(text, "f", format);
    CAF_CHECK_EQUAL(list.error, "");
    CAF_REQUIRE_EQUAL(list.groups.size(), 1u);
    const auto found = entries_of(list.groups, {"", "default", {}, {}}, "f");
    CAF_CHECK_EQUAL(found.error, "");
    CAF_REQUIRE_EQUAL(found.entries.size(), 1u);
    CAF_CHECK(found.entries[0].target == strings{"f"});
    CAF_CHECK_EQUAL(found.bad.count, 0u);
    CAF_CHECK_EQUAL(list.bad.count, 5u);
    CAF_REQUIRE_EQUAL(list.bad.named.size(), 5u);
    CAF_CHECK_EQUAL(list.bad.named[0], "f:2: label source_regions is a list; allowed are texts, as "
                                       "in \"us,ap\"; the group is left out");
    CAF_CHECK(list.bad.named[1].starts_with("f:3: label region is a list; allowed are texts; "));
    CAF_CHECK(list.bad.named[2].starts_with("f:4: label __param_module is a list"));
    CAF_CHECK(list.bad.named[3].starts_with(
        "f:5: label source_regions has a value that is not UTF-8 text of at most 65536 bytes"));
    CAF_CHECK(list.bad.named[4].starts_with("f:7: label prober_type is given twice in a group"));
  }
}

CAF_TEST(labels with a meaning count not against the others and may be long) {
  std::string labels;
  for (std::size_t i = 0; i < max_group_labels; ++i) {
    labels += "\"l" + std::to_string(i) + "\": \"x\", ";
  }
  std::string sources = "s0";
  for (int i = 1; sources.size() < 2000; ++i) {
    sources += ",s" + std::to_string(i);
  }
  const auto list =
      parse_discovered("[{\"labels\": {" + labels + "\"region\": \"r\", " +
                           "\"source_regions\": \"" + sources + "\"}, \"targets\": [\"a\"]}]",
                       "f", list_format::json_file);
  CAF_CHECK_EQUAL(list.error, "");
  CAF_CHECK_EQUAL(list.bad.count, 0u);
  const auto found = entries_of(list.groups, {}, "f");
  CAF_CHECK_EQUAL(found.error, "");
  CAF_REQUIRE_EQUAL(found.entries.size(), 1u);
  CAF_CHECK_EQUAL(found.entries[0].region, "r");
  CAF_CHECK_EQUAL(found.entries[0].labels.size(), max_group_labels);
  CAF_CHECK_GREATER(found.entries[0].source_regions.size(), 300u);
}

CAF_TEST(a list ends where it has too many targets or groups) {
  for (const auto format :
       {list_format::json_file, list_format::yaml_file, list_format::json_url}) {
    const auto parse = [&](std::string_view text) {
      return parse_discovered(text, "f", format, 3);
    };
    const auto three = parse(R"([{"targets": ["a", "b"]}, {"targets": ["c"]}, {"targets": []}])");
    CAF_CHECK_EQUAL(three.error, "");
    CAF_CHECK_EQUAL(three.groups.size(), 3u);
    const auto wanted = "f:2: there are more than 3 targets or groups; max_targets allows 3: "
                        "shorten the list or raise max_targets";
    // What is behind them is not looked at: where it is JSON, it does not have to be any.
    const std::string rest = format == list_format::yaml_file ? "]" : ", what is this";
    for (const auto* text : {R"([{"targets": ["a", "b"]},
{"targets": ["c", "", "e", "f"]})",
                             R"([{"targets": []}, {"targets": []},
{"targets": []}, {"targets": []})",
                             R"([{"targets": ["a", "b"], "labels": {"region": []}},
{"targets": ["c", "d"]})"}) {
      const auto list = parse(text + rest);
      CAF_CHECK_EQUAL(list.error, wanted);
      CAF_CHECK(list.groups.empty());
    }
  }
}

CAF_TEST(groups that cannot be used are counted and not kept) {
  std::string text = "[{\"targets\": [\"good\"]}";
  for (int i = 0; i < 10'000; ++i) {
    text += ",{}";
  }
  const auto list = parse_discovered(text + "]", "f", list_format::json_url, 100);
  CAF_CHECK_EQUAL(list.error, "");
  CAF_CHECK_EQUAL(list.groups.size(), 1u);
  CAF_CHECK_EQUAL(list.bad.count, 10'000u);
  CAF_CHECK_EQUAL(list.bad.named.size(), left_out::max_named);
}

CAF_TEST(patterns are those of Prometheus) {
  for (const auto* good : {"a.json", "/x/y/tg_*.yml", "*.yaml", "x/a*b.JSON"}) {
    CAF_CHECK_EQUAL(check_list_pattern(good), "");
  }
  for (const auto* bad : {"", "a", "a.txt", "/x/*/a.json", "*a*.json", ".json", "a.json/"}) {
    CAF_CHECK(check_list_pattern(bad).find("allowed are paths that end in") != std::string::npos);
  }
}

CAF_TEST(files are found by their pattern) {
  const folder f;
  const auto b = f.write("b.json", "[]");
  const auto a = f.write("a.json", "[]");
  f.write("a.yml", "[]");
  std::filesystem::create_directory(f.path + "/c.json");
  CAF_CHECK(find_list_files(f.path + "/*.json") == (strings{a, b}));
  CAF_CHECK(find_list_files(f.path + "/none*.json").empty());
  CAF_CHECK(find_list_files(f.path + "/none.json") == strings{f.path + "/none.json"});
}

CAF_TEST(a check of a configuration looks into the files that are there) {
  const folder f;
  f.write("good.json", R"([{"targets": ["10.0.0.1"], "labels": {"region": "r"}}])");
  const auto server =
      f.write("server.yaml", "prober_targets: []\ntarget_files: ['*.json', gone.yml]\n");
  CAF_CHECK(check_file(server).ok());
  const auto bad =
      f.write("bad.json", "[\n{\"targets\": [\"10.0.0.300\"], \"labels\": {\"region\": \"r\"}}]");
  const auto checked = check_file(server);
  CAF_REQUIRE_EQUAL(checked.problems.size(), 1u);
  const auto text = to_string(checked.problems);
  CAF_MESSAGE(text);
  CAF_CHECK(text.starts_with(bad + ":2: target '10.0.0.300' is not a target for icmp: "));
  CAF_CHECK(checked.warnings.empty());
}

CAF_TEST(what a server leaves out of a list is a warning) {
  const folder f;
  const auto server = f.write("server.yaml", "prober_targets: []\ntarget_files: ['*.yml']\n");
  const auto path = f.write("a.yml", "- targets: [10.0.0.1, 10.0.0.300]\n"
                                     "  labels: {region: r, a-b: c}\n"
                                     "- targets: [10.0.0.2]\n"
                                     "- targets: [10.0.0.3]\n"
                                     "  labels: {region: [r]}\n");
  const auto checked = check_file(server);
  CAF_CHECK_EQUAL(to_string(checked.problems), "");
  const auto told = warning_texts(checked.warnings);
  CAF_REQUIRE_EQUAL(told.size(), 4u);
  CAF_CHECK(told[0].starts_with(path + ":2: warning: \"a-b\" is not a label's name"));
  CAF_CHECK(told[1].starts_with(path + ":5: warning: label region is a list"));
  CAF_CHECK(told[2].starts_with(path + ":3: warning: the group has no region"));
  CAF_CHECK(told[3].starts_with(path + ":1: warning: target '10.0.0.300' is not a target"));
}

CAF_TEST(of much that is left out the first are warnings and the rest is counted) {
  const folder f;
  const auto server = f.write("server.yaml", "prober_targets: []\ntarget_files: ['*.yml']\n");
  std::string list = "- {targets: [10.0.0.1], labels: {region: r}}\n";
  for (int i = 0; i < 30; ++i) {
    list += "- targets: [10.0.0.2]\n";
  }
  const auto path = f.write("a.yml", list);
  const auto checked = check_file(server);
  CAF_CHECK_EQUAL(to_string(checked.problems), "");
  const auto told = warning_texts(checked.warnings);
  CAF_REQUIRE_EQUAL(told.size(), left_out::max_named + 1);
  CAF_CHECK_EQUAL(told.back(), path + ": warning: 30 targets, groups and labels are left out; "
                                      "these are the first 10");
}

CAF_TEST(a list without room is a problem and what is wrong in it a warning) {
  const folder f;
  const auto server = f.write("server.yaml", "prober_targets: []\nmax_targets: 2\n"
                                             "target_files: ['*.yml']\n");
  f.write("a.yml", "- {targets: [10.0.0.0/30], labels: {region: r}}\n"
                   "- targets: [10.0.0.3]\n");
  const auto checked = check_file(server);
  CAF_REQUIRE_EQUAL(checked.problems.size(), 1u);
  CAF_CHECK(to_string(checked.problems).find("max_targets") != std::string::npos);
  CAF_CHECK_EQUAL(checked.warnings.size(), 1u);
}

} // namespace discovered_suite
