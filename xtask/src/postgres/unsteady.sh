# Serves PostgreSQL, and kills it so many times: the postmaster and all its children, at a moment drawn by chance.
#
# `serve` becomes the server, with more arguments; `$times` is how often it is killed. Each time it is left alone until
# somebody is connected, and is killed within the second after that. Then it is started again and recovers. Its setting
# `crm.killed` says how often it was killed before; after the last time it stays. The signal TERM ends it for good.
killed=0 tries=100 ending=
trap 'ending=yes' TERM

# Whoever waits hears a signal at once; whoever sleeps does not.
rest() {
    sleep "$1" &
    wait "$!"
}

# Part of a second.
moment() {
    od -An -N2 -tu2 /dev/urandom | awk '{ printf "0.%03d", $1 % 1000 }'
}

# How many connections there were ever.
connections() {
    grep -c 'connection authorized' "$directory/log"
}

# Every process and its parent. Small systems have no ps.
processes() {
    ps -A -o pid= -o ppid= || sed 's/^\([0-9]*\) (.*) . \([0-9]*\) .*/\1 \2/' /proc/[0-9]*/stat
}

# A postmaster that is stopped has no more children than those that are listed then.
cut() {
    kill -s STOP "$1" || return
    kill -s KILL "$1" $(processes | awk -v parent="$1" '$2 == parent { print $1 }')
    echo "the server was killed"
    killed=$((killed + 1))
    wait "$1"
} 2>/dev/null

while [ -z "$ending" ]; do
    before=$(connections)
    serve -c log_connections=on -c "crm.killed=$killed" &
    server=$!
    while [ -z "$ending" ] && { [ "$killed" -eq "$times" ] || [ "$(connections)" -eq "$before" ]; }; do
        if ! kill -s 0 "$server" 2>/dev/null; then
            # It does not start while something of the one before it lives, or somebody else has its port for a moment.
            [ "$killed" -gt 0 ] && [ "$tries" -gt 0 ] || exit
            tries=$((tries - 1))
            rest 0.1
            continue 2
        fi
        rest 0.05
    done
    tries=100
    [ -n "$ending" ] || rest "$(moment)"
    [ -n "$ending" ] || cut "$server"
done

# Not killed if it can be helped, so that it takes its shared memory along. One that has only just begun does not hear the
# first signal.
last=QUIT tries=20
while kill -s "$last" "$server" 2>/dev/null; do
    rest 0.1
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || last=KILL
done
