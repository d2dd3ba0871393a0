#!/bin/bash
# Databases of addresses: what a policy says of them, and what findings get of them.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
RULES=$SRCDIR/rulebase/firewatch.rulebase # lines of several devices

"$TOP/tests/mmdb.py" city.mmdb City <<'T'
198.51.100.0/24 DE 52.5 13.4
192.0.2.0/24 DE 48.1 11.6
203.0.113.0/24 JP 35.7 139.7
2001:db8::/32 US 37.4 -122.1
T
"$TOP/tests/mmdb.py" asn.mmdb ASN <<'T'
203.0.113.0/24 64511 Example "Networks" of the Documentation
T
cat >policy.yaml <<Y
home: [10.0.0.0/8]
geo:
  databases: [$PWD/city.mmdb, $PWD/asn.mmdb, $PWD/city.mmdb]
Y
exits 0 "$FIREWATCH" check -r "$RULES" -p policy.yaml
cp out printed.yaml
says printed.yaml "    - \"$PWD/asn.mmdb\""
exits 0 "$FIREWATCH" check -r "$RULES" -p printed.yaml
same printed.yaml out

# wrong ones, with their place
mkfifo fifo.mmdb
head -c 3000 /dev/urandom >noise.mmdb
head -c -300 city.mmdb >cut.mmdb
cat >wrong.yaml <<Y
geo:
  databases: [$PWD/none.mmdb, city.mmdb, $PWD/noise.mmdb, $PWD/cut.mmdb, $PWD, $PWD/fifo.mmdb]
  place: x
Y
exits 1 "$FIREWATCH" check -r "$RULES" -p wrong.yaml
says err "wrong.yaml:2:15: $PWD/none.mmdb: "
says err "\"city.mmdb\" is no path"
says err "$PWD/noise.mmdb: The MaxMind DB file contains invalid metadata"
says err "$PWD/cut.mmdb: The MaxMind DB file contains invalid metadata"
says err "$PWD/fifo.mmdb is no file"
says err 'unknown key of geo "place"; known are: databases'

# a journey that nobody makes; who owns the address it came from
at() { date -u -d "2026-10-12T08:00:00Z + $1 minutes" +%FT%TZ; }
log_in() { echo "<166>$(at "$1") fw1 %ASA-6-113039: Group <staff> User <$2> IP <$3> AnyConnect parent session started."; }
{
    log_in 0 alice 198.51.100.7
    log_in 0 bob 198.51.100.8
    for n in $(seq 2 4 100); do log_in "$n" carol 192.0.2.77; done
    log_in 100 alice 203.0.113.9
    log_in 100 bob 192.0.2.9
} >vpn.log
exits 0 "$FIREWATCH" replay -r "$RULES" -p policy.yaml --only vpn_login vpn.log
[ "$(wc -l <out)" = 1 ] || { cat out; failed=1; }
says out "alice logged in from 203.0.113.9, 8917 km from 198.51.100.7, where the log-in before came from"
says out '"source":{"ip":"203.0.113.9","geo":{"country_iso_code":"JP"},"as":{"number":64511,"organization":{"name":"Example \"Networks\" of the Documentation"}}}'
"$TOP/tests/schema.py" "$TOP/schema/firewatch-finding.schema.json" out || failed=1
exits 0 "$FIREWATCH" replay -r "$RULES" --only vpn_login vpn.log
[ ! -s out ] || { cat out; failed=1; }

# damage within the file answers nothing, and harms nothing
for at in 0 10 100 200 300 400 500 600 700; do
    cp city.mmdb damaged.mmdb
    printf '\377\377\377\377' | dd of=damaged.mmdb bs=1 seek="$at" conv=notrunc 2>/dev/null
    printf 'geo: {databases: [%s/damaged.mmdb]}\n' "$PWD" >damaged.yaml
    "$FIREWATCH" replay -r "$RULES" -p damaged.yaml --only vpn_login vpn.log >out 2>err
    [ $? -lt 2 ] || { cat err; failed=1; }
done
exit $failed
