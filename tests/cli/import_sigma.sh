#!/bin/bash
# firewatch import sigma: what can be said becomes rules that find it and nothing else; the rest is named.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
RULES=$SRCDIR/rulebase/firewatch.rulebase # lines of several devices
cat >s.yml <<'C'
title: web scanner's agent
name: scanner
logsource: {category: webserver}
detection:
  sel: {c-useragent|contains: [scanner, nikto]}
  ok: {c-uri-stem: /health}
  condition: sel and not ok
level: high
tags: [attack.t1595.002, attack.reconnaissance]
---
title: not found
name: nf
logsource: {category: webserver}
detection:
  sel: {sc-status: 404}
  condition: sel
---
title: many not found
correlation:
  type: event_count
  rules: [nf]
  group-by: [c-ip]
  timespan: 1m
  condition: {gte: 3}
---
title: tells names
name: txt
logsource: {category: dns}
detection: {sel: {query|endswith: .example.net}, condition: 1 of sel*}
---
title: many names
correlation: {type: value_count, rules: [txt], group-by: [src_ip], timespan: 5m, condition: {gt: 1, field: query}}
---
title: dns then web
correlation: {type: temporal_ordered, rules: [txt, nf], group-by: [ip], aliases: {ip: {txt: src_ip, nf: c-ip}}, timespan: 5m}
---
title: processes
name: proc
logsource: {category: process_creation, product: windows}
detection: {sel: {Image: a}, condition: sel}
---
title: coded
logsource: {category: proxy}
detection: {sel: {c-uri|base64: a}, condition: sel}
---
title: median
correlation: {type: value_median, rules: [nf], timespan: 1m, condition: {gte: 1, field: sc-bytes}}
---
title: needs proc
correlation: {type: event_count, rules: [proc], timespan: 1m, condition: {gte: 2}}
---
title: few
correlation: {type: event_count, rules: [nf], timespan: 1m, condition: {lt: 2}}
C
cat >some.log <<'L'
<190>Oct 12 08:00:00 web1 nginx: 192.0.2.10 - - [12/Oct/2026:08:00:00 +0000] "GET /a HTTP/1.1" 404 196 "-" "Scanner"
<190>Oct 12 08:00:01 web1 nginx: 192.0.2.10 - - [12/Oct/2026:08:00:01 +0000] "GET /health?x HTTP/1.1" 200 196 "-" "Scanner"
<190>Oct 12 08:00:02 web1 nginx: 192.0.2.10 - - [12/Oct/2026:08:00:02 +0000] "GET /b HTTP/1.1" 404 196 "-" "x"
<190>Oct 12 08:00:03 web1 nginx: 192.0.2.10 - - [12/Oct/2026:08:00:03 +0000] "GET /c HTTP/1.1" 404 196 "-" "x"
<190>Oct 12 08:00:04 web1 nginx: 192.0.2.11 - - [12/Oct/2026:08:00:04 +0000] "GET /c HTTP/1.1" 404 196 "-" "x"
<30>Oct 12 08:01:00 gw dnsmasq[811]: query[A] a.example.net from 10.0.1.20
<30>Oct 12 08:01:01 gw dnsmasq[811]: query[A] a.example.net from 10.0.1.20
<30>Oct 12 08:01:02 gw dnsmasq[811]: query[A] b.example.net from 10.0.1.20
<30>Oct 12 08:01:03 gw dnsmasq[811]: query[A] b.example.org from 10.0.1.21
<190>Oct 12 08:01:04 web1 nginx: 10.0.1.20 - - [12/Oct/2026:08:01:04 +0000] "GET /c HTTP/1.1" 404 196 "-" "x"
L
exits 1 "$FIREWATCH" import sigma s.yml
cp out rules.yaml
cat >refused <<'E'
s.yml:39: "processes" is left out: category "process_creation"; rules of firewall, proxy, dns and webserver can be mapped
s.yml:39: "processes" is left out: logsource: "product" has no counterpart
s.yml:44: "coded" is left out: modifier "base64" has no counterpart
s.yml:47: "median" is left out: correlation of type "value_median" has no counterpart
s.yml:50: "needs proc" is left out: it needs "proc", which is left out
s.yml:53: "few" is left out: condition: only "gt" or "gte" with a number can be mapped
s.yml:53: "few" is left out: condition: a number from 1 to 512 can be mapped
E
same refused err
exits 0 "$FIREWATCH" check -r "$RULES" -p rules.yaml
"$FIREWATCH" replay -r "$RULES" --reference 2026-12-31T00:00:00Z -p rules.yaml --text some.log 2>/dev/null |
    sed -n 's/^\(sigma_[a-z_]* open: [0-9.]*\).*/\1/p' | sort >found
printf '%s\n' 'sigma_dns_then_web open: 10.0.1.20' 'sigma_many_names open: 10.0.1.20' \
    'sigma_many_not_found open: 192.0.2.10' 'sigma_scanner open: ' >wanted
same wanted found
exits 2 "$FIREWATCH" import sigma missing.yml
exit $failed
