/* scan.c: the scanners there are. */
#include "scan.h"

#include <string.h>

const char *const fw_scan_names[] = {
    "asa",        "cef",        "checkpoint", "checkpoint_old", "filterlog",  "fortigate", "ftd",      "junos",
    "junos_text", "leef",       "meraki",     "mikrotik",       "netfilter",  "netscaler", "paloalto", "pf",
    "sonicwall",  "sophos_utm", "sophos_xg",  "squid",          "watchguard", "winfw",     "zyxel"};
static const fw_scan_fn scanners[] = {
    fw_scan_asa,        fw_scan_cef,       fw_scan_checkpoint, fw_scan_checkpoint_old, fw_scan_filterlog,
    fw_scan_fortigate,  fw_scan_ftd,       fw_scan_junos,      fw_scan_junos_text,     fw_scan_leef,
    fw_scan_meraki,     fw_scan_mikrotik,  fw_scan_netfilter,  fw_scan_netscaler,      fw_scan_paloalto,
    fw_scan_pf,         fw_scan_sonicwall, fw_scan_sophos_utm, fw_scan_sophos_xg,      fw_scan_squid,
    fw_scan_watchguard, fw_scan_winfw,     fw_scan_zyxel};
const size_t fw_scan_count = sizeof fw_scan_names / sizeof *fw_scan_names;
_Static_assert(sizeof fw_scan_names / sizeof *fw_scan_names == sizeof scanners / sizeof *scanners, "one name each");

fw_scan_fn fw_scan_find(const char *name) {
    for (size_t i = 0; i < fw_scan_count; i++)
        if (strcmp(fw_scan_names[i], name) == 0)
            return scanners[i];
    return NULL;
}
