# Made by tools/sources.sh from the tree; ./autogen.sh runs it.

FW_CORE_SOURCES = \
    plugins/omfirewatch/core/addr.c \
    plugins/omfirewatch/core/addr.h \
    plugins/omfirewatch/core/ahead.c \
    plugins/omfirewatch/core/ahead.h \
    plugins/omfirewatch/core/app.c \
    plugins/omfirewatch/core/app.h \
    plugins/omfirewatch/core/apps.def \
    plugins/omfirewatch/core/bits.h \
    plugins/omfirewatch/core/block.c \
    plugins/omfirewatch/core/block.h \
    plugins/omfirewatch/core/calendar.c \
    plugins/omfirewatch/core/calendar.h \
    plugins/omfirewatch/core/clock.c \
    plugins/omfirewatch/core/clock.h \
    plugins/omfirewatch/core/counters.def \
    plugins/omfirewatch/core/distinct.c \
    plugins/omfirewatch/core/distinct.h \
    plugins/omfirewatch/core/document.c \
    plugins/omfirewatch/core/document.h \
    plugins/omfirewatch/core/engine.c \
    plugins/omfirewatch/core/engine.h \
    plugins/omfirewatch/core/engine_inside.h \
    plugins/omfirewatch/core/engine_news.c \
    plugins/omfirewatch/core/engine_open.c \
    plugins/omfirewatch/core/engine_pipe.c \
    plugins/omfirewatch/core/engine_state.c \
    plugins/omfirewatch/core/event.c \
    plugins/omfirewatch/core/event.h \
    plugins/omfirewatch/core/exception.c \
    plugins/omfirewatch/core/exception.h \
    plugins/omfirewatch/core/fields.def \
    plugins/omfirewatch/core/finding.c \
    plugins/omfirewatch/core/finding.h \
    plugins/omfirewatch/core/gate.c \
    plugins/omfirewatch/core/gate.h \
    plugins/omfirewatch/core/geo.c \
    plugins/omfirewatch/core/geo.h \
    plugins/omfirewatch/core/hash.c \
    plugins/omfirewatch/core/hash.h \
    plugins/omfirewatch/core/hold.c \
    plugins/omfirewatch/core/hold.h \
    plugins/omfirewatch/core/json.c \
    plugins/omfirewatch/core/json.h \
    plugins/omfirewatch/core/keyhash.c \
    plugins/omfirewatch/core/keyhash.h \
    plugins/omfirewatch/core/lists.c \
    plugins/omfirewatch/core/lists.h \
    plugins/omfirewatch/core/mem.c \
    plugins/omfirewatch/core/mem.h \
    plugins/omfirewatch/core/mute.c \
    plugins/omfirewatch/core/names.c \
    plugins/omfirewatch/core/names.h \
    plugins/omfirewatch/core/net.c \
    plugins/omfirewatch/core/notice.c \
    plugins/omfirewatch/core/notice.h \
    plugins/omfirewatch/core/pipe.c \
    plugins/omfirewatch/core/pipe.h \
    plugins/omfirewatch/core/problem.c \
    plugins/omfirewatch/core/problem.h \
    plugins/omfirewatch/core/register.c \
    plugins/omfirewatch/core/register.h \
    plugins/omfirewatch/core/register_state.c \
    plugins/omfirewatch/core/relation.h \
    plugins/omfirewatch/core/ruleset.h \
    plugins/omfirewatch/core/saturation.c \
    plugins/omfirewatch/core/saturation.h \
    plugins/omfirewatch/core/seen.c \
    plugins/omfirewatch/core/seen.h \
    plugins/omfirewatch/core/sensor.c \
    plugins/omfirewatch/core/sensor.h \
    plugins/omfirewatch/core/session.c \
    plugins/omfirewatch/core/session.h \
    plugins/omfirewatch/core/site.c \
    plugins/omfirewatch/core/site.h \
    plugins/omfirewatch/core/sketch.c \
    plugins/omfirewatch/core/sketch.h \
    plugins/omfirewatch/core/slab.c \
    plugins/omfirewatch/core/slab.h \
    plugins/omfirewatch/core/snapshot.c \
    plugins/omfirewatch/core/snapshot.h \
    plugins/omfirewatch/core/state.h \
    plugins/omfirewatch/core/storm.c \
    plugins/omfirewatch/core/storm.h \
    plugins/omfirewatch/core/table.c \
    plugins/omfirewatch/core/table.h \
    plugins/omfirewatch/core/table_inside.h \
    plugins/omfirewatch/core/table_state.c \
    plugins/omfirewatch/core/timing.c \
    plugins/omfirewatch/core/timing.h \
    plugins/omfirewatch/core/usage.c \
    plugins/omfirewatch/core/usage.h \
    plugins/omfirewatch/core/usage_inside.h \
    plugins/omfirewatch/core/usage_list.c \
    plugins/omfirewatch/core/usage_state.c \
    plugins/omfirewatch/core/zone.c \
    plugins/omfirewatch/core/zone.h

