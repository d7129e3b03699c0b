#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/targets/discovery_io.hpp"

namespace xprober::test {

using namespace xprober;

using strings = std::vector<std::string>;

/// Lists without files and network. A text is the targets of one group; "name=value" is a label,
/// "bad" is no list, and the label "odd" is bad.
class fake_discovery_io final : public discovery_io {
public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> cache;
  std::vector<std::pair<list_request, std::function<void(read_text)>>> asked;
  strings watched;
  std::function<void()> changed;
  std::string secret_problem;
  int parsed = 0;

  strings find_files(const std::string& pattern) override {
    const auto star = pattern.find('*');
    if (star == std::string::npos) {
      return {pattern};
    }
    strings found;
    for (const auto& [path, text] : files) {
      if (path.starts_with(pattern.substr(0, star))) {
        found.push_back(path);
      }
    }
    return found;
  }

  read_text read_file(const std::string& path, std::uint64_t) override {
    const auto at = files.find(path);
    return at == files.end() ? read_text{{}, path + ": cannot be read"} : read_text{at->second, {}};
  }

  discovered_list parse(std::string_view text, const std::string& name, list_format,
                        std::uint64_t) override {
    ++parsed;
    discovered_group group;
    group.line = 1;
    std::istringstream words{std::string{text}};
    for (std::string word; words >> word;) {
      if (word == "bad") {
        return {{}, name + ":1: this is bad"};
      }
      if (const auto equals = word.find('='); equals != std::string::npos) {
        group.labels[word.substr(0, equals)] = word.substr(equals + 1);
      } else {
        group.targets.push_back(word);
      }
    }
    discovered_list list{{group}, {}, {}};
    if (group.labels.contains("odd")) {
      list.bad.add(name + ":1: this label is odd");
    }
    return list;
  }

  read_text authorization(const target_url_source& source) override {
    return {source.bearer_token_file.empty() ? "" : "Bearer t", secret_problem};
  }

  bool keep(const std::string& name, std::string_view text) override {
    cache[name] = text;
    return true;
  }
  read_text kept(const std::string& name) override {
    const auto at = cache.find(name);
    return at == cache.end() ? read_text{{}, "nothing"} : read_text{at->second, {}};
  }
  strings kept_names() override {
    strings names;
    for (const auto& [name, text] : cache) {
      names.push_back(name);
    }
    return names;
  }
  void keep_only(const strings& names) override {
    std::erase_if(cache, [&](const auto& item) {
      return std::ranges::find(names, item.first) == names.end();
    });
  }

  void fetch(list_request request, std::function<void(read_text)> done) override {
    asked.emplace_back(std::move(request), std::move(done));
  }
  void watch(const strings& patterns, std::function<void()> on_change) override {
    watched = patterns;
    changed = std::move(on_change);
  }
};

/// A source of files, and of one URL.
inline target_file_source file(strings patterns, std::string region = "r") {
  target_file_source source;
  source.files = std::move(patterns);
  source.defaults.region = std::move(region);
  return source;
}

inline target_url_source url(std::string address, milliseconds interval = std::chrono::minutes{1}) {
  target_url_source source;
  source.url = std::move(address);
  source.defaults.region = "r";
  source.refresh_interval = interval;
  return source;
}

} // namespace xprober::test
