#!/bin/bash
# firewatch import sigma: what can be said becomes rules that find it and nothing else; the rest is named.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
RULES=$SRCDIR/rulebase/firewatch.rulebase # lines of several devices

# lines EXPECTED: on stdin lines with what is to be found in each and a TAB before them. N seconds after eight, the N-th:
# TIME and EPOCH stand for that. Writes some.log, and what is expected to EXPECTED, "08:00:07 sigma_a".
lines() {
    awk -F '\t' -v expected="$1" -v epoch=1791792000 '{
        time = sprintf("08:%02d:%02d", NR / 60, NR % 60)
        n = split($1, ids, " ")
        for (i = 1; i <= n; i++)
            if (ids[i] != "-")
                print time " sigma_" ids[i] >expected
        gsub("TIME", time, $2)
        gsub("EPOCH", epoch + NR, $2)
        print $2
    }' >some.log
    sort -o "$1" "$1"
}
# opened POLICY: the rules whose findings opened in some.log, with the time of the line
opened() {
    exits 0 "$FIREWATCH" check -r "$RULES" -p "$1"
    printf 'limits:\n  findings_per_minute: 6000\n' | cat "$1" - >limited.yaml
    "$FIREWATCH" replay -r "$RULES" --reference 2026-12-31T00:00:00Z -p limited.yaml some.log 2>/dev/null >documents
    grep '"action":"finding-open"' documents |
        sed -n 's/.*"start":"[^"]*T\([0-9:]*\)\..*"rule":{"id":"\(sigma_[a-z0-9_]*\)".*/\1 \2/p' | sort
}

# ---- single rules of each category: what fires on each line
cat >firewall.yml <<'C'
title: clear text
name: cleartext
logsource: {category: firewall}
detection:
  ports: {dst_port: [21, '23']}
  passed: {action: [forward, accept, 2]}
  flagged: {blocked: 'false'}
  inside: {dst_ip|cidr: [10.0.0.0/8, 'fd00::/8']}
  condition: ports and 1 of passed* and flagged and not inside
---
title: chat
name: chat
logsource: {category: firewall}
detection:
  sel: {dst_port|gte: 6660, protocol: tcp}
  upto: {dst_port|lte: 6669}
  condition: all of them
---
title: a neighbour
name: neighbour
logsource: {category: firewall, definition: none is needed}
detection:
  to: {dst_ip|startswith: 203.0.113.}
  from: {src_ip: '10.1.2.*'}
  condition: to and not from
---
title: a user who is not the backup
name: people
logsource: {category: firewall}
detection: {sel: {username|exists: true, username|neq: [backup, 'svc*']}, condition: sel}
---
title: refused, in ECS
name: ecs
taxonomy: ecs
logsource: {category: firewall}
detection: {sel: {destination.port: 445, event.action: drop, network.transport: TCP}, condition: sel}
C
cat >proxy.yml <<'C'
title: programs
name: exe
logsource: {category: proxy}
detection:
  sel: {c-uri-extension: [exe, 'sc?']}
  small: {sc-bytes|lt: 1000}
  condition: sel and not small
---
title: address as name
name: byaddress
logsource: {category: proxy}
detection: {sel: {c-uri|re: '^https?://\d+\.\d+\.\d+\.\d+[/:]'}, condition: sel}
---
title: paste
name: paste
logsource: {category: proxy}
detection:
  host: {cs-host|endswith: [.paste.example, paste.example.net]}
  stem: {c-uri-stem|startswith: /raw/}
  query: {c-uri-query|contains|all: ['id=', 'key=']}
  condition: host and (stem or query)
---
title: script
name: script
logsource: {category: proxy}
detection:
  agent: {c-useragent|startswith: ['curl/', 'Wget/']}
  both: {c-useragent|contains|all: [power, shell]}
  none: {c-useragent: null, cs-method: POST}
  condition: agent or both or none
