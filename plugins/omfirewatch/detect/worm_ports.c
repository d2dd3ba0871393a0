/* worm_ports.c: see worm_ports.h. */
#include "worm_ports.h"

#include <stddef.h>

#include "../core/event.h"

/* What worms spread by, and what for. Ports that clients use all day (80, 443, 25) are not among them: there a worm shows
 * by its numbers, which is addr_scan's matter, or by what it sends. */
static const struct {
    uint16_t port;
    uint8_t proto;
} listed[] = {
    {21, FW_PROTO_TCP},    /* FTP: log-ins and old servers */
    {22, FW_PROTO_TCP},    /* SSH: weak passwords, on routers and servers */
    {23, FW_PROTO_TCP},    /* Telnet: Mirai and all after it */
    {69, FW_PROTO_UDP},    /* TFTP: Blaster fetched itself so */
    {135, FW_PROTO_TCP},   /* RPC: Blaster */
    {137, FW_PROTO_UDP},   /* NetBIOS names: before a share is tried */
    {139, FW_PROTO_TCP},   /* NetBIOS shares */
    {445, FW_PROTO_TCP},   /* SMB: Sasser, Conficker, WannaCry */
    {1433, FW_PROTO_TCP},  /* MS SQL: log-ins */
    {1434, FW_PROTO_UDP},  /* MS SQL: Slammer */
    {2323, FW_PROTO_TCP},  /* Telnet's other port: Mirai */
    {3306, FW_PROTO_TCP},  /* MySQL: log-ins */
    {3389, FW_PROTO_TCP},  /* RDP: Morto, BlueKeep */
    {5358, FW_PROTO_TCP},  /* Telnet of cameras: Hajime */
    {5555, FW_PROTO_TCP},  /* Android's debugger: ADB.Miner */
    {5900, FW_PROTO_TCP},  /* VNC: log-ins */
    {6379, FW_PROTO_TCP},  /* Redis without a password */
    {7547, FW_PROTO_TCP},  /* TR-064 of routers: Mirai, 2016 */
    {8080, FW_PROTO_TCP},  /* web pages of routers and cameras: Hide and Seek, Reaper */
    {8291, FW_PROTO_TCP},  /* Winbox of MikroTik: Hajime, 2018 */
    {37215, FW_PROTO_TCP}, /* UPnP of Huawei's routers: Satori */
    {52869, FW_PROTO_TCP}, /* UPnP of Realtek's: Satori */
};

bool fw_is_worm_port(unsigned proto, unsigned dport) {
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        if (listed[i].port == dport && listed[i].proto == proto)
            return true;
    return false;
}
