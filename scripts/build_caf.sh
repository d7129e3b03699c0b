#!/usr/bin/env bash
# build_caf.sh FOLDER COMPILER-OPTION...: builds libcaf_core of the version that is installed (libcaf-dev),
# from Debian's source package, with the options given, e.g. -fsanitize=thread. FOLDER gets lib/ with the
# library; its headers are the installed ones. Builds nothing where FOLDER has that version, built by the
# same compiler with the same options.
# The source comes through apt with a list of sources of FOLDER's own: the machine's are not touched, and no
# root is needed. XPROBER_CAF_SOURCE=FOLDER takes a source that is here already; XPROBER_DEBIAN_MIRROR=URL and
# XPROBER_DEBIAN_SUITE=NAME say where else to ask, and for which Debian.
set -euo pipefail

fail() {
  echo "build_caf: $*" >&2
  exit 1
}

[ "$#" -ge 2 ] || fail "usage: build_caf.sh FOLDER COMPILER-OPTION..."
mkdir -p "$1"
root="$(cd "$1" && pwd -P)"
shift
options="$*"
compiler="${CXX:-g++}"
package=actor-framework
version="$(dpkg-query -W -f='${source:Version}' libcaf-dev 2>/dev/null || true)"
[ -n "$version" ] || fail "libcaf-dev is not installed, so the version is not known (./dev deps build)"

key="$version | $("$compiler" --version | head -n 1) | $options"
if [ -e "$root/lib/libcaf_core.so" ] && [ "$(cat "$root/built" 2>/dev/null)" = "$key" ]; then
  echo "build_caf: $root has CAF $version"
  exit 0
fi

# private_apt COMMAND...: apt-get with sources, lists and caches below FOLDER, and without what the machine does
# after an update. Keys and proxies are the machine's.
private_apt() {
  apt-get -q -c "$root/apt/apt.conf" "$@"
}

# configure_apt SUITE
configure_apt() {
  mkdir -p "$root/apt/lists/partial" "$root/apt/cache/archives/partial"
  printf 'deb-src [signed-by=%s] %s %s main\n' /usr/share/keyrings/debian-archive-keyring.gpg \
    "${XPROBER_DEBIAN_MIRROR:-http://deb.debian.org/debian}" "$1" >"$root/apt/sources.list"
  cat >"$root/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$root/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$root/apt/lists";
Dir::Cache "$root/apt/cache";
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
}

# Of Debian's changes one concerns streams, which are not used here, and the others how CAF is built. So where a
# mirror has the original archive alone, that does. Both are checked against Debian's signed index.
download() {
  # shellcheck disable=SC1091 # read where it is
  local suite="${XPROBER_DEBIAN_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}"
  [ -n "$suite" ] || fail "which Debian is this? Set XPROBER_DEBIAN_SUITE, e.g. to bookworm"
  configure_apt "$suite"
  private_apt update
  mkdir "$root/download"
  cd "$root/download"
  if ! private_apt source --download-only "$package=$version"; then
    echo "build_caf: warning: not all of Debian's source package is to be had; its original archive will do"
    private_apt source --download-only --tar-only "$package=$version" ||
      fail "the source of $package $version could not be had (XPROBER_CAF_SOURCE=FOLDER takes one that is here)"
  fi
}

# Leaves the source in $root/source.
unpack() {
  local changes
  rm -rf "$root/source"
  changes="$(find "$root/download" -name "${package}_*.debian.tar.*")"
  if [ -n "$changes" ] && command -v dpkg-source >/dev/null; then
    dpkg-source --no-check --no-copy -x "$root/download/${package}_"*.dsc "$root/source"
    return
  fi
  mkdir "$root/source"
  tar -xf "$root/download/${package}_"*.orig.tar.* -C "$root/source" --strip-components=1
}

if [ -n "${XPROBER_CAF_SOURCE:-}" ]; then
  source="$(cd "$XPROBER_CAF_SOURCE" && pwd -P)"
else
  source="$root/source"
  rm -rf "$root/download"
  (download)
  unpack
fi
[ -e "$source/libcaf_core/CMakeLists.txt" ] || fail "$source is no source of CAF"
# What links it is compiled with the installed headers.
for header in config.hpp scheduled_actor.hpp actor_system.hpp; do
  cmp -s "$source/libcaf_core/caf/$header" "/usr/include/caf/$header" ||
    fail "$source/libcaf_core/caf/$header is not the installed one: this is another version"
done

# As Debian builds it (C++14, no logging), but for the options.
rm -rf "$root/built" "${root:?}/lib" "$root/objects"
cmake -S "$source" -B "$root/objects" -G Ninja -Wno-dev -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-std=c++14 -include limits -w $options" \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DCMAKE_SHARED_LINKER_FLAGS="$options" \
  -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24 \
  -DCAF_NO_IO=ON -DCAF_NO_TOOLS=ON -DCAF_NO_PYTHON=ON -DCAF_NO_OPENSSL=ON -DCAF_NO_OPENCL=ON \
  -DCAF_NO_EXAMPLES=ON -DCAF_NO_UNIT_TESTS=ON -DCAF_NO_SUMMARY=ON
cmake --build "$root/objects" --target libcaf_core_shared --parallel "${JOBS:-$(nproc)}"
mkdir "$root/lib"
cp -a "$root"/objects/lib/libcaf_core.so* "$root/lib"
printf '%s\n' "$key" >"$root/built"
rm -rf "$root/objects" "$root/apt"
