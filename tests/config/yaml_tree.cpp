#define CAF_SUITE yaml_tree
#include "xprober/config/yaml_tree.hpp"

#include <fstream>
#include <random>

#include <unistd.h>

#include "caf/test/unit_test.hpp"

namespace yaml_tree_suite {

using namespace xprober::config;

namespace {

/// The tree in one line: lists in [], maps in {}, null as ~, and "@line" after each scalar.
std::string shown(const node& n) {
  switch (n.kind) {
  case node::type::null: return "~";
  case node::type::scalar: return n.text + "@" + std::to_string(n.line);
  default: break;
  }
  const bool list = n.kind == node::type::list;
  std::string text = list ? "[" : "{";
  for (std::size_t i = 0; i < n.children.size(); ++i) {
    const auto* separator = i == 0 ? "" : !list && i % 2 == 1 ? ": " : ", ";
    text += separator + shown(*n.children[i]);
  }
  return text + (list ? "]" : "}");
}

std::string parsed(std::string_view text) {
  std::vector<problem> problems;
  const auto root = parse_yaml(text, "f", problems);
  return root ? shown(*root) : to_string(problems);
}

struct temporary_file {
  std::string path = "/tmp/xprober-yaml-" + std::to_string(::getpid());
  ~temporary_file() { ::unlink(path.c_str()); }
};

} // namespace

CAF_TEST(values have their lines) {
  CAF_CHECK_EQUAL(parsed("a: 1\nb:\n  - x\n  - 'y'\n\nc: {d: e}\n"),
                  "{a@1: 1@1, b@2: [x@3, y@4], c@6: {d@6: e@6}}");
}

CAF_TEST(empty texts are null and quoted ones are not) {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n", "~", "null"}) {
    CAF_CHECK_EQUAL(parsed(text), "~");
  }
  CAF_CHECK_EQUAL(parsed("a:\nb: ''\nc: \"null\"\n"), "{a@1: ~, b@2: @2, c@3: null@3}");
}

CAF_TEST(aliases stand for what they name) {
  CAF_CHECK_EQUAL(parsed("a: &x [1]\nb: *x\n"), "{a@1: [1@1], b@2: [1@1]}");
  CAF_CHECK_EQUAL(parsed("a: &x [1, *x]\n"), "{a@1: [1@1, ~]}");
}

CAF_TEST(aliases cannot grow without bound) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      bomb += (j == 0 ? "" : ", ") + before;
    }
    bomb += "]\n";
  }
  const auto answer = parsed(bomb);
  CAF_MESSAGE(answer);
  CAF_CHECK(answer.starts_with("f:6: more than 8000000 values"));
}

CAF_TEST(broken texts are reported with their line) {
  const std::vector<std::pair<std::string, std::string>> broken{
      {"a: 1\n\tb: 2\n", "f:2: "},
      {"a: 1\nb: [1, 2\nc: 3\n", "f:"},
      {"a: 'x\n", "f:"},
      {"a: 1\nb: *nowhere\n", "f:2: "},
      {"a: \"x\nb: 2\n\n", "f:2: "},
      {"a: 1\nb: 'x\nc: 2\nd: 3\n", "f:4: "},
      {"a: b: c\n", "f:1: "},
      {"a: 1\n---\nb: 2\n", "f:3: "},
      {"a: \"\\q\"\n", "f:1: "},
      {std::string("a: 1\nb: \0\n", 10), "f:2: "},
      {"a: 1\nb: \x04\nc: 3\n", "f:2: "},
      {std::string(5000, '['), "f:1: "},
      {"[::1]:80", "f:1: "},
  };
  for (const auto& [text, begin] : broken) {
    const auto answer = parsed(text);
    CAF_MESSAGE(answer);
    CAF_CHECK(answer.starts_with(begin));
    CAF_CHECK(answer.find(": ") != std::string::npos);
  }
}

