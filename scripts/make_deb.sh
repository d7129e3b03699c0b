#!/usr/bin/env bash
# make_deb.sh PROGRAM: makes build/xprober_VERSION_ARCHITECTURE.deb of a program that is built already.
# The manual and the completions come from the program itself. With SOURCE_DATE_EPOCH, or in a checkout,
# the same sources and the same program give the same package.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
program="$(realpath "${1:?usage: make_deb.sh PROGRAM}")"
output="${XPROBER_DEB_DIR:-$root/build}"

for tool in dpkg-buildpackage dh; do
  command -v "$tool" >/dev/null || {
    echo "make_deb: $tool is missing; install dpkg-dev and debhelper" >&2
    exit 1
  }
done

mkdir -p "$output"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
stage="$work/xprober"
mkdir -p "$stage/made/man" "$stage/made/bash" "$stage/made/zsh" "$stage/made/fish" "$stage/packaging"

cp -R "$root/packaging/debian" "$stage/debian"
cp -R "$root/packaging/prometheus" "$root/packaging/grafana" "$stage/packaging/"
cp -R "$root/config" "$root/docs" "$stage/"
cp "$root/README.md" "$root/SECURITY.md" "$root/CHANGELOG.md" "$stage/"
for role in agent server; do
  cp "$root/packaging/systemd/xprober-$role.service" "$stage/debian/xprober.xprober-$role.service"
done
cp "$root/packaging/systemd/xprober.sysusers" "$stage/debian/xprober.sysusers"
# Neither the umask nor a checkout's modes are part of the package.
find "$stage" -type f -exec chmod 0644 {} +
find "$stage" -type d -exec chmod 0755 {} +
chmod 0755 "$stage/debian/rules"

install -m 755 "$program" "$stage/made/xprober"
"$program" man --directory "$stage/made/man"
"$program" completion bash >"$stage/made/bash/xprober"
"$program" completion zsh >"$stage/made/zsh/_xprober"
"$program" completion fish >"$stage/made/fish/xprober.fish"

version="$("$program" --version | awk '{print $2}')"
epoch="${SOURCE_DATE_EPOCH:-$(git -c safe.directory="$root" -C "$root" log -1 --format=%ct 2>/dev/null ||
  stat -c %Y "$root/CMakeLists.txt")}"
export SOURCE_DATE_EPOCH="$epoch"
cat >"$stage/debian/changelog" <<TEXT
xprober ($version-1) unstable; urgency=medium

  * Version $version; what is new in it is in changelog.gz.

 -- xprober developers <xprober@example.org>  $(LC_ALL=C date -u -R -d "@$epoch")
TEXT

(cd "$stage" && DH_QUIET="${DH_QUIET:-1}" dpkg-buildpackage --build=binary --no-sign -d)
cp "$work"/xprober_*.deb "$output/"
(cd "$output" && ls -1 "xprober_$version-1_$(dpkg --print-architecture).deb")
