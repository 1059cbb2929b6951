# shellcheck shell=bash
# Sourced by the other scripts: installs Debian packages, and says what to do where it cannot.

install_packages() {
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo -n)
    if ! command -v apt-get > /dev/null; then
        printf '%s: needs %s; install them with your package manager and run it again\n' "$0" "$*" >&2
        return 1
    fi
    printf 'Installing %s ...\n' "$*" >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 update > /dev/null 2>&1 || true
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" > /dev/null; then
        printf '%s: could not install %s; install them yourself (apt-get install %s) and run it again\n' "$0" "$*" "$*" >&2
        return 1
    fi
}

require_kubectl() {
    command -v "${KUBECTL:-kubectl}" > /dev/null || install_packages kubernetes-client
}

# Whether kubectl can render config/: up to 1.20 it carried kustomize 2.0, which cannot read a folder that another folder names.
can_kustomize() {
    local minor
    minor=$("${KUBECTL:-kubectl}" version --client -o json | sed -n 's/.*"minor": *"\([0-9]*\).*/\1/p' | head -n 1)
    [ "${minor:-0}" -ge 21 ]
}