FW_DETECT_SOURCES = \
    plugins/omfirewatch/detect/attempt.c \
    plugins/omfirewatch/detect/attempt.h \
    plugins/omfirewatch/detect/beacon.h \
    plugins/omfirewatch/detect/beacon_key.c \
    plugins/omfirewatch/detect/beacon_say.c \
    plugins/omfirewatch/detect/crowd.c \
    plugins/omfirewatch/detect/crowd.h \
    plugins/omfirewatch/detect/det_addr_scan.c \
    plugins/omfirewatch/detect/det_beacon.c \
    plugins/omfirewatch/detect/det_bot_story.c \
    plugins/omfirewatch/detect/det_break_in.c \
    plugins/omfirewatch/detect/det_device_threat.c \
    plugins/omfirewatch/detect/det_dns_tunnel.c \
    plugins/omfirewatch/detect/det_exe_download.c \
    plugins/omfirewatch/detect/det_flood.c \
    plugins/omfirewatch/detect/det_hidden_nat.c \
    plugins/omfirewatch/detect/det_icmp_tunnel.c \
    plugins/omfirewatch/detect/det_im_user.c \
    plugins/omfirewatch/detect/det_infection_chain.c \
    plugins/omfirewatch/detect/det_irc_bot.c \
    plugins/omfirewatch/detect/det_long_tunnel.c \
    plugins/omfirewatch/detect/det_mass_mail.c \
    plugins/omfirewatch/detect/det_nonweb_on_web.c \
    plugins/omfirewatch/detect/det_overdue_user.c \
    plugins/omfirewatch/detect/det_p2p_user.c \
    plugins/omfirewatch/detect/det_password_crack.c \
    plugins/omfirewatch/detect/det_plague.c \
    plugins/omfirewatch/detect/det_port_scan.c \
    plugins/omfirewatch/detect/det_quiet_device.c \
    plugins/omfirewatch/detect/det_skype_user.c \
    plugins/omfirewatch/detect/det_slow_scan.c \
    plugins/omfirewatch/detect/det_ssh_tunnel.c \
    plugins/omfirewatch/detect/det_template.c \
    plugins/omfirewatch/detect/det_unusual_port.c \
    plugins/omfirewatch/detect/det_vpn_login.c \
    plugins/omfirewatch/detect/det_vpn_tunnel.c \
    plugins/omfirewatch/detect/det_worm.c \
    plugins/omfirewatch/detect/detector.h \
    plugins/omfirewatch/detect/download.c \
    plugins/omfirewatch/detect/download.h \
    plugins/omfirewatch/detect/download_list.c \
    plugins/omfirewatch/detect/download_list.h \
    plugins/omfirewatch/detect/fanout.c \
    plugins/omfirewatch/detect/fanout.h \
    plugins/omfirewatch/detect/keyed.c \
    plugins/omfirewatch/detect/keyed.h \
    plugins/omfirewatch/detect/lasting.c \
    plugins/omfirewatch/detect/lasting.h \
    plugins/omfirewatch/detect/lines.c \
    plugins/omfirewatch/detect/lines.h \
    plugins/omfirewatch/detect/rate.c \
    plugins/omfirewatch/detect/rate.h \
    plugins/omfirewatch/detect/registry.c \
    plugins/omfirewatch/detect/rhythm.c \
    plugins/omfirewatch/detect/rhythm.h \
    plugins/omfirewatch/detect/share.c \
    plugins/omfirewatch/detect/stay.c \
    plugins/omfirewatch/detect/stay.h \
    plugins/omfirewatch/detect/user.c \
    plugins/omfirewatch/detect/user.h \
    plugins/omfirewatch/detect/worm_ports.c \
    plugins/omfirewatch/detect/worm_ports.h

