/* vpn_services.c: see vpn_services.h.
 *
 * Ports and protocol numbers are IANA's, but for WireGuard (51820, its documentation's)
 * and SoftEther (5555 and 992 of its server; UDP 5004 of its servers for NAT traversal,
 * and its keep-alives, by network). Of November 2026.
 */
#include "vpn_services.h"

#include <string.h>

const char *fw_vpn_name(enum fw_vpn_service service) {
    static const char *const names[FW_VPN_SERVICES] = {
        [FW_VPN_NONE] = "none",         [FW_VPN_IPSEC] = "IPsec",         [FW_VPN_GRE] = "GRE",
        [FW_VPN_IP_IN_IP] = "IP in IP", [FW_VPN_PPTP] = "PPTP",           [FW_VPN_L2TP] = "L2TP",
        [FW_VPN_OPENVPN] = "OpenVPN",   [FW_VPN_WIREGUARD] = "WireGuard", [FW_VPN_SOFTETHER] = "SoftEther",
    };
    return (unsigned)service < FW_VPN_SERVICES ? names[service] : names[FW_VPN_NONE];
}

const char *fw_vpn_app(enum fw_vpn_service service) {
    static const char *const apps[FW_VPN_SERVICES] = {
        [FW_VPN_NONE] = "none",         [FW_VPN_IPSEC] = "ipsec",         [FW_VPN_GRE] = "gre",
        [FW_VPN_IP_IN_IP] = "ip_in_ip", [FW_VPN_PPTP] = "pptp",           [FW_VPN_L2TP] = "l2tp",
        [FW_VPN_OPENVPN] = "openvpn",   [FW_VPN_WIREGUARD] = "wireguard", [FW_VPN_SOFTETHER] = "softether",
    };
    return (unsigned)service < FW_VPN_SERVICES ? apps[service] : apps[FW_VPN_NONE];
}

static enum fw_vpn_service of_protocol(uint8_t proto) {
    switch (proto) {
    case 4:  /* IPv4 in IP, RFC 2003 */
    case 41: /* IPv6 in IP, RFC 4213 */
        return FW_VPN_IP_IN_IP;
    case 47: /* RFC 2784 */
        return FW_VPN_GRE;
    case 50: /* ESP, RFC 4303 */
    case 51: /* AH, RFC 4302 */
        return FW_VPN_IPSEC;
    case 115: /* L2TPv3, RFC 3931 */
        return FW_VPN_L2TP;
    default:
        return FW_VPN_NONE;
    }
}

static enum fw_vpn_service of_udp(uint16_t port) {
    switch (port) {
    case 500:  /* IKE, RFC 7296 */
    case 4500: /* with NAT traversal, RFC 3948 */
        return FW_VPN_IPSEC;
    case 1194:
        return FW_VPN_OPENVPN;
    case 1701:
        return FW_VPN_L2TP;
    case 51820:
        return FW_VPN_WIREGUARD;
    default:
        return FW_VPN_NONE;
    }
}

static enum fw_vpn_service of_tcp(uint16_t port) {
    switch (port) {
    case 992:
    case 5555:
        return FW_VPN_SOFTETHER;
    case 1194:
        return FW_VPN_OPENVPN;
    case 1723:
        return FW_VPN_PPTP;
    default:
        return FW_VPN_NONE;
    }
}

/* SoftEther's servers at the University of Tsukuba, where their names lead to: x?.x?.servers.nat-traversal.softether-network.net
 * on UDP 5004, keepalive.softether.org on port 80. */
static bool is_softether(const struct fw_event *ev) {
    const uint8_t *b = ev->dst.b;
    if (!fw_addr_is_v4(&ev->dst) || b[12] != 130 || b[13] != 158)
        return false;
    return (b[14] == 6 && ev->proto == FW_PROTO_UDP && ev->dport == 5004) || (b[14] == 75 && ev->dport == 80);
}

enum fw_vpn_service fw_vpn_of_session(const struct fw_event *ev, enum fw_vpn_sign *sign) {
    *sign = FW_VPN_BY_PROTOCOL;
    if (ev->proto != FW_PROTO_TCP && ev->proto != FW_PROTO_UDP)
        return of_protocol(ev->proto);
    if (!fw_event_has(ev, FW_BIT(dport)))
        return FW_VPN_NONE;
    if (is_softether(ev)) {
        *sign = FW_VPN_BY_HOST;
        return FW_VPN_SOFTETHER;
    }
    *sign = FW_VPN_BY_PORT;
    return ev->proto == FW_PROTO_UDP ? of_udp(ev->dport) : of_tcp(ev->dport);
}

static bool is_below(const struct fw_str *name, const char *domain) {
    const uint32_t n = (uint32_t)strlen(domain);
    uint32_t len = name->len;
    if (len > 0 && name->p[len - 1] == '.')
        len--;
    if (len < n || (len > n && name->p[len - n - 1] != '.'))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const char c = name->p[len - n + i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c) != domain[i])
            return false;
    }
    return true;
}

enum fw_vpn_service fw_vpn_of_name(const struct fw_str *name) {
    /* What the program asks for by itself; softether.org alone is the site it is fetched from. */
    static const char *const softether[] = {"keepalive.softether.org", "softether-network.net", "softether.net",
                                            "vpnazure.net"};
    for (size_t i = 0; i < sizeof softether / sizeof *softether; i++)
        if (is_below(name, softether[i]))
            return FW_VPN_SOFTETHER;
    return FW_VPN_NONE;
}
