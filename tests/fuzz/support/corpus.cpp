// fuzz_corpus NAME PATH...: gives one fuzzer every file of its corpus, without libFuzzer. An
// invariant that does not hold ends it, and the last line names the file.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/support/fuzz.hpp"

namespace {

namespace fs = std::filesystem;

void run(const xprober::fuzz::fuzzer& one, const fs::path& file) {
  std::fprintf(stderr, "%s\n", file.c_str());
  std::ifstream in{file, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  one.run(bytes);
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  const auto& all = xprober::fuzz::fuzzers();
  const auto one = std::ranges::find(all, name, &xprober::fuzz::fuzzer::name);
  if (one == all.end() || argc < 3) {
    std::fprintf(stderr, "usage: fuzz_corpus NAME PATH...; NAME is one of:");
    for (const auto& known : all) {
      std::fprintf(stderr, " %.*s", static_cast<int>(known.name.size()), known.name.data());
    }
    std::fprintf(stderr, "\n");
    return 2;
  }
  one->run({});
  std::size_t files = 0;
  for (int i = 2; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      run(*one, argv[i]);
      ++files;
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator{argv[i]}) {
      found.push_back(entry.path());
    }
    std::ranges::sort(found);
    for (const auto& file : found) {
      run(*one, file);
      ++files;
    }
  }
  std::printf("%zu inputs\n", files);
  return files > 0 ? 0 : 1;
}
