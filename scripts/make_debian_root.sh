#!/usr/bin/env bash
# make_debian_root.sh PACKAGE OUTPUT.tar: makes a small Debian root, with systemd, of this machine's own
# release and from where its apt gets packages. What PACKAGE depends on lies in the root's cache and is not
# installed, so that `apt install` of it there needs no network. Ends with 3, and a line on standard error
# that says why, where none can be made here. As root; what is made on the way is in memory and in mounts of
# its own.
#
# mmdebstrap, not debootstrap: the one asks apt for all packages at once, the other for one after the other
# (40 s to 4 minutes, and 6, of a slow mirror).
set -euo pipefail

package="$(realpath "${1:?usage: make_debian_root.sh PACKAGE OUTPUT.tar}")"
output="$(realpath -m "${2:?usage: make_debian_root.sh PACKAGE OUTPUT.tar}")"

cannot() {
  echo "no Debian root can be made here: $*" >&2
  exit 3
}

[ "$(id -u)" -eq 0 ] || cannot "this is not root"
for tool in mmdebstrap unshare apt-get apt-config; do
  command -v "$tool" >/dev/null || cannot "$tool is missing"
done
if [ -z "${XPROBER_IN_OWN_MOUNTS:-}" ]; then
  XPROBER_IN_OWN_MOUNTS=1 exec unshare --mount -- "$0" "$@"
fi

codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
[ -n "$codename" ] || cannot "this release has no name"
work="$(mktemp -d)"
trap 'umount -l "$work" 2>/dev/null || true; rmdir "$work"' EXIT
mount -t tmpfs -o mode=0755 tmpfs "$work" || cannot "nothing can be mounted"

# $(…) are apt's fields. Of what apt asks, that which is Debian's and of this release.
# shellcheck disable=SC2016
apt-get indextargets --format '$(CODENAME) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Created-By: Packages' 'Origin: Debian' |
  sed -n "s/^$codename\(-updates\|-security\)\? \(deb .* main\)$/\2/p" >"$work/sources"
[ -s "$work/sources" ] || cannot "apt knows of no package of $codename (apt-get update)"
# How this machine reaches them.
apt-config dump Acquire | grep -E '^Acquire::(https?::|Check-|Retries)' >"$work/apt.conf" || true

mkdir "$work/tmp"
name="$(basename "$package")"
TMPDIR="$work/tmp" mmdebstrap --mode=root --variant=minbase --include=systemd,ca-certificates \
  --skip=cleanup/apt --aptopt="$work/apt.conf" --aptopt='Acquire::GzipIndexes "true"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='force-unsafe-io' \
  --customize-hook='rm -f "$1"/var/cache/apt/archives/*.deb' \
  --customize-hook="copy-in '$package' /tmp" \
  --customize-hook="chroot \"\$1\" apt-get install -q -y --download-only -o APT::Install-Recommends=true '/tmp/$name'" \
  --customize-hook="rm -f \"\$1/tmp/$name\"" \
  "$codename" "$work/root.tar" "$work/sources" >&2 || cannot "mmdebstrap failed (its output is above)"
mkdir -p "$(dirname "$output")"
cp "$work/root.tar" "$output.new"
mv "$output.new" "$output"