FW_PARSE_SOURCES = \
    plugins/omfirewatch/parse/annotate.c \
    plugins/omfirewatch/parse/contexts.c \
    plugins/omfirewatch/parse/contexts.h \
    plugins/omfirewatch/parse/convert.c \
    plugins/omfirewatch/parse/convert.h \
    plugins/omfirewatch/parse/event_json.c \
    plugins/omfirewatch/parse/event_json.h \
    plugins/omfirewatch/parse/header.c \
    plugins/omfirewatch/parse/header.h \
    plugins/omfirewatch/parse/layout.c \
    plugins/omfirewatch/parse/layout.h \
    plugins/omfirewatch/parse/layout_json.c \
    plugins/omfirewatch/parse/layout_value.c \
    plugins/omfirewatch/parse/layout_value.h \
    plugins/omfirewatch/parse/motif.c \
    plugins/omfirewatch/parse/motif.h \
    plugins/omfirewatch/parse/names.c \
    plugins/omfirewatch/parse/names.h \
    plugins/omfirewatch/parse/parser.c \
    plugins/omfirewatch/parse/parser.h \
    plugins/omfirewatch/parse/record.c \
    plugins/omfirewatch/parse/record.h \
    plugins/omfirewatch/parse/rule.c \
    plugins/omfirewatch/parse/rule_check.c \
    plugins/omfirewatch/parse/rulebase.c \
    plugins/omfirewatch/parse/rulebase.h \
    plugins/omfirewatch/parse/scan.c \
    plugins/omfirewatch/parse/scan.h \
    plugins/omfirewatch/parse/scan_asa.c \
    plugins/omfirewatch/parse/scan_cef.c \
    plugins/omfirewatch/parse/scan_checkpoint.c \
    plugins/omfirewatch/parse/scan_csv.c \
    plugins/omfirewatch/parse/scan_csv.h \
    plugins/omfirewatch/parse/scan_filterlog.c \
    plugins/omfirewatch/parse/scan_fortigate.c \
    plugins/omfirewatch/parse/scan_ftd.c \
    plugins/omfirewatch/parse/scan_junos.c \
    plugins/omfirewatch/parse/scan_kv.c \
    plugins/omfirewatch/parse/scan_kv.h \
    plugins/omfirewatch/parse/scan_meraki.c \
    plugins/omfirewatch/parse/scan_mikrotik.c \
    plugins/omfirewatch/parse/scan_netfilter.c \
    plugins/omfirewatch/parse/scan_netscaler.c \
    plugins/omfirewatch/parse/scan_paloalto.c \
    plugins/omfirewatch/parse/scan_pf.c \
    plugins/omfirewatch/parse/scan_sonicwall.c \
    plugins/omfirewatch/parse/scan_sophos.c \
    plugins/omfirewatch/parse/scan_squid.c \
    plugins/omfirewatch/parse/scan_watchguard.c \
    plugins/omfirewatch/parse/scan_winfw.c \
    plugins/omfirewatch/parse/scan_word.c \
    plugins/omfirewatch/parse/scan_word.h \
    plugins/omfirewatch/parse/scan_zyxel.c \
    plugins/omfirewatch/parse/stamp.c \
    plugins/omfirewatch/parse/stamp.h \
    plugins/omfirewatch/parse/verdict.c \
    plugins/omfirewatch/parse/verdict.h

FW_RULES_SOURCES = \
    plugins/omfirewatch/rules/absence.c \
    plugins/omfirewatch/rules/field.c \
    plugins/omfirewatch/rules/field.h \
    plugins/omfirewatch/rules/match.c \
    plugins/omfirewatch/rules/match.h \
    plugins/omfirewatch/rules/measure.c \
    plugins/omfirewatch/rules/needles.c \
    plugins/omfirewatch/rules/needles.h \
    plugins/omfirewatch/rules/pattern.c \
    plugins/omfirewatch/rules/pattern.h \
    plugins/omfirewatch/rules/rank.c \
    plugins/omfirewatch/rules/rule.c \
    plugins/omfirewatch/rules/rule.h \
    plugins/omfirewatch/rules/ruleset.c \
    plugins/omfirewatch/rules/ruleset.h \
    plugins/omfirewatch/rules/say.c \
    plugins/omfirewatch/rules/say.h \
    plugins/omfirewatch/rules/seen.c \
    plugins/omfirewatch/rules/sequence.c \
    plugins/omfirewatch/rules/times.c \
    plugins/omfirewatch/rules/times.h

