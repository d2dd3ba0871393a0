#!/bin/bash
# Counters by impstats, through Prometheus's node exporter: a scrape, read by Prometheus's own parser, has the numbers that
# the command counts on the same log.
# shellcheck source=tests/destinations/lib.sh
. "$(dirname "$0")/lib.sh"

command -v prometheus-node-exporter >/dev/null || skip "prometheus-node-exporter is not installed"
"$PYTHON" -c 'import prometheus_client' 2>/dev/null || skip "python3-prometheus-client is not installed"
mkdir metrics
{
    base
    sed -e "s|/usr/local/sbin/firewatch-prometheus /var/lib/prometheus/node-exporter/|$EXAMPLES/firewatch-prometheus $WORK/metrics/|" \
        -e 's|interval="30"|interval="1"|' "$EXAMPLES/prometheus.conf"
} >rsyslog.conf
begin
feed
port=$(free_port)
server prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$WORK/metrics"
cat >scrape.py <<'PY'
import json, subprocess, sys, time, urllib.request
from prometheus_client.parser import text_string_to_metric_families
text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=5).read().decode()
got = {(s.name, tuple(sorted(s.labels.items()))): s.value for f in text_string_to_metric_families(text) for s in f.samples}
counted = json.loads(subprocess.run(sys.argv[2:], capture_output=True, text=True, check=True).stderr.splitlines()[-1])
engine = (("engine", "site"),)
for counter in ("lines_received", "lines_unparsed", "events_observed", "events_flow_deny", "findings_opened", "documents_written"):
    assert got["firewatch_" + counter + "_total", engine] == counted[counter], (counter, counted[counter])
for name, detector in counted["detectors"].items():
    labels = (("detector", name),) + engine
    assert got["firewatch_detector_held", labels] == detector["held"], (name, detector)
assert got["firewatch_queue_enqueued_total", (("queue", "firewatch_findings"),)] == counted["documents_written"]
assert got["firewatch_queue_discarded_full_total", (("queue", "firewatch_findings"),)] == 0
assert abs(got["firewatch_told_seconds", ()] - time.time()) < 60
assert got["node_textfile_scrape_error", ()] == 0
PY
scrape() {
    "$PYTHON" scrape.py "$port" "$FIREWATCH" replay --stats -r "$RULES" "$LINES_LOG"
}
wait_for 10 scrape || fail "$(scrape 2>&1 | tail -n 3; grep -h firewatch_lines metrics/*)"
stop
! grep -i 'omfirewatch\|omprog' internal rsyslogd.log || fail "complaints"
