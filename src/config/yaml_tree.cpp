#include "xprober/config/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/null.h>
#include <yaml-cpp/parser.h>

#include "xprober/base/private_files.hpp"
#include "xprober/base/read_file.hpp"

namespace xprober::config {

namespace {

using origin_ptr = std::shared_ptr<const std::string>;

/// Thrown out of the parser where a limit is reached.
struct too_large {
  int line;
};

/// Thrown where a merge key has a value that is no map.
struct bad_merge {
  int line;
};

/// Resolves the merge keys of a map (https://yaml.org/type/merge.html): it gets the keys of other
/// maps that it does not have itself; of several maps the first that has a key counts.
class merger {
public:
  explicit merger(std::vector<node_ptr>& children) : children_(children) {}

  void resolve() {
    std::vector<node_ptr> own;
    for (std::size_t i = 0; i + 1 < children_.size(); i += 2) {
      if (children_[i]->merge) {
        add_source(*children_[i], children_[i + 1]);
      } else {
        own.insert(own.end(), {children_[i], children_[i + 1]});
        names_.insert(children_[i]->text);
      }
    }
    for (const auto& source : sources_) {
      const auto& from = source->children;
      for (std::size_t i = 0; i + 1 < from.size(); i += 2) {
        if (names_.insert(from[i]->text).second) {
          own.insert(own.end(), {from[i], from[i + 1]});
        }
      }
    }
    children_ = std::move(own);
  }

private:
  void add_source(const node& key, const node_ptr& value) {
    if (value->kind == node::type::map) {
      sources_.push_back(value);
      return;
    }
    if (value->kind != node::type::list) {
      throw bad_merge{key.line}; // where there is no value, its own line is a later one
    }
    for (const auto& item : value->children) {
      if (item->kind != node::type::map) {
        throw bad_merge{item->line};
      }
      sources_.push_back(item);
    }
  }

  std::vector<node_ptr>& children_;
  std::vector<node_ptr> sources_;
  std::unordered_set<std::string> names_;
};

/// Builds the tree from the parser's events. The innermost open list or map is on top of a stack.
class tree_builder final : public YAML::EventHandler {
public:
  explicit tree_builder(origin_ptr origin) : origin_(std::move(origin)) {}

  node_ptr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(node::type::null, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    // An alias inside its own anchor has no end; it stands for nothing.
    place(found == anchors_.end() ? make(node::type::null, mark) : found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // The tag "?" is the parser's for plain text; only that can be null.
    if (tag == "?" && YAML::IsNullString(value)) {
      OnNull(mark, anchor);
      return;
    }
    auto scalar = make(node::type::scalar, mark);
    scalar->text = value;
    scalar->merge = value == "<<" && (tag == "?" || tag == "tag:yaml.org,2002:merge");
    add(std::move(scalar), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(node::type::list, mark), anchor);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(node::type::map, mark), anchor);
  }

  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

private:
  struct open_node {
    std::shared_ptr<node> value;
    YAML::anchor_t anchor;
  };

  std::shared_ptr<node> make(node::type kind, const YAML::Mark& mark) const {
    auto made = std::make_shared<node>();
    made->kind = kind;
    made->line = mark.line + 1;
    made->origin = origin_;
    return made;
  }

  void add(std::shared_ptr<node> value, YAML::anchor_t anchor) {
    if (anchor != 0) {
      anchors_[anchor] = value;
    }
    place(std::move(value));
  }

  void place(node_ptr value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& parent = *open_.back().value;
    // Both are at most `max_nodes`, so the sum cannot wrap.
    parent.weight += value->weight;
    if (parent.weight > max_nodes) {
      throw too_large{value->line};
    }
    parent.children.push_back(std::move(value));
  }

  void open(std::shared_ptr<node> value, YAML::anchor_t anchor) {
    open_.push_back({std::move(value), anchor});
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    auto& children = done.value->children;
    if (done.value->kind == node::type::map &&
        std::ranges::any_of(children, [](const auto& child) { return child->merge; })) {
      // Its weight stays what is written: that is no less than what is left of it.
      merger{children}.resolve();
    }
    add(std::move(done.value), done.anchor);
  }

  origin_ptr origin_;
  node_ptr root_;
  std::vector<open_node> open_;
  std::unordered_map<YAML::anchor_t, node_ptr> anchors_;
};

/// The line of the first control character that YAML forbids; 0 if there is none. (The parser
/// would take some of them for the end of the file.)
int line_of_control_character(std::string_view text) noexcept {
  int line = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F) {
      return line;
    }
    line += c == '\n' ? 1 : 0;
  }
  return 0;
}

std::shared_ptr<node> make_node(node::type kind, const origin_ptr& origin) {
  auto made = std::make_shared<node>();
  made->kind = kind;
  made->origin = origin;
  return made;
}

std::shared_ptr<node> make_scalar(std::string_view text, const origin_ptr& origin) {
  auto made = make_node(node::type::scalar, origin);
  made->text = text;
  return made;
}

/// A copy whose nodes belong to the override and have no line.
node_ptr as_override(const node& source, const origin_ptr& origin) {
  auto made = make_node(source.kind, origin);
  made->text = source.text;
  for (const auto& child : source.children) {
    made->children.push_back(as_override(*child, origin));
  }
  return made;
}