---
title: refused by the proxy
name: refused
logsource: {category: proxy}
detection: {sel: {sc-status: '40?', dst_ip: '*'}, condition: sel}
---
title: hidden words
name: coded
logsource: {category: proxy}
detection: {sel: {c-uri|base64offset|contains: whoami}, wide: {c-uri|wide|base64|contains: whoami}, condition: 1 of them}
---
title: hidden, from the beginning
name: coded_whole
logsource: {category: proxy}
detection: {sel: {c-uri|base64|contains: whoami}, condition: sel}
C
cat >dns.yml <<'C'
title: names of a tunnel
name: tunnel
logsource: {category: dns}
detection:
  sel: {query|endswith: .tunnel.example, record_type: [TXT, 'NULL']}
  condition: sel
---
title: made up
name: made_up
logsource: {category: dns}
detection: {sel: {query|re|i: '^[a-z0-9]{20,}\.'}, condition: sel}
---
title: wildcards
name: wild
logsource: {category: dns}
detection: {sel: {query|contains: 'st?ge*evil'}, condition: sel}
---
title: rebinding
name: rebinding
logsource: {category: dns}
detection: {sel: {answer|cidr: 10.0.0.0/8}, known: {query|endswith: .example.net}, condition: sel and not known}
C
cat >web.yml <<'C'
title: web scanner's {agent}
name: agent
logsource: {category: webserver}
detection:
  sel: {cs-user-agent|contains: [scanner, nikto]}
  ok: {cs-uri-stem: /health}
  condition: sel and not ok
level: high
tags: [attack.t1595.002, attack.reconnaissance]
---
title: the same in the URL
name: inurl
logsource: {category: webserver}
detection: {sel: {cs-uri-stem|contains: /scanner}, condition: sel}
---
title: a path as a query
name: traversal
logsource: {category: webserver}
detection: {sel: {cs-uri-query|contains: [/../, '%2e%2e/']}, condition: sel}
---
title: a query as such
name: command
logsource: {category: webserver}
detection:
  sel: {cs-uri-query|startswith: [cmd=, exec=]}
  path: {cs-uri-query|startswith: /cgi-bin/}
  condition:
    - sel
    - path
---
title: no query
name: noquery
logsource: {category: webserver}
detection: {sel: {cs-uri-stem|endswith: .jsp, cs-uri-query: null}, condition: sel}
---
title: words
name: words
logsource: {category: webserver}
detection: {keywords: [union select, 'UNION*SELECT'], filter: {cs-method: HEAD}, condition: keywords and not filter}
---
title: all words
name: allwords
logsource: {category: webserver}
detection: {keywords: {'|all': [DELETE, 204, admin]}, condition: keywords}
---
title: big and small
name: cased
logsource: {category: webserver}
detection: {sel: {cs-uri-stem|contains|cased: Secret}, condition: sel}
---
title: a host
name: byhost
logsource: {category: webserver}
detection: {sel: {cs-host|startswith: intern.}, condition: sel}
---
title: without a referrer, by nobody, in vain
name: vain
logsource: {category: webserver}
detection:
  sel: {cs-referer: '', sc-status: '5*'}
  somebody: {cs-username|exists: 'yes'}
  condition: sel and not somebody
