/* policy.h: what the site says: networks, roles, detectors and their parameters.
 *
 * The only user of libyaml. A policy is read whole, checked, and immutable
 * after; a broken one gives problems with file, line and column, and nothing
 * else. No policy file at all is a good policy: RFC 1918 is home, every detector
 * runs with its defaults.
 *
 *     include: [policy.d/berlin.yaml]
 *     zone: Europe/Berlin
 *     home: [10.0.0.0/8, 2001:db8:5::/48]
 *     networks:
 *       servers: {networks: [10.1.0.0/24], asset: 4}
 *     roles:
 *       - role: nms
 *         networks: [10.1.0.5, 10.1.0.6]
 *         reason: "Zabbix pings everybody"
 *     exceptions:
 *       - detector: addr_scan
 *         source: [10.1.0.9]
 *         port: tcp/445
 *         when: daily 02:00-05:00
 *         reason: "inventory, until it has its own account"
 *         until: 2027-03-31
 *     geo:
 *       databases: [/usr/share/GeoIP/GeoLite2-City.mmdb, /usr/share/GeoIP/GeoLite2-ASN.mmdb]
 *     sensors:
 *       fw-berlin-1: {zone: Europe/Berlin}
 *     detectors:
 *       addr_scan: {enabled: true, remote_threshold: 25, window: 15m}
 *     intervals:
 *       summary: 1h
 *     limits:
 *       findings_per_minute: 60
 *       max_memory: 256MiB
 */
#ifndef FW_POLICY_H
#define FW_POLICY_H

#include <stdio.h>

#include "../core/engine.h"
#include "../core/problem.h"

#define FW_POLICY_BYTES_MAX (4u << 20) /* a policy file is written by people */
#define FW_POLICY_NETS_MAX  65536      /* networks in all lists together */
#define FW_POLICY_FILES_MAX 256        /* a policy and what it includes */

struct fw_policy;

/* path NULL: the defaults. Returns 0, or -1 when there was any problem. */
int fw_policy_open(struct fw_policy **policy, const char *path, struct fw_problems *problems);
void fw_policy_close(struct fw_policy **policy);

/* What an engine is opened with; good until the policy is closed. */
const struct fw_settings *fw_policy_settings(const struct fw_policy *policy);
/* Only the detectors of a list ("addr_scan,worm") stay on, those that the policy turns off excepted. Before the settings
 * are used. Returns 0, or -1: *unknown is the name that none has, *len its length. */
int fw_policy_only(struct fw_policy *policy, const char *list, const char **unknown, size_t *len);

/* Prints the effective policy as YAML; what it prints loads again to the same thing. */
void fw_policy_print(const struct fw_policy *policy, FILE *out);

/* What loads and is worth a word all the same, with its place: what has ended at `now`, what has no effect. */
void fw_policy_notes(const struct fw_policy *policy, fw_time now, struct fw_problems *notes);

#endif
