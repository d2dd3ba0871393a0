/* vpn_services.h: protocols and ports by which a VPN or a tunnel is known in a log of sessions. */
#ifndef FW_VPN_SERVICES_H
#define FW_VPN_SERVICES_H

#include "../core/event.h"

/* Order is what is kept in states: append only. */
enum fw_vpn_service {
    FW_VPN_NONE,
    FW_VPN_IPSEC,
    FW_VPN_GRE,
    FW_VPN_IP_IN_IP,
    FW_VPN_PPTP,
    FW_VPN_L2TP,
    FW_VPN_OPENVPN,
    FW_VPN_WIREGUARD,
    FW_VPN_SOFTETHER,
    FW_VPN_SERVICES
};

/* How sure one session makes: a protocol of its own is nothing else; a port may be tried by anybody. */
enum fw_vpn_sign { FW_VPN_BY_PROTOCOL = 1, FW_VPN_BY_PORT, FW_VPN_BY_HOST };

/* "IPsec" */
const char *fw_vpn_name(enum fw_vpn_service service);
/* "ipsec", as the register of users calls it */
const char *fw_vpn_app(enum fw_vpn_service service);
/* Which one a session is of; FW_VPN_NONE: none. */
enum fw_vpn_service fw_vpn_of_session(const struct fw_event *ev, enum fw_vpn_sign *sign);
/* Which one's host has that name. */
enum fw_vpn_service fw_vpn_of_name(const struct fw_str *name);

#endif