C
exits 0 "$FIREWATCH" import sigma firewall.yml proxy.yml dns.yml web.yml
silent err
cp out rules.yaml
nf='<4>Oct 12 TIME fw1 kernel: [1000.000001]'
tcp='LEN=60 TOS=0x00 PREC=0x00 TTL=52 ID=1 DF PROTO=TCP SPT=40000'
asa='<166>Oct 12 TIME fw2 %ASA-6-302013: Built inbound TCP connection 1 for outside:192.0.2.10/51000 (192.0.2.10/51000)'
squid='EPOCH.100     84 10.1.0.18'
px='<190>Oct 12 TIME px1 squid: 10.1.0.18 - - [12/Oct/2026:TIME +0000]'
dnsmasq='<30>Oct 12 TIME gw dnsmasq[811]:'
named='<30>Oct 12 TIME ns1 named[811]: client @0x7f21c80a1c40 10.0.1.20#51234'
nginx='<190>Oct 12 TIME web1 nginx: 192.0.2.10'
apache='<190>Oct 12 TIME web1 apache2: 2001:db8::10'
at='[12/Oct/2026:TIME +0000]'
lines expected <<L
cleartext	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=23 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-DROP: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=23 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=10.2.2.9 $tcp DPT=23 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=24 WINDOW=64240 RES=0x00 SYN URGP=0 
chat	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=6667 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=6670 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 LEN=60 TOS=0x00 PREC=0x00 TTL=52 ID=1 DF PROTO=UDP SPT=40000 DPT=6667 LEN=40 
neighbour	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.3.3 DST=203.0.113.9 $tcp DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=203.0.113.9 $tcp DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.3.3 DST=203.0.114.9 $tcp DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 
ecs	$nf FWD-DROP: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0 
-	$nf FWD-ACCEPT: IN=eth0 OUT=eth1 SRC=10.1.2.3 DST=192.0.2.9 $tcp DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0 
people	$asa to dmz:10.0.8.25/25 (198.51.100.25/25) (alice)
-	$asa to dmz:10.0.8.25/25 (198.51.100.25/25) (svc_scan)
-	$asa to dmz:10.0.8.25/25 (198.51.100.25/25)
cleartext	$asa to dmz:172.16.8.25/21 (198.51.100.25/21)
exe	$squid TCP_MISS/200 5120 GET http://www.example.org/a/b.exe?c=d.txt - HIER_DIRECT/203.0.113.7 text/html
exe	$squid TCP_MISS/200 5120 GET http://www.example.org/b.c/B.SCR - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 512 GET http://www.example.org/a/b.exe - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://www.example.org/a/b.txt?c=d.exe - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://www.example.org/a.exe/b - HIER_DIRECT/203.0.113.7 text/html
byaddress	$squid TCP_MISS/200 5120 GET http://198.51.100.1/b - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://198.51.100.1.example.org/b - HIER_DIRECT/203.0.113.7 text/html
paste	$squid TCP_MISS/200 5120 GET http://a.Paste.example/raw/x - HIER_DIRECT/203.0.113.7 text/html
paste	$squid TCP_MISS/200 5120 GET http://paste.example.net/a?key=1&id=2 - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://paste.example.net/a?key=1 - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://paste.example.net/id=/key=?x - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://www.example.org/raw/?id=1&key=2&h=paste.example - HIER_DIRECT/203.0.113.7 text/html
script	$px "GET http://www.example.org/ HTTP/1.1" 200 1234 "-" "CURL/8.0" TCP_MISS:HIER_DIRECT
script	$px "GET http://www.example.org/ HTTP/1.1" 200 1234 "-" "Windows PowerShell" TCP_MISS:HIER_DIRECT
script	$px "POST http://www.example.org/ HTTP/1.1" 200 1234 "-" "-" TCP_MISS:HIER_DIRECT
-	$px "GET http://www.example.org/ HTTP/1.1" 200 1234 "-" "-" TCP_MISS:HIER_DIRECT
-	$px "POST http://www.example.org/ HTTP/1.1" 200 1234 "-" "not curl/8.0" TCP_MISS:HIER_DIRECT
refused	$squid TCP_DENIED/403 5120 GET http://www.example.org/ - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_DENIED/403 5120 GET http://www.example.org/ - HIER_NONE/- text/html
-	$squid TCP_MISS/410 5120 GET http://www.example.org/ - HIER_DIRECT/203.0.113.7 text/html
coded coded_whole	$squid TCP_MISS/200 5120 GET http://www.example.org/?d=$(printf whoami | base64) - HIER_DIRECT/203.0.113.7 text/html
coded	$squid TCP_MISS/200 5120 GET http://www.example.org/?d=$(printf ';whoami;b' | base64) - HIER_DIRECT/203.0.113.7 text/html
coded	$squid TCP_MISS/200 5120 GET http://www.example.org/?d=$(printf 'b whoami b' | base64 | tr -d =) - HIER_DIRECT/203.0.113.7 text/html
coded	$squid TCP_MISS/200 5120 GET http://www.example.org/?d=$(printf 'w\0h\0o\0a\0m\0i\0' | base64) - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://www.example.org/?d=$(printf 'who am i?' | base64) - HIER_DIRECT/203.0.113.7 text/html
-	$squid TCP_MISS/200 5120 GET http://www.example.org/?d=whoami - HIER_DIRECT/203.0.113.7 text/html
tunnel	$dnsmasq query[TXT] a.tunnel.example from 10.0.1.20
-	$dnsmasq query[A] a.tunnel.example from 10.0.1.20
-	$dnsmasq query[TXT] a.tunnel.example.org from 10.0.1.20
tunnel made_up	$named (x): query: ABCDEFGHIJKLMNOPQRSTUV.tunnel.example IN NULL + (10.0.8.53)
made_up	$named (x): query: 0123456789abcdefghij.example IN A + (10.0.8.53)
-	$named (x): query: a.0123456789abcdefghij.example IN A + (10.0.8.53)
wild	$named (x): query: x.stage.very.evil.example IN A + (10.0.8.53)
-	$named (x): query: x.stge.very.evil.example IN A + (10.0.8.53)
rebinding	$dnsmasq reply www.example.org is 10.0.0.7
-	$dnsmasq reply www.example.net is 10.0.0.7
-	$dnsmasq reply www.example.org is 203.0.113.80
agent	$nginx - - $at "GET /a HTTP/1.1" 200 196 "-" "Scanner"
-	$nginx - - $at "GET /health?x HTTP/1.1" 200 196 "-" "Scanner"
inurl	$nginx - - $at "GET /a/Scanner HTTP/1.1" 200 196 "-" "x"
agent	$nginx - - $at "GET /a?/scanner HTTP/1.1" 200 196 "-" "/scanner"
agent	$nginx - - $at "GET /healthy HTTP/1.1" 200 196 "-" "nikto/2"
traversal	$apache - - $at "GET /a/../b HTTP/1.1" 200 196 "-" "x"
traversal	$apache - - $at "GET /a?b=%2E%2e/b HTTP/1.1" 200 196 "-" "x"
-	$apache - - $at "GET /a/..b HTTP/1.1" 200 196 "http://www.example.com/../" "x"
command	$nginx - - $at "GET /a?cmd=id HTTP/1.1" 200 196 "-" "x"
command	$nginx - - $at "GET /CGI-bin/id HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /a?b=c&cmd=id HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /cmd=id HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /a/cgi-bin/id HTTP/1.1" 200 196 "-" "x"
noquery	$nginx - - $at "GET /a.jsp HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /a.jsp?b HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /a.jsp/b HTTP/1.1" 200 196 "-" "x"
words	$nginx - - $at "GET /a?q=1+union+all+select HTTP/1.1" 200 196 "-" "x"
words	$nginx - - $at "GET /a HTTP/1.1" 200 196 "-" "Union Select"
-	$nginx - - $at "HEAD /a?q=1+union+all+select HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /a?q=select+union HTTP/1.1" 200 196 "-" "x"
allwords	$nginx - - $at "DELETE /admin HTTP/1.1" 204 196 "-" "x"
-	$nginx - - $at "DELETE /admin HTTP/1.1" 200 196 "-" "x"
cased	$nginx - - $at "GET /a/Secrets HTTP/1.1" 200 196 "-" "x"
-	$nginx - - $at "GET /a/secrets HTTP/1.1" 200 196 "-" "x"
vain	$nginx - - $at "GET /a HTTP/1.1" 503 196 "-" "x"
-	$nginx - - $at "GET /a HTTP/1.1" 403 196 "-" "x"
-	$nginx - alice $at "GET /a HTTP/1.1" 503 196 "-" "x"
-	$nginx - - $at "GET /a HTTP/1.1" 503 196 "http://www.example.com/" "x"
byhost	<190>Oct 12 TIME web1 apache2: intern.example.com:443 2001:db8::10 - - $at "GET /c HTTP/1.1" 200 196 "-" "x"
-	<190>Oct 12 TIME web1 apache2: www.example.com:443 2001:db8::10 - - $at "GET /c HTTP/1.1" 200 196 "-" "x"
L
opened rules.yaml >found
same expected found
# who it was is said, and what it was
says documents '"message":"sigma_agent open: 192.0.2.10: web scanner'\''s {agent}: \/a"'
says documents '"source":{"ip":"192.0.2.10"}'
says rules.yaml 'attack: [T1595.002]'
says rules.yaml 'severity: error'

