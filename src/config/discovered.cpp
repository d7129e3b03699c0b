#include "xprober/config/discovered.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "list_builder.hpp"
#include "xprober/base/exception_text.hpp"
#include "xprober/config/problem.hpp"
#include "xprober/config/yaml_tree.hpp"

namespace xprober::config {

namespace {

constexpr std::string_view list_form = "allowed is a list of groups, as in "
                                       "[{\"targets\": [\"192.0.2.1\"], \"labels\": {}}]";

std::string at(const std::string& name, int line, std::string_view what) {
  return name + ":" + std::to_string(line) + ": " + std::string{what};
}

// -- JSON -----------------------------------------------------------------------------------------

/// Counts the lines that the parser has passed.
class line_counter {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  line_counter(const char* at, int* line) : at_(at), line_(line) {}

  reference operator*() const { return *at_; }
  line_counter& operator++() {
    *line_ += *at_ == '\n' ? 1 : 0;
    ++at_;
    return *this;
  }
  line_counter operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const line_counter& other) const { return at_ == other.at_; }
  bool operator!=(const line_counter& other) const { return at_ != other.at_; }

private:
  const char* at_;
  int* line_;
};

/// Hears the parser's events; ends it at the first problem.
class json_reader final : public nlohmann::json_sax<nlohmann::json> {
public:
  json_reader(const int& line, const std::string& name, bool strict, std::uint64_t max_targets)
      : line_(line), builder_(name, strict, max_targets) {}

  // As in YAML, null is nothing, and what stands for a label without quotes is its text.
  bool null() override {
    switch (where_) {
    case place::targets_key:
    case place::labels_key: return go_to(place::group);
    case place::labels: return true;
    case place::targets: return target({});
    default: return value("null");
    }
  }
  bool boolean(bool is) override { return word(is ? "true" : "false", "true or false"); }
  bool number_integer(number_integer_t is) override { return number(std::to_string(is)); }
  bool number_unsigned(number_unsigned_t is) override { return number(std::to_string(is)); }
  bool number_float(number_float_t, const string_t& text) override { return number(text); }
  bool binary(binary_t&) override { return value("binary data"); }

  bool string(string_t& text) override {
    switch (where_) {
    case place::targets: return target(std::move(text));
    case place::labels: builder_.label(line_, std::move(label_), std::move(text)); return true;
    default: return value("a text");
    }
  }

  bool start_array(std::size_t) override {
    switch (where_) {
    case place::start: return go_to(place::list);
    case place::targets_key: return go_to(place::targets);
    case place::labels: return begin_bad_label("a list");
    default: return begin_other("a list");
    }
  }
  bool end_array() override {
    switch (where_) {
    case place::list: return go_to(place::end);
    case place::targets: return go_to(place::group);
    default: return end_other();
    }
  }

  bool start_object(std::size_t) override {
    switch (where_) {
    case place::list: builder_.begin_group(line_); return go_to(place::group);
    case place::labels_key: return go_to(place::labels);
    case place::labels: return begin_bad_label("a section of keys");
    default: return begin_other("an object");
    }
  }
  bool end_object() override {
    switch (where_) {
    case place::group: builder_.end_group(); return go_to(place::list) && go_on();
    case place::labels: return go_to(place::group);
    default: return end_other();
    }
  }

  bool key(string_t& text) override {
    if (where_ == place::labels) {
      label_ = std::move(text);
      return true;
    }
    if (where_ == place::other) {
      return true;
    }
    switch (builder_.key(line_, text)) {
    case list_builder::part::targets: return go_to(place::targets_key);
    case list_builder::part::labels: return go_to(place::labels_key);
    case list_builder::part::none: break;
    }
    return pass_over(place::group);
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    problem_ = "this is not valid JSON: " + json_problem(error.what());
    return false;
  }

  const std::string& problem() const noexcept { return problem_; }
  discovered_list take() { return builder_.take(); }

private:
  enum class place { start, list, group, targets_key, targets, labels_key, labels, other, end };

  bool go_to(place next) {
    where_ = next;
    return true;
  }
  bool target(std::string text) {
    builder_.target(std::move(text));
    return go_on();
  }
  bool go_on() {
    if (builder_.full()) {
      problem_ = builder_.too_many();
    }
    return !builder_.full();
  }
  /// The next value means nothing; `back` is where it stands.
  bool pass_over(place back) {
    depth_ = 0;
    back_ = back;
    return go_to(place::other);
  }
  bool end_other() {
    if (--depth_ == 0) {
      where_ = back_;
    }
    return true;
  }

  /// A list or an object begins in the place of a label's text.
  bool begin_bad_label(std::string_view kind) {
    builder_.label(line_, std::move(label_), {}, kind);
    pass_over(place::labels);
    ++depth_;
    return true;
  }

