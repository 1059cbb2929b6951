#!/usr/bin/env bash
# Fills a folder with the programs of a real Kubernetes control plane, for tests: etcd, kube-apiserver and, where they can
# be had, kube-controller-manager, kube-scheduler and kubectl. This is the folder that KUBEBUILDER_ASSETS names.
#
#   hack/envtest-assets.sh [DIRECTORY]        default: .cache/envtest below the repository
#
# The last line printed is the folder. Everything else goes to standard error. It happens once: a filled folder is left alone.
#
#   KUBEBUILDER_ASSETS       a folder that already has etcd and kube-apiserver: used as it is
#   ENVTEST_K8S_VERSION      the version to ask setup-envtest for (default: its newest)
#   ENVTEST_ASSETS_FROM      auto (default), setup-envtest or debian: where to take them from
#
# Without setup-envtest the programs come from Debian alone: etcd from its package, Kubernetes built from its source
# package with Debian's Go. Apt's own settings are not touched: the source lists used here live in a folder of their own.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
assets=${1:-$repository/.cache/envtest}
work=$assets.build
stamp=$assets/.complete
from=${ENVTEST_ASSETS_FROM:-auto}

say() { printf 'envtest-assets: %s\n' "$*" >&2; }
fail() { say "$1"; say "What to do: $2"; exit 1; }

is_filled() { [[ -x $1/etcd && -x $1/kube-apiserver ]]; }

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "installing packages needs root, and there is no sudo" \
            "run it as root once, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver"
  fi
}

# ---------------------------------------------------------------- setup-envtest

from_setup_envtest() {
  local found version=${ENVTEST_K8S_VERSION:-}
  say "asking setup-envtest for Kubernetes ${version:-(its newest)}"
  found=$(setup-envtest use ${version:+"$version"} -p path 2>>"$work/setup-envtest.log") || return 1
  is_filled "$found" || return 1
  install -d "$assets"
  local program
  for program in etcd kube-apiserver kube-controller-manager kube-scheduler kubectl; do
    if [[ -x $found/$program ]]; then ln -sfn "$found/$program" "$assets/$program"; fi
  done
}

# ---------------------------------------------------------------- Debian

# Apt with lists and sources of its own, below $work/apt.
apt_options() {
  printf '%s\n' -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" \
    -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3
}

own_apt() {
  local program=$1; shift
  local -a options
  mapfile -t options < <(apt_options)
  "$program" "${options[@]}" "$@"
}