FW_POLICY_SOURCES = \
    plugins/omfirewatch/policy/about.c \
    plugins/omfirewatch/policy/about.h \
    plugins/omfirewatch/policy/applications.c \
    plugins/omfirewatch/policy/build.c \
    plugins/omfirewatch/policy/detectors.c \
    plugins/omfirewatch/policy/entry.c \
    plugins/omfirewatch/policy/exceptions.c \
    plugins/omfirewatch/policy/geo.c \
    plugins/omfirewatch/policy/include.c \
    plugins/omfirewatch/policy/internal.h \
    plugins/omfirewatch/policy/limits.c \
    plugins/omfirewatch/policy/lists.c \
    plugins/omfirewatch/policy/nets.c \
    plugins/omfirewatch/policy/notes.c \
    plugins/omfirewatch/policy/policy.c \
    plugins/omfirewatch/policy/policy.h \
    plugins/omfirewatch/policy/print.c \
    plugins/omfirewatch/policy/print_entry.c \
    plugins/omfirewatch/policy/read.c \
    plugins/omfirewatch/policy/roles.c \
    plugins/omfirewatch/policy/rule_match.c \
    plugins/omfirewatch/policy/rule_parts.c \
    plugins/omfirewatch/policy/rule_parts.h \
    plugins/omfirewatch/policy/rule_text.c \
    plugins/omfirewatch/policy/rules.c \
    plugins/omfirewatch/policy/sensors.c \
    plugins/omfirewatch/policy/value.c \
    plugins/omfirewatch/policy/value.h \
    plugins/omfirewatch/policy/when.c \
    plugins/omfirewatch/policy/yaml.c \
    plugins/omfirewatch/policy/yaml.h \
    plugins/omfirewatch/policy/zonefile.c \
    plugins/omfirewatch/policy/zones.c

FW_HOST_SOURCES = \
    plugins/omfirewatch/host/pages.c \
    plugins/omfirewatch/host/pages.h

FW_STORE_SOURCES = \
    plugins/omfirewatch/store/journal.c \
    plugins/omfirewatch/store/journal.h \
    plugins/omfirewatch/store/store.c \
    plugins/omfirewatch/store/store.h

FW_CLI_SOURCES = \
    plugins/omfirewatch/cli/chain.c \
    plugins/omfirewatch/cli/chain.h \
    plugins/omfirewatch/cli/cli.c \
    plugins/omfirewatch/cli/cli.h \
    plugins/omfirewatch/cli/cmd_check.c \
    plugins/omfirewatch/cli/cmd_detectors.c \
    plugins/omfirewatch/cli/cmd_diff.c \
    plugins/omfirewatch/cli/cmd_explain.c \
    plugins/omfirewatch/cli/cmd_import.c \
    plugins/omfirewatch/cli/cmd_parse.c \
    plugins/omfirewatch/cli/cmd_replay.c \
    plugins/omfirewatch/cli/cmd_test.c \
    plugins/omfirewatch/cli/cmd_why.c \
    plugins/omfirewatch/cli/coverage.c \
    plugins/omfirewatch/cli/coverage.h \
    plugins/omfirewatch/cli/dossier.c \
    plugins/omfirewatch/cli/dossier.h \
    plugins/omfirewatch/cli/dossier_print.c \
    plugins/omfirewatch/cli/feed.c \
    plugins/omfirewatch/cli/feed.h \
    plugins/omfirewatch/cli/index.c \
    plugins/omfirewatch/cli/index.h \
    plugins/omfirewatch/cli/input.c \
    plugins/omfirewatch/cli/input.h \
    plugins/omfirewatch/cli/judge.c \
    plugins/omfirewatch/cli/judge.h \
    plugins/omfirewatch/cli/main.c \
    plugins/omfirewatch/cli/run.c \
    plugins/omfirewatch/cli/run.h \
    plugins/omfirewatch/cli/sigma.c \
    plugins/omfirewatch/cli/sigma.h \
    plugins/omfirewatch/cli/sigma_correlation.c \
    plugins/omfirewatch/cli/sigma_encode.c \
    plugins/omfirewatch/cli/sigma_field.c \
    plugins/omfirewatch/cli/sigma_match.c \
    plugins/omfirewatch/cli/sigma_value.c \
    plugins/omfirewatch/cli/spec.c \
    plugins/omfirewatch/cli/spec.h \
    plugins/omfirewatch/cli/story.c \
    plugins/omfirewatch/cli/story.h \
    plugins/omfirewatch/cli/story_print.c \
    plugins/omfirewatch/cli/stream.c \
    plugins/omfirewatch/cli/stream.h \
    plugins/omfirewatch/cli/swatch.c \
    plugins/omfirewatch/cli/swatch.h \
    plugins/omfirewatch/cli/swatch_print.c \
    plugins/omfirewatch/cli/told.c \
    plugins/omfirewatch/cli/told.h \
    plugins/omfirewatch/cli/top.c \
    plugins/omfirewatch/cli/top.h