  /// A list or an object begins where none is allowed.
  bool begin_other(std::string_view kind) {
    if (where_ != place::other) {
      if (!value(kind)) {
        return false;
      }
      pass_over(where_);
    }
    ++depth_;
    return true;
  }

  bool number(std::string text) { return word(std::move(text), "a number"); }
  bool word(std::string text, std::string_view kind) {
    return where_ == place::labels || where_ == place::targets ? string(text) : value(kind);
  }

  /// A value where none of its kind is allowed; only the list itself cannot do without.
  bool value(std::string_view kind) {
    switch (where_) {
    case place::other:
      if (depth_ == 0) {
        where_ = back_;
      }
      return true;
    case place::targets: builder_.no_target(line_, kind); return true;
    case place::targets_key:
      builder_.no_part(line_, list_builder::part::targets, kind);
      return go_to(place::group);
    case place::labels_key:
      builder_.no_part(line_, list_builder::part::labels, kind);
      return go_to(place::group);
    case place::list: builder_.no_group(line_, kind); return true;
    default: problem_ = "this is " + std::string{kind} + "; " + std::string{list_form};
    }
    return false;
  }

  const int& line_;
  list_builder builder_;
  place where_ = place::start;
  std::size_t depth_ = 0;     ///< of lists and objects inside a value that is passed over
  place back_ = place::group; ///< where that value stands
  std::string label_;
  std::string problem_;
};

discovered_list parse_json(std::string_view text, const std::string& name, bool strict,
                           std::uint64_t max_targets) {
  int line = 1;
  json_reader reader{line, name, strict, max_targets};
  const line_counter begin{std::to_address(text.begin()), &line};
  const line_counter end{std::to_address(text.end()), &line};
  if (!nlohmann::json::sax_parse(begin, end, &reader)) {
    return {{}, at(name, line, reader.problem())};
  }
  return reader.take();
}

// -- YAML -----------------------------------------------------------------------------------------

void read_targets(const node& list, list_builder& out) {
  if (list.kind != node::type::list && list.kind != node::type::null) {
    out.no_part(list.line, list_builder::part::targets, to_string(list.kind));
    return;
  }
  for (const auto& item : list.children) {
    if (out.full()) {
      return;
    }
    if (item->kind == node::type::scalar || item->kind == node::type::null) {
      out.target(item->text);
    } else {
      out.no_target(item->line, to_string(item->kind));
    }
  }
}

void read_labels(const node& map, list_builder& out) {
  if (map.kind != node::type::map && map.kind != node::type::null) {
    out.no_part(map.line, list_builder::part::labels, to_string(map.kind));
    return;
  }
  for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const auto& key = *map.children[i];
    const auto& value = *map.children[i + 1];
    const bool single = value.kind == node::type::scalar || value.kind == node::type::null;
    out.label(key.line, key.text, value.text, single ? "" : to_string(value.kind));
  }
}

void read_group(const node& map, list_builder& out) {
  if (map.kind != node::type::map) {
    out.no_group(map.line, to_string(map.kind));
    return;
  }
  out.begin_group(map.line);
  for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const auto& key = *map.children[i];
    const auto& value = *map.children[i + 1];
    switch (out.key(key.line, key.text)) {
    case list_builder::part::targets: read_targets(value, out); break;
    case list_builder::part::labels: read_labels(value, out); break;
    case list_builder::part::none: break;
    }
  }
  out.end_group();
}

discovered_list parse_yaml_list(std::string_view text, const std::string& name,
                                std::uint64_t max_targets) {
  std::vector<problem> problems;
  const auto root = parse_yaml(text, name, problems);
  if (!root) {
    return {{}, problems.empty() ? at(name, 1, "cannot be read") : to_string(problems.front())};
  }
  if (root->kind != node::type::list) {
    return {{},
            at(name, std::max(root->line, 1),
               "this is " + std::string{to_string(root->kind)} + "; " + std::string{list_form})};
  }
  list_builder builder{name, true, max_targets};
  for (const auto& group : root->children) {
    read_group(*group, builder);
    if (builder.full()) {
      return {{}, at(name, group->line, builder.too_many())};
    }
  }
  return builder.take();
}

} // namespace

discovered_list parse_discovered(std::string_view text, const std::string& name, list_format format,
                                 std::uint64_t max_targets) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) {
    return {{}, at(name, 1, "this is empty; allowed is a list of groups, [] where there are none")};
  }
  return format == list_format::yaml_file
             ? parse_yaml_list(text, name, max_targets)
             : parse_json(text, name, format == list_format::json_file, max_targets);
}

} // namespace xprober::config