# The machine's own sources, whichever of the two formats they are written in, once for packages and once for sources.
# `apt-get indextargets` reads both formats for us; only Debian's own archive has the packages in question.
write_source_list() {
  install -d "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  local uri suite component signer origin options
  # shellcheck disable=SC2016  # apt fills these in, not the shell
  apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)|$(ORIGIN)' 'Created-By: Packages' |
  while IFS='|' read -r uri suite component signer origin; do
    options=
    if [[ $signer == /* ]]; then options="[signed-by=$signer] "
    elif [[ -r /usr/share/keyrings/debian-archive-keyring.gpg ]]; then options='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] '
    fi
    if [[ $origin == Debian || $uri == *debian* ]]; then printf 'deb %s%s %s %s\ndeb-src %s%s %s %s\n' \
      "$options" "$uri" "$suite" "$component" "$options" "$uri" "$suite" "$component"; fi
  done | sort -u > "$work/apt/sources.list"
  [[ -s $work/apt/sources.list ]] ||
    fail "apt has no Debian archive among its sources" "add Debian's archive to /etc/apt/sources.list.d, or set KUBEBUILDER_ASSETS"
}

refresh_lists() {
  say "reading Debian's package lists"
  write_source_list
  own_apt apt-get -qq update >"$work/apt-update.log" 2>&1 || {
    tail -n 3 "$work/apt-update.log" >&2
    fail "apt could not read the package lists (log: $work/apt-update.log)" "check the network and apt's sources, then run this again"
  }
}

# What the build needs. Tools that are already there stay as they are.
install_build_tools() {
  local -a missing=()
  local tool package
  for tool in go:golang-go rsync:rsync jq:jq make:make dpkg-source:dpkg-dev patch:patch xz:xz-utils; do
    package=${tool#*:}
    command -v "${tool%%:*}" >/dev/null || missing+=("$package")
  done
  [[ ${#missing[@]} == 0 ]] && return
  say "installing ${missing[*]}"
  local -a options
  mapfile -t options < <(apt_options)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qq install -y --no-install-recommends "${missing[@]}" \
    >"$work/apt-install.log" 2>&1 ||
    fail "apt could not install ${missing[*]} (log: $work/apt-install.log)" "install them by hand, then run this again"
}

# The package is unpacked rather than installed: installing it would start an etcd service on this machine.
take_etcd() {
  [[ -x $assets/etcd ]] && return
  say "taking etcd from the package etcd-server"
  rm -rf "$work/etcd" && install -d "$work/etcd"
  (cd "$work/etcd" && own_apt apt-get -qq download etcd-server) >"$work/etcd.log" 2>&1 ||
    fail "apt could not download etcd-server (log: $work/etcd.log)" "check apt's sources, then run this again"
  dpkg-deb -x "$work"/etcd/etcd-server_*.deb "$work/etcd"
  install -m 0755 "$work/etcd/usr/bin/etcd" "$assets/etcd.part" && mv "$assets/etcd.part" "$assets/etcd"
}

kubernetes_version() { own_apt apt-cache showsrc --only-source kubernetes 2>/dev/null | sed -n 's/^Version: //p' | sort -V | tail -n 1; }

unpack_kubernetes() {
  local version=$1 tree=$work/gopath/src/k8s.io/kubernetes
  [[ -e $work/unpacked-$version ]] && return
  say "unpacking the source package kubernetes $version"
  rm -rf "$work/source" "$work/gopath" && install -d "$work/source" "$work/gopath/src/k8s.io"
  (cd "$work/source" && own_apt apt-get -qq source "kubernetes=$version") >"$work/source.log" 2>&1 ||
    fail "apt could not unpack the source package kubernetes (log: $work/source.log)" "check apt's sources, then run this again"
  mv "$work"/source/kubernetes-*/ "$tree"
  mend_reflect2 "$tree/vendor/github.com/modern-go/reflect2"
  touch "$work/unpacked-$version"
}

# Since Go 1.18 the runtime fills in a map iterator that its caller brings, instead of returning one. reflect2 before 1.0.2 calls
# it the old way, and a server built so writes into memory that is not its own whenever JSON has a map in it: it dies on the first
# custom resource. Newer Kubernetes has a newer reflect2 and is left alone.
mend_reflect2() {
  local old='func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer) \*hiter'
  grep -qs "^$old\$" "$1/unsafe_link.go" || return 0
  sed -i -e "s/^$old\$/func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer, it *hiter)/" \
    -e 's/^\t\/\/ rest fields are ignored$/\tpointers [6]unsafe.Pointer\n\tstart uintptr\n\tflags [4]uint8\n\tbuckets [2]uintptr/' "$1/unsafe_link.go"
  sed -i -e 's/^\treturn &UnsafeMapIterator{$/\tvar it hiter\n\tmapiterinit(type2.rtype, *(*unsafe.Pointer)(obj), \&it)\n&/' \
    -e 's/^\(\t\thiter: *\)mapiterinit(.*),$/\1\&it,/' "$1/unsafe_map.go"
}

# Debian's version may read 1.20.5+really1.20.2-1.1+deb12u1: what it really is stands last.
upstream_version() { sed -E 's/^[0-9]+://; s/.*\+really//; s/[-+~].*//' <<<"$1"; }

build_kubernetes() {
  local version=$1 tree=$work/gopath/src/k8s.io/kubernetes log=$work/build.log programs
  programs="cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler"
  say "building kube-apiserver, kube-controller-manager and kube-scheduler $(upstream_version "$version"): some 4 minutes on 2 cores (log: $log)"
  # There is no git history in the tree, so the version is told to the build in a file of its own.
  cat > "$work/version" <<VERSION
KUBE_GIT_COMMIT=debian
KUBE_GIT_TREE_STATE=clean
KUBE_GIT_VERSION=v$(upstream_version "$version")
KUBE_GIT_MAJOR=$(upstream_version "$version" | cut -d. -f1)
KUBE_GIT_MINOR=$(upstream_version "$version" | cut -d. -f2)
VERSION
  env -u GOROOT -u GOFLAGS GOPATH="$work/gopath" GOCACHE="$work/gocache" GO111MODULE=off CGO_ENABLED=0 KUBE_GIT_VERSION_FILE="$work/version" \
    make -C "$tree" WHAT="$programs" >"$log" 2>&1 </dev/null || {
      tail -n 5 "$log" >&2
      fail "the build of Kubernetes failed (log: $log)" "run this again, it goes on where it stopped; if it fails again, remove $work first"
    }
  local program
  for program in kube-apiserver kube-controller-manager kube-scheduler; do
    install -m 0755 "$tree/_output/bin/$program" "$assets/$program.part"
    mv "$assets/$program.part" "$assets/$program"
  done
}

link_kubectl() {
  local found
  if found=$(command -v kubectl); then ln -sfn "$found" "$assets/kubectl"; return; fi
  say "taking kubectl from the package kubernetes-client"
  rm -rf "$work/kubectl" && install -d "$work/kubectl"
  (cd "$work/kubectl" && own_apt apt-get -qq download kubernetes-client) >"$work/kubectl.log" 2>&1 ||
    { say "no kubectl: apt could not download kubernetes-client (log: $work/kubectl.log)"; return; }
  dpkg-deb -x "$work"/kubectl/kubernetes-client_*.deb "$work/kubectl"
  install -m 0755 "$work/kubectl/usr/bin/kubectl" "$assets/kubectl"
}

from_debian() {
  command -v apt-get >/dev/null || fail "there is neither a working setup-envtest nor apt on this machine" \
    "install setup-envtest (controller-runtime), or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver"
  refresh_lists
  local version
  version=$(kubernetes_version)
  [[ -n $version ]] || fail "Debian's archive, as configured here, has no source package kubernetes" \
    "use Debian 12, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver"
  install -d "$assets"
  take_etcd
  install_build_tools
  unpack_kubernetes "$version"
  build_kubernetes "$version"
  link_kubectl
}

# ---------------------------------------------------------------- once

if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
  if is_filled "$KUBEBUILDER_ASSETS"; then say "KUBEBUILDER_ASSETS is filled"; printf '%s\n' "$KUBEBUILDER_ASSETS"; exit 0; fi
  [[ $# -gt 0 ]] || { assets=$KUBEBUILDER_ASSETS; work=$assets.build; stamp=$assets/.complete; }
fi

install -d "$(dirname "$assets")" "$work"
# Two runs at once take turns: the second finds the folder filled.
exec 9>"$work.lock"
flock 9
if [[ -e $stamp ]] && is_filled "$assets"; then
  rm -rf "$work"
else
  case $from in
    setup-envtest) from_setup_envtest || fail "setup-envtest gave nothing (log: $work/setup-envtest.log)" "use ENVTEST_ASSETS_FROM=debian" ;;
    debian) from_debian ;;
    auto) { command -v setup-envtest >/dev/null && from_setup_envtest; } || from_debian ;;
    *) fail "ENVTEST_ASSETS_FROM is '$from'" "use auto, setup-envtest or debian" ;;
  esac
  is_filled "$assets" || fail "$assets still lacks etcd or kube-apiserver" "remove $assets and $work and run this again"
  "$assets/kube-apiserver" --version > "$stamp"
  rm -rf "$work"
  say "$(cat "$stamp") is in $assets"
fi
printf '%s\n' "$assets"
