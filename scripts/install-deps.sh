#!/usr/bin/env bash
# install-deps.sh GROUP...: installs the Debian packages of the groups (build, test, lint,
# bench, deb, fuzz, chaos) that are missing. When none is missing it asks the network nothing.
set -euo pipefail

# What the program is compiled from, and with: what is shipped and measured with Clang, what is debugged and what the
# sanitizers look at with g++, whose standard library both use. node and npm bundle the pages; whoever has them from
# elsewhere needs no packages of them.
build_packages=(
  clang-19 g++ cmake ninja-build ccache pkg-config
  libcaf-dev libboost1.81-dev nlohmann-json3-dev libspdlog-dev libssl-dev
  libidn2-dev libpsl-dev zlib1g-dev libbrotli-dev libre2-dev
  libc-ares-dev libyaml-cpp-dev libxxhash-dev libzstd-dev libsqlite3-dev libcli11-dev
  libsnappy-dev libprotozero-dev libsystemd-dev libncurses-dev
  nodejs npm
  ca-certificates
)
# Peers and judges of the tests: ping, curl, nginx, a DNS server, a proxy, promtool, Alertmanager,
# blackbox_exporter, servers of each protocol that STARTTLS is for, Chromium for the pages, Go for peers on
# the wire, and what judges the package and the manual.
test_packages=(
  python3 git iputils-ping curl iproute2 util-linux libcap2-bin openssl
  nginx-light knot tinyproxy brotli prometheus prometheus-blackbox-exporter victoria-metrics
  chromium
  prometheus-alertmanager exim4-daemon-light dovecot-imapd dovecot-pop3d vsftpd postgresql-15 slapd
  golang-go golang-github-ugorji-go-codec-dev debhelper dpkg-dev lintian mmdebstrap mandoc
)
# libFuzzer and the sanitizers' runtimes, which only Clang has, and what counts covered lines.
fuzz_packages=(clang-19 libclang-rt-19-dev llvm-19 python3)
lint_packages=(clang-format-19 clang-tidy-19 python3 git)
# Peers that the benchmarks run beside the program.
bench_packages=(
  python3 iputils-ping fping prometheus-blackbox-exporter
  nginx-light openssl iproute2 util-linux wrk liburing-dev knot
)

# Networks and mounts of the scenarios' own.
chaos_packages=(python3 iproute2 util-linux)

# What makes the package, judges it and tries it on a machine of its own.
deb_packages=(debhelper dpkg-dev lintian mmdebstrap python3 curl iproute2 util-linux)

# What must be there where packages cannot be asked for.
build_tools=(clang++-19 g++ cmake ninja pkg-config)
test_tools=(python3 ping curl ip openssl)
lint_tools=(clang-format-19 clang-tidy-19 python3)
fuzz_tools=(clang++-19)
bench_tools=(python3 ping)
chaos_tools=(python3 ip unshare)
deb_tools=(dh dpkg-buildpackage lintian)

# What a package starts, now and at boot. Only the programs are wanted.
services_of() {
  case "$1" in
    nginx-light) echo nginx ;;
    exim4-daemon-light) echo "exim4 exim4-base.timer" ;;
    dovecot-imapd | dovecot-pop3d) echo dovecot ;;
    postgresql-15) echo postgresql ;;
    knot | tinyproxy | prometheus | prometheus-alertmanager | prometheus-blackbox-exporter | \
      victoria-metrics | vsftpd | slapd)
      echo "$1"
      ;;
  esac
}

fail() {
  echo "install-deps: $*" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

# Packages that do as well as the one named.
alternatives() {
  case "$1" in
    nginx-light) echo "nginx-light nginx nginx-core nginx-full nginx-extras" ;;
    pkg-config) echo "pkg-config pkgconf" ;;
    *) echo "$1" ;;
  esac
}

