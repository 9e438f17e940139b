# Keeps one server in a directory of its own, and outlives whoever asked for it just long enough to clean up.
#
# $1 prepares the directory, $2 serves, $3 is the signal that ends the server; the rest are places for the directory.
# The first line of output is the directory. The input is a pipe that nobody writes to: it ends when its other side
# is closed, which the system does for a process that ends in whatever way. Nothing else ends this script early.
trap '' HUP INT TERM
umask 077
prepare=$1 serve=$2 signal=$3
shift 3
directory=
for place; do
    directory=$(mktemp -d "$place/crm-test.XXXXXX" 2>/dev/null) && break
done
if [ -z "$directory" ]; then
    echo
    echo "no directory can be made in any of: $*"
    exit 1
fi
echo "$directory"
cd "$directory" || exit
log=$directory/log
printf '%s\n' "$SETTINGS" >settings
unset SETTINGS
exec 2>"$log"

if (eval "$prepare") >&2 </dev/null; then
    # An ignored signal stays ignored in a child, and a server has its own use for these.
    (trap - HUP INT TERM && eval "$serve") >&2 </dev/null 3<&- &
    server=$!
    exec 3<&0
    (
        while read -r _; do :; done
        # Again and again, because a server that has only just begun may not listen to signals yet.
        tries=40
        while kill -s "$signal" "$server"; do
            sleep 0.2
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || signal=KILL
        done
    ) <&3 >/dev/null 2>&1 &
    watcher=$!
    wait "$server"
    kill -s KILL "$watcher"
fi

# First the directory, then the words: whoever would read them may be gone, and writing to nobody is the end.
said=$(tail -n 20 "$log")
cd / && rm -rf "$directory"
printf '%s\n' "$said"