FW_GLUE_SOURCES = \
    plugins/omfirewatch/inject.c \
    plugins/omfirewatch/inject.h \
    plugins/omfirewatch/intake.c \
    plugins/omfirewatch/intake.h \
    plugins/omfirewatch/keep.c \
    plugins/omfirewatch/keep.h \
    plugins/omfirewatch/omfirewatch.c \
    plugins/omfirewatch/params.c \
    plugins/omfirewatch/params.h \
    plugins/omfirewatch/place.c \
    plugins/omfirewatch/place.h \
    plugins/omfirewatch/reader.c \
    plugins/omfirewatch/reader.h \
    plugins/omfirewatch/rules.c \
    plugins/omfirewatch/rules.h \
    plugins/omfirewatch/selftest.c \
    plugins/omfirewatch/selftest.h \
    plugins/omfirewatch/station.c \
    plugins/omfirewatch/station.h \
    plugins/omfirewatch/stats.c \
    plugins/omfirewatch/stats.h \
    plugins/omfirewatch/tick.c \
    plugins/omfirewatch/tick.h

FW_UNIT_TESTS = \
    tests/unit/test_about \
    tests/unit/test_addr \
    tests/unit/test_calendar \
    tests/unit/test_clock \
    tests/unit/test_contexts \
    tests/unit/test_convert \
    tests/unit/test_det_addr_scan \
    tests/unit/test_det_beacon \
    tests/unit/test_det_bot_story \
    tests/unit/test_det_break_in \
    tests/unit/test_det_device_threat \
    tests/unit/test_det_exe_download \
    tests/unit/test_det_flood \
    tests/unit/test_det_hidden_nat \
    tests/unit/test_det_im_user \
    tests/unit/test_det_infection_chain \
    tests/unit/test_det_irc_bot \
    tests/unit/test_det_long_tunnel \
    tests/unit/test_det_mass_mail \
    tests/unit/test_det_nonweb_on_web \
    tests/unit/test_det_overdue_user \
    tests/unit/test_det_p2p_user \
    tests/unit/test_det_password_crack \
    tests/unit/test_det_plague \
    tests/unit/test_det_port_scan \
    tests/unit/test_det_quiet_device \
    tests/unit/test_det_skype_user \
    tests/unit/test_det_slow_scan \
    tests/unit/test_det_template \
    tests/unit/test_det_tunnels \
    tests/unit/test_det_unusual_port \
    tests/unit/test_det_vpn_login \
    tests/unit/test_det_worm \
    tests/unit/test_distinct \
    tests/unit/test_engine \
    tests/unit/test_event \
    tests/unit/test_exception \
    tests/unit/test_finding \
    tests/unit/test_hash \
    tests/unit/test_header \
    tests/unit/test_hold \
    tests/unit/test_index \
    tests/unit/test_intake \
    tests/unit/test_json \
    tests/unit/test_keyhash \
    tests/unit/test_keyhash_plain \
    tests/unit/test_layout \
    tests/unit/test_names \
    tests/unit/test_netfilter \
    tests/unit/test_parser \
    tests/unit/test_pipe \
    tests/unit/test_policy \
    tests/unit/test_problem \
    tests/unit/test_rate \
    tests/unit/test_record \
    tests/unit/test_relation \
    tests/unit/test_rulebase \
    tests/unit/test_rules \
    tests/unit/test_samples \
    tests/unit/test_saturation \
    tests/unit/test_scan_kv \
    tests/unit/test_seen \
    tests/unit/test_session \
    tests/unit/test_snapshot \
    tests/unit/test_store \
    tests/unit/test_table \
    tests/unit/test_timing \
    tests/unit/test_top \
    tests/unit/test_usage \
    tests/unit/test_zone \
    tests/unit/test_zonefile

FW_UNIT_SHARED = \
    tests/unit/fail_mem.h \
    tests/unit/fixture.h \
    tests/unit/lists.h

FW_BENCH_SHARED = \
    tests/bench/devices.c \
    tests/bench/random.h \
    tests/bench/text.h \
    tests/bench/traffic.c \
    tests/bench/traffic.h

