/* report.c: the truth about an office, and its policy. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"

FILE *report_open(const char *dir, const char *name) {
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path)) {
        fprintf(stderr, "office: the directory's name is too long\n");
        exit(2);
    }
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

void report_close(FILE *file, const char *name) {
    if (ferror(file) || fclose(file)) {
        perror(name);
        exit(1);
    }
}

static void put_addr(FILE *file, uint32_t addr) {
    fprintf(file, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255);
}

static void put_time(FILE *file, const struct office *office, uint32_t time_ms) {
    time_t seconds = office->options.start + (time_t)(time_ms / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(file, "\t%s.%03uZ", text, time_ms % 1000);
}

static void put_deed(FILE *file, const struct office *office, const struct deed *deed) {
    put_addr(file, deed->addr);
    fprintf(file, "\t%s\t%s", deed->role, deed->kinds);
    put_time(file, office, deed->first);
    put_time(file, office, deed->last);
    fprintf(file, "\t%u\t%u\t%s\n", deed->sessions, deed->matter, *deed->detectors ? deed->detectors : "-");
}

static bool is_bad(const struct office *office, uint32_t addr) {
    for (size_t n = 0; n < office->deed_count; n++) {
        if (office->deeds[n].addr == addr) {
            return true;
        }
    }
    return false;
}

static void put_normal(FILE *file, const struct office *office, uint32_t addr, const char *what) {
    if (!is_bad(office, addr)) {
        put_addr(file, addr);
        fprintf(file, "\tnormal\t%s\t-\t-\t-\t-\t-\n", what);
    }
}

static const char *habit(const struct person *person) {
    return person->skype      ? "skype"
           : person->shares   ? "p2p"
           : person->stubborn ? "retries a dead server"
           : person->widget   ? "has a widget that polls"
           : person->admin    ? "administrator"
           : person->remote   ? "laptop from home"
                              : "-";
}

void report_truth(const struct office *office, const char *dir) {
    static const struct {
        uint32_t addr;
        const char *what;
    } servers[] = {{NMS, "monitoring"},
                   {SCANNER, "vulnerability scanner"},
                   {PROXY, "proxy"},
                   {FILE_SERVER, "file server"},
                   {FILE_SERVER + 1, "file server"},
                   {DOMAIN_SERVER, "domain controller"},
                   {BACKUP, "backup"},
                   {UPDATES, "update server"},
                   {JUMP_HOST, "jump host"},
                   {MAIL_SERVER, "mail server"},
                   {BULK_MAILER, "newsletter"},
                   {CRAWLER, "search appliance"},
                   {VPN_GATEWAY, "VPN gateway"},
                   {RESOLVER, "resolver"},
                   {RESOLVER + 1, "resolver"},
                   {BALANCER, "load balancer"},
                   {BACKEND, "behind the load balancer"},
                   {BACKEND + 1, "behind the load balancer"},
                   {BACKEND + 2, "behind the load balancer"},
                   {BACKEND + 3, "behind the load balancer"},
                   {TELEPHONES, "telephone exchange"},
                   {WEB_SERVER, "web server"}};
    FILE *file = report_open(dir, "truth.tsv");
    fprintf(file, "host\trole\tkinds\tfirst\tlast\tsessions\tmatter\tdetectors\n");
    for (size_t n = 0; n < office->deed_count; n++) {
        if (office->deeds[n].sessions) {
            put_deed(file, office, &office->deeds[n]);
        }
    }
    for (size_t n = 0; n < sizeof(servers) / sizeof(*servers); n++) {
        put_normal(file, office, servers[n].addr, servers[n].what);
    }
    for (unsigned n = 0; n < office->printers; n++) {
        put_normal(file, office, PRINTER + n, "printer");
    }
    for (unsigned n = 0; n < office->cameras; n++) {
        put_normal(file, office, CAMERA + n, "camera");
    }
    for (unsigned n = 0; n < office->people_count; n++) {
        put_normal(file, office, office->people[n].addr, habit(&office->people[n]));
    }
    report_close(file, "truth.tsv");
}

static void put_role(FILE *file, const char *role, uint32_t addr, const char *when, const char *reason) {
    fprintf(file, "  - role: %s\n    networks: [", role);
    put_addr(file, addr);
    fprintf(file, "]\n%s%s%s    reason: \"%s\"\n", when ? "    when: " : "", when ? when : "", when ? "\n" : "",
            reason);
}

void report_policy(const struct office *office, const char *dir) {
    FILE *file = report_open(dir, "policy.yaml");
    fprintf(file, "# The office of tests/detection: what its administrator would say about it, and not more.\n"
                  "home: [10.1.0.0/16, 192.0.2.0/24]\nroles:\n");
    put_role(file, "nms", NMS, NULL, "monitoring asks every machine by ping and SNMP");
    put_role(file, "scanner", SCANNER, "sun 01:00-06:00", "vulnerability scan, Sunday morning");
    put_role(file, "scanner", CRAWLER, "daily 01:00-05:00", "the search appliance fetches our partners' pages");
    put_role(file, "scanner", UPDATES, "mon 02:00-05:00", "software inventory");
    put_role(file, "proxy", PROXY, NULL, "web proxy");
    put_role(file, "mail_server", MAIL_SERVER, NULL, "the site's mail server");
    put_role(file, "bulk_mailer", BULK_MAILER, NULL, "the weekly newsletter");
    put_role(file, "dns_server", RESOLVER, NULL, "resolver");
    put_role(file, "dns_server", RESOLVER + 1, NULL, "resolver");
    put_role(file, "vpn_gateway", VPN_GATEWAY, NULL, "people at home");
    put_role(file, "admin_host", JUMP_HOST, NULL, "administrators reach the servers from here");
    for (unsigned n = 0; n < office->people_count; n++) {
        if (office->people[n].admin) {
            put_role(file, "admin_host", office->people[n].addr, NULL, "an administrator's machine");
        }
    }
    report_close(file, "policy.yaml");
}