node_ptr parse_override_value(std::string_view value, const origin_ptr& origin) {
  std::vector<problem> problems;
  const auto parsed = parse_yaml(value, *origin, problems);
  // The bound keeps aliases from growing when they are copied.
  if (!parsed || parsed->weight > value.size() + 1) {
    return make_scalar(value, origin);
  }
  return as_override(*parsed, origin);
}

node_ptr set_at(const node_ptr& target, std::string_view path, const node_ptr& value,
                const origin_ptr& origin) {
  const auto dot = path.find('.');
  const auto name = path.substr(0, dot);
  if (target && target->kind != node::type::map && target->kind != node::type::null) {
    return nullptr;
  }
  auto copy = target && target->kind == node::type::map ? std::make_shared<node>(*target)
                                                        : make_node(node::type::map, origin);
  auto& children = copy->children;
  std::size_t at = 0;
  while (at < children.size() && children[at]->text != name) {
    at += 2;
  }
  const node_ptr old = at < children.size() ? children[at + 1] : nullptr;
  const auto replaced = dot == path.npos ? value : set_at(old, path.substr(dot + 1), value, origin);
  if (!replaced) {
    return nullptr;
  }
  if (!old) {
    children.resize(at + 2);
  }
  // A map that is only entered keeps its place in the file.
  if (!old || dot == path.npos) {
    children[at] = make_scalar(name, origin);
  }
  children[at + 1] = replaced;
  return copy;
}

/// `root` with a value at a key; what is in the way is reported.
node_ptr with_value(const node_ptr& root, const std::string& key, const node_ptr& value,
                    const origin_ptr& origin, std::vector<problem>& problems) {
  auto changed = set_at(root, key, value, origin);
  if (!changed) {
    problems.push_back(
        {*origin, 0, key,
         "the key leads into a value that is not a section; set that value as a whole"});
    return root;
  }
  return changed;
}

} // namespace

std::string_view to_string(node::type kind) noexcept {
  constexpr std::array<std::string_view, 4> names{"nothing", "a single value", "a list",
                                                  "a section of keys"};
  return names[static_cast<std::size_t>(kind)];
}

node_ptr parse_yaml(std::string_view text, const std::string& origin,
                    std::vector<problem>& problems) {
  const auto report = [&](int line, std::string message) {
    problems.push_back({origin, line, "", std::move(message)});
    return nullptr;
  };
  if (const int line = line_of_control_character(text); line != 0) {
    return report(line, "there is a control character; a configuration is YAML in UTF-8");
  }
  const auto shared_origin = std::make_shared<const std::string>(origin);
  tree_builder builder{shared_origin};
  // A quote that is never closed is an error to the parser only where the file ends without blanks.
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser{stream};
    parser.HandleNextDocument(builder);
    tree_builder second{shared_origin};
    if (parser.HandleNextDocument(second)) {
      const auto rest = second.root();
      return report(rest ? rest->line : 0, "a second document begins; one file holds one");
    }
  } catch (const too_large& limit) {
    return report(limit.line, "more than " + std::to_string(max_nodes) +
                                  " values, aliases expanded; allowed are no more");
  } catch (const bad_merge& wrong) {
    return report(wrong.line, "a merge key (<<) has no section to merge; allowed are an alias of "
                              "one, as in <<: *base, and a list of them");
  } catch (const YAML::DeepRecursion& error) {
    return report(error.mark.line + 1,
                  "this is not a valid configuration: it is nested too deeply");
  } catch (const YAML::Exception& error) {
    return report(error.mark.line + 1, "this is not valid YAML: " + error.msg);
  }
  return builder.root() ? builder.root() : make_node(node::type::null, shared_origin);
}

node_ptr load_yaml(const std::string& path, std::vector<problem>& problems, reading when) {
  const auto report = [&](std::string message) {
    problems.push_back({path, 0, "", std::move(message)});
    return nullptr;
  };
  const auto read =
      when == reading::first ? read_input(path, max_file_bytes) : read_file(path, max_file_bytes);
  if (!read.ok()) {
    return report(read.error.substr(path.size() + 2) + "; give a readable YAML file");
  }
  if (others_can_write(path)) {
    return report("everybody on this machine can write to it; take that away (chmod o-w)");
  }
  auto root = parse_yaml(read.text, path, problems);
  if (root && root->kind == node::type::null && when == reading::again) {
    return report("is empty, or has nothing but comments; write {} if everything is to be at its "
                  "default");
  }
  return root;
}

node_ptr with_override(const node_ptr& root, const std::string& key, std::string_view value,
                       const std::string& origin, std::vector<problem>& problems) {
  const auto shared_origin = std::make_shared<const std::string>(origin);
  return with_value(root, key, parse_override_value(value, shared_origin), shared_origin, problems);
}

node_ptr with_text(const node_ptr& root, const std::string& key, std::string_view text,
                   const std::string& origin, std::vector<problem>& problems) {
  const auto shared_origin = std::make_shared<const std::string>(origin);
  return with_value(root, key, make_scalar(text, shared_origin), shared_origin, problems);
}

} // namespace xprober::config