CAF_TEST(random changes of a file never break the parser) {
  const std::string original = "region: \"a\"\nicmp: {count: 50, mode: &m adaptive}\n"
                               "list:\n  - a: *m\n    b: [1, 'x', \"y\\n\"]\n  - |\n    text\n";
  constexpr std::string_view letters = "{}[]:,-#&*!|>'\"%@`\\ \n\t\ra0.~?<=";
  std::mt19937 random{7};
  std::size_t read = 0;
  for (int round = 0; round < 4000; ++round) {
    auto text = original;
    for (int change = 0; change < 3; ++change) {
      const auto at = random() % text.size();
      switch (random() % 3) {
      case 0: text[at] = letters[random() % letters.size()]; break;
      case 1: text.insert(at, 1, letters[random() % letters.size()]); break;
      default: text.erase(at, 1 + random() % 3);
      }
    }
    std::vector<problem> problems;
    const auto root = parse_yaml(text, "f", problems);
    read += root ? 1 : 0;
    if ((root != nullptr) != problems.empty()) {
      CAF_ERROR("neither a tree nor a problem: " << text);
    }
  }
  CAF_CHECK(read > 100 && read < 3900);
}

CAF_TEST(files that cannot be read are reported) {
  for (const auto when : {reading::first, reading::again}) {
    std::vector<problem> problems;
    CAF_CHECK(load_yaml("/nonexistent/a.yaml", problems, when) == nullptr);
    CAF_CHECK(load_yaml("/", problems, when) == nullptr);
    CAF_CHECK_EQUAL(to_string(problems),
                    "/nonexistent/a.yaml: cannot be read: No such file or directory; give a "
                    "readable YAML file\n"
                    "/: is a directory, not a regular file; give a readable YAML file\n");
  }
  std::vector<problem> problems;
  CAF_CHECK(load_yaml("/dev/zero", problems) == nullptr);
  CAF_REQUIRE_EQUAL(problems.size(), 1u);
  CAF_CHECK(to_string(problems).find("larger than 64 MiB") != std::string::npos);
}

CAF_TEST(a process that runs reads regular files alone and none that is empty) {
  const temporary_file file;
  const auto again = [&](const std::string& path) {
    std::vector<problem> problems;
    const auto root = load_yaml(path, problems, reading::again);
    return root ? shown(*root) : to_string(problems);
  };
  for (const auto* text : {"", "\n", "# a: 1\n", "---\n", "~\n"}) {
    std::ofstream{file.path} << text;
    CAF_CHECK_EQUAL(again(file.path),
                    file.path + ": is empty, or has nothing but comments; write {} if everything "
                                "is to be at its default\n");
    std::vector<problem> problems;
    CAF_CHECK(load_yaml(file.path, problems) != nullptr);
  }
  std::ofstream{file.path} << "{}\n";
  CAF_CHECK_EQUAL(again(file.path), "{}");
  CAF_CHECK_EQUAL(again("/dev/null"),
                  "/dev/null: is a device, not a regular file; give a readable YAML file\n");
  std::vector<problem> problems;
  CAF_CHECK(load_yaml("/dev/null", problems) != nullptr);
}

CAF_TEST(merge keys take what a map does not have itself) {
  CAF_CHECK_EQUAL(parsed("base: &b {x: 1, y: 2}\nit:\n  y: 3\n  <<: *b\n"),
                  "{base@1: {x@1: 1@1, y@1: 2@1}, it@2: {y@3: 3@3, x@1: 1@1}}");
  // Of several the first that has a key counts, and what was merged is merged on.
  CAF_CHECK_EQUAL(parsed("- &a {x: 1}\n- &b {<<: *a, x: 2, y: 2}\n- {<<: [*a, *b], z: 3}\n"),
                  "[{x@1: 1@1}, {x@2: 2@2, y@2: 2@2}, {z@3: 3@3, x@1: 1@1, y@2: 2@2}]");
  // Maps are taken as a whole, own keys without a value count, and a text in quotes is a text.
  CAF_CHECK_EQUAL(parsed("- &a {m: {x: 1, y: 1}, n: 1}\n- {<<: *a, m: {x: 2}, n: }\n"),
                  "[{m@1: {x@1: 1@1, y@1: 1@1}, n@1: 1@1}, {m@2: {x@2: 2@2}, n@2: ~}]");
  CAF_CHECK_EQUAL(parsed("'<<': {x: 1}\n"), "{<<@1: {x@1: 1@1}}");
  CAF_CHECK_EQUAL(parsed("!!merge <<: {x: 1}\n"), "{x@1: 1@1}");
  CAF_CHECK_EQUAL(parsed("<<: {}\na: <<\n"), "{a@2: <<@2}");
  const std::string wrong = ": a merge key (<<) has no section to merge; allowed are an alias of "
                            "one, as in <<: *base, and a list of them\n";
  CAF_CHECK_EQUAL(parsed("a:\n  <<: 5\n"), "f:2" + wrong);
  CAF_CHECK_EQUAL(parsed("a:\n  <<:\n\n  b: 1\n"), "f:2" + wrong);
  CAF_CHECK_EQUAL(parsed("a:\n  <<:\n    - {x: 1}\n    - y\n"), "f:4" + wrong);
  CAF_CHECK_EQUAL(parsed("a: &a\n  <<: *a\n"), "f:2" + wrong);
}

