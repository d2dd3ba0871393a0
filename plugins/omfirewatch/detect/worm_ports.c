/* worm_ports.c: see worm_ports.h. */
#include "worm_ports.h"

#include "../core/event.h"

/* In rising order. */
static const uint16_t tcp_ports[] = {
    21,   /* FTP: guessed passwords, drop of files */
    22,   /* SSH: guessed passwords (many Linux bots) */
    23,   /* Telnet: Mirai and its kin */
    80,   /* HTTP: Code Red, Nimda, routers and cameras */
    135,  /* RPC: Blaster */
    139,  /* NetBIOS sessions: file shares */
    445,  /* SMB: Sasser, Conficker, WannaCry, NotPetya */
    1433, /* Microsoft SQL Server: Spida and later ones */
    2323, /* Telnet of cameras: Mirai */
    3306, /* MySQL: Forbot and later ones */
    3389, /* RDP: Morto, guessed passwords */
    5555, /* Android debug bridge: ADB.Miner */
    5900, /* VNC */
    6379, /* Redis without a password */
    7547, /* TR-069 of routers: Mirai */
    8080, /* HTTP of routers and Tomcat */
};

bool fw_is_worm_port(uint8_t proto, uint16_t dport) {
    if (proto != FW_PROTO_TCP)
        return proto == FW_PROTO_UDP && dport == 1434; /* Slammer */
    for (unsigned i = 0; i < sizeof tcp_ports / sizeof *tcp_ports && tcp_ports[i] <= dport; i++)
        if (tcp_ports[i] == dport)
            return true;
    return false;
}
