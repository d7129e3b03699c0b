#include "xprober/discovery/io.hpp"

#include <algorithm>
#include <utility>

#include <openssl/evp.h>

#include "xprober/base/log.hpp"
#include "xprober/config/discovered.hpp"
#include "xprober/discovery/folder_watch.hpp"
#include "xprober/discovery/list_fetch.hpp"
#include "xprober/storage/list_cache.hpp"

namespace xprober::service_discovery {

namespace {

constexpr std::uint64_t max_secret_bytes = 8192;

std::string base64(const std::string& bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// The text of a file without the line end after it; it can stand in a header.
read_text read_secret(const std::string& path) {
  auto secret = config::read_list_file(path, max_secret_bytes);
  if (!secret.ok()) {
    return secret;
  }
  secret.text.erase(secret.text.find_last_not_of("\r\n") + 1);
  const bool usable = !secret.text.empty() && std::ranges::all_of(secret.text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
  return usable ? secret
                : read_text{{},
                            path + ": is empty or holds what no header can; write the secret "
                                   "on its one line"};
}

class real_io final : public discovery_io {
public:
  real_io(boost::asio::io_context& context, const std::string& state_dir)
      : watch_(context), fetch_(context), cache_(state_dir) {}

  std::vector<std::string> find_files(const std::string& pattern) override {
    return config::find_list_files(pattern);
  }

  read_text read_file(const std::string& path, std::uint64_t max_bytes) override {
    return config::read_list_file(path, max_bytes);
  }

  discovered_list parse(std::string_view text, const std::string& name,
                        list_format format) override {
    return config::parse_discovered(text, name, format);
  }

  read_text authorization(const target_url_source& source) override {
    const auto& basic = source.basic_auth;
    if (!source.bearer_token_file.empty()) {
      auto token = read_secret(source.bearer_token_file);
      return token.ok() ? read_text{"Bearer " + token.text, {}} : token;
    }
    if (basic == basic_auth_config{}) {
      return {};
    }
    auto password = basic.password_file.empty() ? read_text{basic.password, {}}
                                                : read_secret(basic.password_file);
    return password.ok() ? read_text{"Basic " + base64(basic.username + ":" + password.text), {}}
                         : password;
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

  void watch(std::vector<std::string> folders, std::function<void()> changed) override {
    watch_.watch(std::move(folders), std::move(changed));
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
