#include "xprober/discovery/io.hpp"

#include <utility>

#include "xprober/base/authorization.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/config/discovered.hpp"
#include "xprober/discovery/folder_watch.hpp"
#include "xprober/discovery/list_fetch.hpp"
#include "xprober/storage/list_cache.hpp"

namespace xprober::service_discovery {

namespace {

class real_io final : public discovery_io {
public:
  real_io(boost::asio::io_context& context, const std::string& state_dir)
      : watch_(context), fetch_(context), cache_(state_dir) {}

  std::vector<std::string> find_files(const std::string& pattern) override {
    return config::find_list_files(pattern);
  }

  read_text read_file(const std::string& path, std::uint64_t max_bytes) override {
    return xprober::read_file(path, max_bytes);
  }

  discovered_list parse(std::string_view text, const std::string& name, list_format format,
                        std::uint64_t max_targets) override {
    return config::parse_discovered(text, name, format, max_targets);
  }

  read_text authorization(const target_url_source& source) override {
    return read_authorization("target_urls.", source.bearer_token_file, source.basic_auth);
  }

  bool keep(const std::string& name, std::string_view text) override {
    const auto problem = cache_.keep(name, text);
    if (!problem.empty() && problem != problem_) {
      log::warn("discovery", "a list cannot be kept for the next start", {{"error", problem}});
    }
    problem_ = problem;
    return problem.empty();
  }

  read_text kept(const std::string& name) override {
    auto found = cache_.find(name);
    return found ? read_text{std::move(*found), {}} : read_text{{}, name + ": nothing is kept"};
  }

  std::vector<std::string> kept_names() override { return cache_.names(); }
  void keep_only(const std::vector<std::string>& names) override { cache_.keep_only(names); }

  void fetch(list_request request, std::function<void(read_text)> done) override {
    fetch_.fetch(std::move(request), std::move(done));
  }

  void watch(const std::vector<std::string>& patterns, std::function<void()> changed) override {
    watch_.watch(patterns, std::move(changed));
  }

private:
  folder_watch watch_;
  list_fetch fetch_;
  storage::list_cache cache_;
  std::string problem_; ///< of the last attempt to keep a list
};

} // namespace

std::shared_ptr<discovery_io> make_io(boost::asio::io_context& context,
                                      const std::string& state_dir) {
  return std::make_shared<real_io>(context, state_dir);
}

} // namespace xprober::service_discovery
