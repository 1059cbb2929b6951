# shellcheck shell=bash
# Sourced by demo.sh and run.sh: an embedded API server and the operator, on loopback, on free ports, with all their files in $work.

work=
cluster=
operator=
kubectl=${KUBECTL:-kubectl}

# SIGTERM first, so that the lease is released and the data is closed; SIGKILL for what does not listen.
stop_process() {
    [ -n "$1" ] && kill -0 "$1" 2> /dev/null || return 0
    kill "$1" 2> /dev/null || true
    for _ in $(seq 120); do
        kill -0 "$1" 2> /dev/null || return 0
        sleep 0.1
    done
    kill -9 "$1" 2> /dev/null || true
}

stop_local_cluster() {
    stop_process "$operator"
    stop_process "$cluster"
    [ -z "$work" ] || rm -rf "$work"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds, or one line that says what did not come.
wait_for() {
    local seconds=$1 what=$2
    shift 2
    local deadline=$((SECONDS + seconds))
    until "$@" > /dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ] || ! still_running; then
            printf '%s: %s did not come within %s s\n' "$0" "$what" "$seconds" >&2
            show_logs >&2
            return 1
        fi
        sleep 0.05
    done
}

still_running() {
    { [ -z "$cluster" ] || kill -0 "$cluster" 2> /dev/null; } && { [ -z "$operator" ] || kill -0 "$operator" 2> /dev/null; }
}

show_logs() {
    for log in "$work"/*.log; do
        [ -s "$log" ] && printf -- '--- the end of %s\n' "${log##*/}" && tail -n 15 "$log"
    done
    return 0
}

start_local_cluster() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/storage-operator.XXXXXX")
    trap stop_local_cluster EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    bin/storage-devcluster up --dir "$work" "$@" > "$work/devcluster.log" 2>&1 &
    cluster=$!
    wait_for 60 "the embedded API server" test -s "$work/kubeconfig"
    export KUBECONFIG=$work/kubeconfig
    wait_for 30 "an answer of the embedded API server" "$kubectl" get --raw /readyz
}

start_operator() {
    "${STORAGE_OPERATOR_BIN:-bin/storage-operator}" run --kubeconfig "$KUBECONFIG" --health-probe-bind-address 127.0.0.1:0 --metrics-bind-address 127.0.0.1:0 \
        --metrics-secure=false --log-format console --ready-file "$work/operator.json" "$@" > "$work/operator.log" 2>&1 &
    operator=$!
    wait_for 30 "the operator" test -s "$work/operator.json"
}

# fetch ADDRESS PATH: the body of an answer, without curl, which a fresh machine may not have.
fetch() {
    exec 3<> "/dev/tcp/${1%:*}/${1##*:}"
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$2" "$1" >&3
    sed '1,/^\r$/d' <&3
    exec 3>&-
}

# address_of healthProbeAddress|metricsAddress
address_of() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/operator.json"
}