CAF_TEST(merge keys cannot use up the machine) {
  std::string text = "- &a0 {k0: 1}\n";
  for (int i = 1; i < 64; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    text += "- &a" + std::to_string(i) + " {<<: [" + last + ", " + last + "], k" +
            std::to_string(i) + ": 1}\n";
  }
  std::vector<problem> problems;
  CAF_CHECK(parse_yaml(text, "f", problems) == nullptr);
  CAF_CHECK(to_string(problems).find("values, aliases expanded") != std::string::npos);
}

CAF_TEST(a file is read) {
  const temporary_file file;
  std::ofstream{file.path} << "a: 1\n";
  std::vector<problem> problems;
  const auto root = load_yaml(file.path, problems);
  CAF_REQUIRE(root != nullptr);
  CAF_CHECK_EQUAL(shown(*root), "{a@1: 1@1}");
  CAF_CHECK_EQUAL(*root->origin, file.path);
}

CAF_TEST(overrides replace and add) {
  const std::vector<std::pair<std::pair<const char*, const char*>, const char*>> cases{
      {{"a", "2"}, "{a@0: 2@0, s@2: {k@3: v@3}}"},
      {{"s.k", "w"}, "{a@1: 1@1, s@2: {k@0: w@0}}"},
      {{"s.n", "w"}, "{a@1: 1@1, s@2: {k@3: v@3, n@0: w@0}}"},
      {{"t.u.v", "[1, {x: y}]"},
       "{a@1: 1@1, s@2: {k@3: v@3}, t@0: {u@0: {v@0: [1@0, {x@0: y@0}]}}}"},
      {{"s", ""}, "{a@1: 1@1, s@0: ~}"},
      {{"a", "[::1]:80"}, "{a@0: [::1]:80@0, s@2: {k@3: v@3}}"},
      {{"a", "''"}, "{a@0: @0, s@2: {k@3: v@3}}"},
  };
  std::vector<problem> problems;
  const auto root = parse_yaml("a: 1\ns:\n  k: v\n", "f", problems);
  for (const auto& [change, expected] : cases) {
    const auto changed = with_override(root, change.first, change.second, "--set", problems);
    CAF_CHECK_EQUAL(shown(*changed), expected);
    CAF_CHECK_EQUAL(shown(*root), "{a@1: 1@1, s@2: {k@3: v@3}}");
  }
  CAF_CHECK(problems.empty());
}

CAF_TEST(an override cannot lead through a value) {
  std::vector<problem> problems;
  const auto root = parse_yaml("a: 1\n", "f", problems);
  const auto same = with_override(root, "a.b.c", "2", "--set a.b.c", problems);
  CAF_CHECK_EQUAL(shown(*same), "{a@1: 1@1}");
  CAF_REQUIRE_EQUAL(problems.size(), 1u);
  CAF_CHECK(to_string(problems).starts_with("--set a.b.c: the key leads into a value"));
}

CAF_TEST(an override of an anchored section changes that one only) {
  std::vector<problem> problems;
  const auto root = parse_yaml("a: &x {k: 1}\nb: *x\n", "f", problems);
  const auto changed = with_override(root, "a.k", "2", "--set", problems);
  CAF_CHECK_EQUAL(shown(*changed), "{a@1: {k@0: 2@0}, b@2: {k@1: 1@1}}");
}

} // namespace yaml_tree_suite