is_satisfied() {
  local package
  case "$1" in
    nodejs) ! command -v node >/dev/null || return 0 ;;
    npm) ! command -v npm >/dev/null || return 0 ;;
  esac
  for package in $(alternatives "$1"); do
    if is_installed "$package"; then
      return 0
    fi
  done
  return 1
}

packages=()
tools=()
for group in "$@"; do
  case "$group" in
    build) packages+=("${build_packages[@]}") tools+=("${build_tools[@]}") ;;
    test) packages+=("${test_packages[@]}") tools+=("${test_tools[@]}") ;;
    lint) packages+=("${lint_packages[@]}") tools+=("${lint_tools[@]}") ;;
    bench) packages+=("${bench_packages[@]}") tools+=("${bench_tools[@]}") ;;
    deb) packages+=("${deb_packages[@]}") tools+=("${deb_tools[@]}") ;;
    fuzz) packages+=("${fuzz_packages[@]}") tools+=("${fuzz_tools[@]}") ;;
    chaos) packages+=("${chaos_packages[@]}") tools+=("${chaos_tools[@]}") ;;
    *) fail "no such group: $group (build, test, lint, bench, deb, fuzz, chaos)" ;;
  esac
done
[ "${#packages[@]}" -gt 0 ] || fail "usage: install-deps.sh build|test|lint|bench|deb|fuzz|chaos..."

missing_tools() {
  local tool
  for tool in "${tools[@]}"; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$tool" >/dev/null || echo "$tool"
  done
}

# Ends the script: well when the tools are there, badly when not.
go_on_without_packages() {
  local why="$1" absent
  absent="$(missing_tools | tr '\n' ' ')"
  if [ -n "$absent" ]; then
    fail "$why, and these programs are missing: $absent
Install what these Debian 12 packages hold, then try again: ${packages[*]}"
  fi
  echo "install-deps: warning: $why; going on with the tools and libraries that are here" >&2
  exit 0
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  go_on_without_packages "this is no Debian machine"
fi

missing=()
for package in "${packages[@]}"; do
  is_satisfied "$package" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

distribution="$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}" || echo unknown)"
if [ "$distribution" != "debian 12" ]; then
  echo "install-deps: warning: made for Debian 12, this is $distribution" >&2
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    go_on_without_packages "packages are missing (${missing[*]}) and this is neither root nor a user with sudo"
  fi
  as_root=(sudo)
fi

work="$(mktemp -d)"
policy=/usr/sbin/policy-rc.d
policy_is_ours=""
clean_up() {
  if [ -n "$policy_is_ours" ]; then
    "${as_root[@]}" rm -f "$policy"
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# No package may start a service while it is installed; a policy of the machine's own stays.
new_services=()
for package in "${missing[@]}"; do
  for service in $(services_of "$package"); do
    new_services+=("$service")
  done
done
if [ "${#new_services[@]}" -gt 0 ] && [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$work/policy-rc.d"
  policy_is_ours=1
  "${as_root[@]}" install -m 755 "$work/policy-rc.d" "$policy"
fi

# apt STEP ARG...: quiet unless it fails.
apt() {
  local name="$1"
  shift
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q "$@" >"$work/log" 2>&1 </dev/null
  then
    cat "$work/log" >&2
    return 1
  fi
}

began=$SECONDS
printf '==> install %d packages: %s\n' "${#missing[@]}" "${missing[*]}"
apt "update" update ||
  echo "install-deps: warning: apt-get update failed; trying with the package lists at hand" >&2
if ! apt "install" install --no-install-recommends "${missing[@]}"; then
  go_on_without_packages "apt-get could not install ${missing[*]} (its output is above)"
fi
# Nor may it start at the next boot.
if [ "${#new_services[@]}" -gt 0 ] && [ -d /run/systemd/system ]; then
  "${as_root[@]}" systemctl disable --quiet "${new_services[@]}" >/dev/null 2>&1 || true
fi
printf '    install: done in %d s\n' "$((SECONDS - began))"
