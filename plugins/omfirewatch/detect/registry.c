/* registry.c: every detector there is, one line each, and which mutes which. */
#include <string.h>

#include "detector.h"

extern const struct fw_detector_ops fw_det_addr_scan;
extern const struct fw_detector_ops fw_det_beacon;
extern const struct fw_detector_ops fw_det_bot_story;
extern const struct fw_detector_ops fw_det_break_in;
extern const struct fw_detector_ops fw_det_device_threat;
extern const struct fw_detector_ops fw_det_dns_tunnel;
extern const struct fw_detector_ops fw_det_exe_download;
extern const struct fw_detector_ops fw_det_flood;
extern const struct fw_detector_ops fw_det_hidden_nat;
extern const struct fw_detector_ops fw_det_icmp_tunnel;
extern const struct fw_detector_ops fw_det_im_user;
extern const struct fw_detector_ops fw_det_infection_chain;
extern const struct fw_detector_ops fw_det_irc_bot;
extern const struct fw_detector_ops fw_det_long_tunnel;
extern const struct fw_detector_ops fw_det_mass_mail;
extern const struct fw_detector_ops fw_det_nonweb_on_web;
extern const struct fw_detector_ops fw_det_overdue_user;
extern const struct fw_detector_ops fw_det_p2p_user;
extern const struct fw_detector_ops fw_det_password_crack;
extern const struct fw_detector_ops fw_det_plague;
extern const struct fw_detector_ops fw_det_port_scan;
extern const struct fw_detector_ops fw_det_quiet_device;
extern const struct fw_detector_ops fw_det_skype_user;
extern const struct fw_detector_ops fw_det_slow_scan;
extern const struct fw_detector_ops fw_det_ssh_tunnel;
extern const struct fw_detector_ops fw_det_unusual_port;
extern const struct fw_detector_ops fw_det_vpn_login;
extern const struct fw_detector_ops fw_det_vpn_tunnel;
extern const struct fw_detector_ops fw_det_worm;

/* clang-format off */
const struct fw_detector_ops *const fw_detectors[] = {
    &fw_det_addr_scan,
    &fw_det_beacon,
    &fw_det_bot_story,
    &fw_det_break_in,
    &fw_det_device_threat,
    &fw_det_dns_tunnel,
    &fw_det_exe_download,
    &fw_det_flood,
    &fw_det_hidden_nat,
    &fw_det_icmp_tunnel,
    &fw_det_im_user,
    &fw_det_infection_chain,
    &fw_det_irc_bot,
    &fw_det_long_tunnel,
    &fw_det_mass_mail,
    &fw_det_nonweb_on_web,
    &fw_det_overdue_user,
    &fw_det_p2p_user,
    &fw_det_password_crack,
    &fw_det_plague,
    &fw_det_port_scan,
    &fw_det_quiet_device,
    &fw_det_skype_user,
    &fw_det_slow_scan,
    &fw_det_ssh_tunnel,
    &fw_det_unusual_port,
    &fw_det_vpn_login,
    &fw_det_vpn_tunnel,
    &fw_det_worm,
    NULL,
};
/* clang-format on */
_Static_assert(sizeof fw_detectors / sizeof *fw_detectors <= FW_DETECTORS_MAX, "FW_DETECTORS_MAX is too small");

/* Parent, child, and what they must have in common. The stronger parent stands first. */
const struct fw_relation fw_relations[] = {
    {"mass_mail", "addr_scan", FW_SAME_SOURCE, {{FW_PROTO_TCP, 25}, {FW_PROTO_TCP, 465}, {FW_PROTO_TCP, 587}}},
    {"worm", "addr_scan", FW_SAME_SERVICE, {{0, 0}}},
    {"worm", "slow_scan", FW_SAME_SOURCE, {{0, 0}}},
    {"addr_scan", "slow_scan", FW_SAME_SOURCE, {{0, 0}}},
    {"port_scan", "slow_scan", FW_SAME_SOURCE, {{0, 0}}},
    {"addr_scan", "hidden_nat", FW_SAME_SOURCE, {{0, 0}}}, /* who scans uses many ports */
    {"port_scan", "hidden_nat", FW_SAME_SOURCE, {{0, 0}}},
    {"password_crack", "ssh_tunnel", FW_SAME_SERVICE, {{0, 0}}},
    {"password_crack", "vpn_login", FW_SAME_SOURCE, {{0, 0}}},
    {"p2p_user", "unusual_port", FW_SAME_SOURCE, {{0, 0}}},
    {"skype_user", "unusual_port", FW_SAME_SOURCE, {{0, 0}}},
    {"worm", "unusual_port", FW_SAME_SOURCE, {{0, 0}}},
    {"addr_scan", "unusual_port", FW_SAME_SOURCE, {{0, 0}}},
    {"port_scan", "unusual_port", FW_SAME_SOURCE, {{0, 0}}},
    {"slow_scan", "unusual_port", FW_SAME_SOURCE, {{0, 0}}},
    /* One message a machine. Last, as what mutes for being the same matter goes before. */
    {"bot_story", "addr_scan", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "beacon", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "break_in", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "device_threat", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "flood", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "irc_bot", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "mass_mail", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "overdue_user", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "password_crack", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "port_scan", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "slow_scan", FW_SAME_SOURCE, {{0, 0}}},
    {"bot_story", "worm", FW_SAME_SOURCE, {{0, 0}}},
    {.parent = NULL},
};

const struct fw_detector_ops *fw_detector_find(const char *name) {
    for (size_t i = 0; fw_detectors[i] != NULL; i++)
        if (strcmp(fw_detectors[i]->name, name) == 0)
            return fw_detectors[i];
    return NULL;
}

size_t fw_detector_params(const struct fw_detector_ops *ops) {
    size_t n = 0;
    while (ops->params[n].name != NULL)
        n++;
    return n;
}

const char *fw_unit_name(enum fw_unit unit) {
    switch (unit) {
    case FW_UNIT_COUNT:
        return "count";
    case FW_UNIT_SECONDS:
        return "seconds";
    case FW_UNIT_PERCENT:
        return "percent";
    case FW_UNIT_BOOL:
        return "bool";
    }
    return "count";
}