# ---- correlations: each finds its group, and none that is too small, too slow, another's or in another order
cat >correlations.yml <<'C'
title: not found
name: nf
id: 11111111-2222-4333-8444-555555555555
logsource: {category: webserver}
detection: {sel: {sc-status: 404}, condition: sel}
---
title: told as well
name: denied
logsource: {category: firewall}
detection: {sel: {action: deny}, condition: sel}
---
title: asks
name: txt
logsource: {category: dns}
detection: {sel: {query|endswith: .example.net}, condition: sel}
---
title: gets
name: got
logsource: {category: proxy}
detection: {sel: {c-uri|contains: /files/}, condition: sel}
---
title: many not found
correlation: {type: event_count, rules: [11111111-2222-4333-8444-555555555555], group-by: [c-ip], timespan: 1m, condition: {gte: 3}}
---
title: many of both
correlation: {type: event_count, rules: [nf, txt], group-by: [source.ip], timespan: 1m, condition: {gt: 3}}
---
title: many ports
correlation: {type: value_count, rules: [denied], group-by: [src_ip, dst_ip], timespan: 5m, condition: {gte: 3, field: dst_port}}
generate: true
---
title: much
correlation: {type: value_sum, rules: got, group-by: src_ip, timespan: 10m, condition: {field: sc-bytes, gt: 9999}}
---
title: in any order
correlation: {type: temporal, rules: [txt, got], group-by: [src_ip], timespan: 1m}
---
title: asked then got
correlation:
  type: temporal_ordered
  rules: [txt, nf, denied]
  group-by: [who]
  aliases: {who: {txt: src_ip, nf: c-ip, denied: dst_ip}}
  timespan: 1m
