/* scan.h: readers for texts that liblognorm recognises but takes apart slowly.
 *
 * A rule says with +scan="name" that its lines go through one of these once the
 * rule has taken them. A scanner reads the whole content, borrows its strings
 * from it, fills in fields and sets their presence bits; it may set the action,
 * and the kind and the time, which then go before the rule's and the header's.
 * To add one: write scan_<name>.c, declare it here, name it in scan.c, say so in
 * a rulebase, add samples.
 */
#ifndef FW_SCAN_H
#define FW_SCAN_H

#include "parser.h"

/* FW_PARSE_EVENT, FW_PARSE_IGNORED, FW_PARSE_UNPARSED (only looked like it) or FW_PARSE_REFUSED. content[len] is NUL. */
typedef enum fw_parse_result (*fw_scan_fn)(const char *content, size_t len, struct fw_event *ev);

enum fw_parse_result fw_scan_asa(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_cef(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_checkpoint(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_checkpoint_old(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_filterlog(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_fortigate(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_ftd(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_junos(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_junos_text(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_leef(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_meraki(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_mikrotik(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_netfilter(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_netscaler(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_paloalto(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_pf(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_sonicwall(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_sophos_utm(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_sophos_xg(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_squid(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_watchguard(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_winfw(const char *content, size_t len, struct fw_event *ev);
enum fw_parse_result fw_scan_zyxel(const char *content, size_t len, struct fw_event *ev);

extern const char *const fw_scan_names[];
extern const size_t fw_scan_count;
/* NULL: no scanner of that name */
fw_scan_fn fw_scan_find(const char *name);

#endif