FW_OFFICE_SOURCES = \
    tests/detection/generate.c \
    tests/detection/office.h \
    tests/detection/outside.c \
    tests/detection/people.c \
    tests/detection/plantings.c \
    tests/detection/report.c \
    tests/detection/report.h \
    tests/detection/servers.c \
    tests/detection/squid.c \
    tests/detection/squid.h

FW_FUZZ_TESTS = \
    tests/fuzz/fuzz_line \
    tests/fuzz/fuzz_record \
    tests/fuzz/fuzz_state
tests_fuzz_fuzz_line_SOURCES = tests/fuzz/fuzz_line.c $(FW_FUZZ_MAIN)
tests_fuzz_fuzz_line_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(FW_FUZZ_MAIN)
tests_fuzz_fuzz_record_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(FW_FUZZ_MAIN)
tests_fuzz_fuzz_state_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

FW_RULEBASES = \
    rulebase/firewatch.rulebase \
    rulebase/aws/vpcflow.rulebase \
    rulebase/azure/flow.rulebase \
    rulebase/barracuda/cloudgen.rulebase \
    rulebase/checkpoint/checkpoint.rulebase \
    rulebase/cisco/asa.rulebase \
    rulebase/cisco/ios.rulebase \
    rulebase/cisco/vpn3000.rulebase \
    rulebase/cisco/wsa.rulebase \
    rulebase/citrix/netscaler.rulebase \
    rulebase/dovecot/dovecot.rulebase \
    rulebase/draytek/vigor.rulebase \
    rulebase/exim/exim.rulebase \
    rulebase/f5/bigip.rulebase \
    rulebase/forcepoint/web.rulebase \
    rulebase/fortinet/fortigate.rulebase \
    rulebase/generic/cef.rulebase \
    rulebase/google/vpcflow.rulebase \
    rulebase/grsecurity/grsecurity.rulebase \
    rulebase/haproxy/haproxy.rulebase \
    rulebase/huawei/usg.rulebase \
    rulebase/ipchains/ipchains.rulebase \
    rulebase/ipfw/ipfw.rulebase \
    rulebase/ipsec-tools/racoon.rulebase \
    rulebase/isc/bind.rulebase \
    rulebase/juniper/netscreen.rulebase \
    rulebase/juniper/pulse.rulebase \
    rulebase/juniper/srx.rulebase \
    rulebase/linux/pam.rulebase \
    rulebase/meraki/mx.rulebase \
    rulebase/microsoft/dns.rulebase \
    rulebase/microsoft/firewall.rulebase \
    rulebase/microsoft/isa.rulebase \
    rulebase/microsoft/ras.rulebase \
    rulebase/mikrotik/routeros.rulebase \
    rulebase/netfilter/netfilter.rulebase \
    rulebase/nlnetlabs/unbound.rulebase \
    rulebase/openssh/sshd.rulebase \
    rulebase/openvpn/openvpn.rulebase \
    rulebase/paloalto/panos.rulebase \
    rulebase/pf/filterlog.rulebase \
    rulebase/pf/pf.rulebase \
    rulebase/portsentry/portsentry.rulebase \
    rulebase/postfix/postfix.rulebase \
    rulebase/ppp/ppp.rulebase \
    rulebase/sendmail/sendmail.rulebase \
    rulebase/skyhigh/swg.rulebase \
    rulebase/snort/snort.rulebase \
    rulebase/sonicwall/sonicwall.rulebase \
    rulebase/sophos/utm.rulebase \
    rulebase/sophos/web.rulebase \
    rulebase/sophos/xg.rulebase \
    rulebase/squid/squid.rulebase \
    rulebase/strongswan/charon.rulebase \
    rulebase/suricata/eve.rulebase \
    rulebase/symantec/proxysg.rulebase \
    rulebase/thekelleys/dnsmasq.rulebase \
    rulebase/vmware/nsx.rulebase \
    rulebase/watchguard/fireware.rulebase \
    rulebase/web/access.rulebase \
    rulebase/yamaha/rt.rulebase \
    rulebase/zeek/zeek.rulebase \
    rulebase/zonelabs/zonealarm.rulebase \
    rulebase/zscaler/nss.rulebase \
    rulebase/zyxel/zld.rulebase

FW_LISTS = \
    lists/calls.yaml \
    lists/im.yaml \
    lists/names.yaml \
    lists/ports.yaml \
    lists/updates.yaml \
    lists/vpn.yaml

FW_SCHEMAS = \
    schema/firewatch-finding.schema.json

FW_MANS = \
    doc/man/firewatch.1 \
    doc/man/omfirewatch.5