level: critical
C
exits 0 "$FIREWATCH" import sigma correlations.yml
silent err
cp out rules.yaml
w() { echo "<190>Oct 12 08:$1 web1 nginx: $2 - - [12/Oct/2026:08:$1 +0000] \"GET /c HTTP/1.1\" ${3:-404} 196 \"-\" \"x\""; }
d() { echo "<30>Oct 12 08:$1 gw dnsmasq[811]: query[A] $3 from $2"; }
f() { echo "<4>Oct 12 08:$1 fw1 kernel: [1000.000001] ${5:-FWD-DROP}: IN=eth0 OUT=eth1 SRC=$2 DST=$3 $tcp DPT=$4 WINDOW=64240 RES=0x00 SYN URGP=0 "; }
p() { echo "<190>Oct 12 08:$1 px1 squid: $2 - - [12/Oct/2026:08:$1 +0000] \"GET http://www.example.org/$3 HTTP/1.1\" 200 $4 \"-\" \"x\" TCP_MISS:HIER_DIRECT"; }
{
    w 00:01 192.0.2.1 && w 00:02 192.0.2.1 && w 00:03 192.0.2.1 # many not found
    w 00:04 192.0.2.2 && w 00:05 192.0.2.2 200 && w 00:06 192.0.2.2 && w 01:30 192.0.2.2
    w 01:40 192.0.2.3 && w 01:41 192.0.2.3 && d 01:42 192.0.2.3 a.example.net && d 01:43 192.0.2.3 a.example.net # both
    d 01:44 192.0.2.4 a.example.net && d 01:45 192.0.2.4 a.example.net && d 01:46 192.0.2.4 b.example.org
    f 02:00 192.0.2.5 10.0.0.1 22 && f 02:01 192.0.2.5 10.0.0.1 23 && f 02:02 192.0.2.5 10.0.0.1 24 # ports
    f 02:03 192.0.2.6 10.0.0.1 22 && f 02:04 192.0.2.6 10.0.0.1 22 && f 02:05 192.0.2.6 10.0.0.2 23 && f 02:06 192.0.2.6 10.0.0.1 24
    f 02:07 192.0.2.6 10.0.0.1 25 FWD-ACCEPT
    p 03:00 10.0.1.1 files/a 5000 && p 03:10 10.0.1.1 files/b 5000 # much
    p 03:11 10.0.1.2 files/a 5000 && p 03:12 10.0.1.2 other/a 5000 && p 03:13 10.0.1.3 files/b 4999
    p 04:00 10.0.1.4 files/a 50 && d 04:20 10.0.1.4 a.example.net # any order
    p 04:21 10.0.1.5 files/a 50 && d 05:30 10.0.1.5 a.example.net && d 05:31 10.0.1.6 a.example.org
    d 06:00 10.0.1.7 a.example.net && w 06:10 10.0.1.7 && f 06:20 192.0.2.7 10.0.1.7 80 # asked then got
    w 06:30 10.0.1.8 && d 06:31 10.0.1.8 a.example.net && f 06:32 192.0.2.8 10.0.1.8 80
    d 06:40 10.0.1.9 a.example.net && w 06:41 10.0.1.9 && f 06:42 10.0.1.9 192.0.2.8 80
} >some.log
opened rules.yaml >/dev/null
sed -n 's/.*"message":"\(sigma_[a-z_]*\) open: \([^:]*\): .*/\1 \2/p' documents | sort >found
{
    printf 'sigma_%s\n' 'asked_then_got 10.0.1.7' 'in_any_order 10.0.1.4' 'many_not_found 192.0.2.1' \
        'many_of_both 192.0.2.3' 'many_ports 192.0.2.5, 10.0.0.1' 'much 10.0.1.1'
    # generate: these are told one by one
    sed -n 's/.*FWD-DROP.*SRC=\([^ ]*\) DST=\([0-9.]*\).*/sigma_denied \1, \2/p' some.log
} | sort >wanted
same wanted found

# ---- what has no counterpart is named with its place, and its rule is left out
cat >s.yml <<'C'
title: processes
name: proc
logsource: {category: process_creation, product: windows}
detection: {sel: {Image: a}, condition: sel}
---
title: of a product
logsource: {category: webserver, product: apache}
detection: {sel: {c-ip: 192.0.2.1}, condition: sel}
---
title: modifiers
logsource: {category: proxy}
detection:
  sel:
    c-uri|windash: a
    dst_port|contains: 8
    c-uri-stem|re: a
    dst_ip|endswith: .1
    c-uri|base64: a
  condition: sel
---
title: values
logsource: {category: firewall}
detection:
  sel:
    dst_port: '80*'
    src_ip: '10.1*'
    dst_ip|cidr: 10.0.0.0/x
    protocol: ftp
    action: [allow, deny, 2]
    username|re: '(a'
    cs-host: a
    blocked: maybe
    username: []
  condition: sel
---
title: old
logsource: {category: proxy}
detection: {sel: {c-uri: a}, timeframe: 1m, condition: sel | count() by c-ip > 3}
---
title: broken
logsource: {category: proxy}
detection: {sel: {c-uri: a}, condition: (sel and more}
---
title: median
correlation: {type: value_median, rules: [only], timespan: 1m, condition: {gte: 1, field: sc-bytes}}
---
title: counted by nobody
name: only
logsource: {category: proxy}
detection: {sel: {c-uri: a}, condition: sel}
---
title: few
name: few
correlation: {type: event_count, rules: [only], timespan: 1m, condition: {lt: 2}}
---
title: needs proc
correlation: {type: event_count, rules: [proc, none, few], group-by: [a, b, c, d, e], timespan: 1M, condition: {gte: 2}}
---
title: several
correlation: {type: value_sum, rules: [only], group-by: [c-uri-query, c-ip, s-ip, s-port, cs-host], timespan: 1m, condition: {gte: 2, field: cs-host}}
---
title: half an alias
correlation: {type: temporal, rules: [only, fine], group-by: [who], aliases: {who: {only: c-ip}}, timespan: 1m}
---
title: too many
correlation: {type: event_count, rules: [fine], timespan: 1m, condition: {gte: 1000}}
---
title: it is fine
name: fine
logsource: {category: proxy}
detection: {sel: {c-uri: a}, condition: sel}
---
title: alone
correlation: {type: temporal, rules: [fine], timespan: 1m}
generate: true
---
just: this
C
exits 1 "$FIREWATCH" import sigma s.yml
cat >refused <<'E'
s.yml:3:12: "processes" is left out: category "process_creation"; rules of firewall, proxy, dns and webserver can be mapped
s.yml:7:43: "of a product" is left out: logsource: "product" has no counterpart
s.yml:14:5: "modifiers" is left out: modifier "windash" has no counterpart
s.yml:15:5: "modifiers" is left out: these modifiers do not go with the field: "dst_port|contains"; a number takes gt, gte, lt, lte, exists and neq
s.yml:16:5: "modifiers" is left out: these modifiers do not go with the field: "c-uri-stem|re"; a part of the URL takes contains, startswith, endswith, all, cased, exists and neq
s.yml:17:5: "modifiers" is left out: these modifiers do not go with the field: "dst_ip|endswith"; an address takes cidr, startswith, exists and neq
s.yml:18:5: "modifiers" is left out: these modifiers do not go with the field: "c-uri|base64"; a text takes contains, startswith or endswith with all and cased, re with i, m and s, exists, neq, and before contains wide, base64 and base64offset
s.yml:25:15: "values" is left out: value "80*" of "dst_port" cannot be mapped; it must be a number
s.yml:26:13: "values" is left out: value "10.1*" of "src_ip" cannot be mapped; it must be an address, a network, or how one begins up to a point: 10.1.*
s.yml:27:18: "values" is left out: value "10.0.0.0/x" of "dst_ip" cannot be mapped; it must be an address, a network, or how one begins up to a point: 10.1.*
s.yml:28:15: "values" is left out: value "ftp" of "protocol" cannot be mapped; it must be tcp, udp, icmp, gre, esp, sctp, ipv6-icmp, or a number
s.yml:29:27: "values" is left out: value "2" of "action" cannot be mapped; it must be allow, accept, permit, pass, forward, deny, block, drop or reject
s.yml:30:18: "values" is left out: value "(a" is no regular expression: missing closing parenthesis, at its character 3
s.yml:31:5: "values" is left out: field "cs-host" has no counterpart in events of this category
s.yml:32:14: "values" is left out: value "maybe" of "blocked" cannot be mapped; it must be true or false
s.yml:33:15: "values" is left out: an empty list: no value would do
s.yml:38:56: "old" is left out: condition at "|": aggregations are of old; say a correlation
s.yml:38:41: "old" is left out: timeframe: only a correlation counts in time
s.yml:42:41: "broken" is left out: condition at "more": there is no such selection
s.yml:77:1: "a rule without a title" is left out: it is neither a rule nor a correlation
s.yml:45:14: "median" is left out: correlation of type "value_median" has no counterpart; event_count, value_count, value_sum, temporal and temporal_ordered have
s.yml:54:79: "few" is left out: condition: only "gt" or "gte" with a number can be mapped
s.yml:57:42: "needs proc" is left out: it needs "proc", which is left out
s.yml:57:48: "needs proc" is left out: there is no rule "none" in what is read
s.yml:57:54: "needs proc" is left out: "few" is a correlation; only rules can be named
s.yml:57:14: "needs proc" is left out: timespan "1M"; from 1s to 366d can be mapped
s.yml:60:57: "several" is left out: group-by: a key has at most 4 fields
s.yml:60:58: "several" is left out: field "c-uri-query" is a part of the URL, and such cannot be counted
s.yml:60:142: "several" is left out: "cs-host" is nothing to add up
s.yml:63:84: "half an alias" is left out: alias "who": it names no field of "fine"
s.yml:66:14: "too many" is left out: condition: a number from 1 to 512 can be mapped
s.yml:74:14: "alone" is left out: it must want all of at least two rules
s.yml:47:1: "counted by nobody" is left out: the correlation that counts it is left out
E
same refused err
cp out rules.yaml # one was fine
exits 0 "$FIREWATCH" check -r "$RULES" -p rules.yaml
exits 2 "$FIREWATCH" detectors -p rules.yaml sigma_old
exits 0 "$FIREWATCH" detectors -p rules.yaml sigma_fine

# ---- files that are none, are large or deep; what the others hold comes all the same
rule() { printf 'title: %s\nname: %s\nlogsource: {category: proxy}\ndetection: {sel: {c-uri: %s}, condition: %s}\n' "$@"; }
times() { printf "%0$1d" 0 | sed "s|0|$2|g"; }
rule fine fine a sel >fine.yml
printf 'title: of another file\ncorrelation: {type: event_count, rules: [fine], timespan: 1m, condition: {gte: 2}}\n' >other.yml
exits 0 "$FIREWATCH" import sigma other.yml fine.yml
says out '  - id: sigma_of_another_file'
exits 2 "$FIREWATCH" import sigma missing.yml fine.yml
says err 'missing.yml: '
says out '  - id: sigma_fine'
head -c 3000 "$FIREWATCH" >binary.yml
rule deep deep "$(times 20 '[')$(times 20 ']')" sel >deep.yml
{ cat fine.yml && printf '#%06000000d\n' 0; } >large.yml
printf 'title: a\ntitle: b\n' >twice.yml
for file in binary deep large twice; do
    exits 2 "$FIREWATCH" import sigma $file.yml
    says err "$file.yml:"
    silent out
done
rule parentheses a a "$(times 9 '(')sel$(times 9 ')')" >many.yml
rule nots b a "$(times 9 'not ')sel" | sed '1i---' >>many.yml
rule long c "$(times 501 x)" sel | sed '1i---' >>many.yml
rule ors d "$(times 400 x)" "sel$(times 200 ' or sel')" | sed '1i---' >>many.yml
exits 1 "$FIREWATCH" import sigma many.yml
silent out
says err '"parentheses" is left out: condition at "(": too many parentheses'
says err '"nots" is left out: condition at "not": too deep'
says err '"long" is left out: value of "c-uri": it must be a text of one line, at most 500 bytes'
says err '"ors" is left out: longer than a policy takes'
for ((i = 0; i < 8200; i++)); do echo '--- {}'; done >documents.yml
exits 1 "$FIREWATCH" import sigma documents.yml
says err 'documents.yml:8193:5: this and all that follow is left out: more than 8192 rules'
exit $failed
