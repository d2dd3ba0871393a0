/* geo.c: databases of addresses on this machine, in MaxMind's format.
 *
 * The only user of libmaxminddb. A file is mapped, not read; which of its fields there
 * are decides what is known: country.iso_code and location of a city or country
 * database, autonomous_system_number and _organization of an ASN one. Of several files
 * the first that knows something says it. A file that is not there, or is none, is a
 * problem of the policy; one that is damaged within answers nothing.
 * The file may be replaced (renamed over) while it is in use; the new one is read with
 * the next policy, that is on HUP. Writing into a file that is mapped is not safe, and
 * geoipupdate does not do it.
 */
#include <maxminddb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>

#include "internal.h"

#define PATH_KEPT 1024 /* a path that is longer is a mistake */

struct fw_policy_database {
    char *path;
    MMDB_s file;
};

/* ---- what it answers ---- */

static bool get(MMDB_entry_s *entry, uint32_t type, MMDB_entry_data_s *data, const char *first, const char *second) {
    const char *const path[] = {first, second, NULL};
    return MMDB_aget_value(entry, data, path) == MMDB_SUCCESS && data->has_data && data->type == type;
}

static void copy_text(char *out, size_t size, const MMDB_entry_data_s *data) {
    (void)fw_text_append(out, size, 0, data->utf8_string, data->data_size);
}

static void read_country(MMDB_entry_s *entry, struct fw_whereabouts *out) {
    MMDB_entry_data_s data;
    if (out->country[0] != '\0' || (!get(entry, MMDB_DATA_TYPE_UTF8_STRING, &data, "country", "iso_code") &&
                                    !get(entry, MMDB_DATA_TYPE_UTF8_STRING, &data, "registered_country", "iso_code")))
        return;
    if (data.data_size == FW_GEO_COUNTRY - 1 && data.utf8_string[0] >= 'A' && data.utf8_string[0] <= 'Z' &&
        data.utf8_string[1] >= 'A' && data.utf8_string[1] <= 'Z')
        copy_text(out->country, sizeof out->country, &data);
}

static void read_place(MMDB_entry_s *entry, struct fw_whereabouts *out) {
    MMDB_entry_data_s latitude, longitude;
    if (out->has_place || !get(entry, MMDB_DATA_TYPE_DOUBLE, &latitude, "location", "latitude") ||
        !get(entry, MMDB_DATA_TYPE_DOUBLE, &longitude, "location", "longitude"))
        return;
    if (!(latitude.double_value >= -90 && latitude.double_value <= 90) ||
        !(longitude.double_value >= -180 && longitude.double_value <= 180)) /* not a number, too */
        return;
    out->has_place = true;
    out->latitude = latitude.double_value;
    out->longitude = longitude.double_value;
}

static void read_owner(MMDB_entry_s *entry, struct fw_whereabouts *out) {
    MMDB_entry_data_s data;
    if (out->as_number != 0 || !get(entry, MMDB_DATA_TYPE_UINT32, &data, "autonomous_system_number", NULL))
        return;
    out->as_number = data.uint32;
    if (get(entry, MMDB_DATA_TYPE_UTF8_STRING, &data, "autonomous_system_organization", NULL))
        copy_text(out->owner, sizeof out->owner, &data);
}

static void look_up(MMDB_s *file, const union fw_addr *addr, struct fw_whereabouts *out) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const bool is_v4 = fw_addr_is_v4(addr);
    int error = MMDB_SUCCESS;

    memcpy(&v4.sin_addr, addr->b + 12, 4);
    memcpy(&v6.sin6_addr, addr->b, 16);
    if (!is_v4 && file->metadata.ip_version == 4)
        return;
    const struct sockaddr *at = is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(file, at, &error);
    if (error != MMDB_SUCCESS || !found.found_entry)
        return;
    read_country(&found.entry, out);
    read_place(&found.entry, out);
    read_owner(&found.entry, out);
}

static bool find(const void *cookie, const union fw_addr *addr, struct fw_whereabouts *out) {
    const struct fw_policy *policy = cookie;
    for (size_t i = 0; i < policy->databases_count; i++)
        look_up(&policy->databases[i].file, addr, out);
    return out->country[0] != '\0' || out->has_place || out->as_number != 0;
}

/* ---- the section ---- */

static void read_database(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "a database", "the path of a file in MaxMind's format"))
        return;
    for (size_t i = 0; i < policy->databases_count; i++)
        if (strcmp(policy->databases[i].path, node->text) == 0)
            return;
    if (policy->databases_count == FW_POLICY_DATABASES_MAX) {
        FW_POLICY_PROBLEM(reader, node, "more than %d databases", FW_POLICY_DATABASES_MAX);
        return;
    }
    if (node->text[0] != '/' || strlen(node->text) > PATH_KEPT) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is no path: rsyslogd has no directory, so it begins with \"/\"",
                          node->text);
        return;
    }
    struct stat about;
    if (stat(node->text, &about) == 0 &&
        !S_ISREG(about.st_mode)) { /* one that waits for a writer would hold up rsyslogd */
        FW_POLICY_PROBLEM(reader, node, "%.256s is no file", node->text);
        return;
    }
    struct fw_policy_database *database = &policy->databases[policy->databases_count];
    const int error = MMDB_open(node->text, MMDB_MODE_MMAP, &database->file);
    if (error != MMDB_SUCCESS) {
        FW_POLICY_PROBLEM(reader, node, "%.256s: %s", node->text, MMDB_strerror(error));
        return;
    }
    database->path = strdup(node->text);
    if (database->path == NULL) {
        MMDB_close(&database->file);
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        return;
    }
    policy->databases_count++;
}

static void take_key(struct fw_policy_reader *reader, const struct fw_yaml_node *node, size_t key, void *cookie) {
    (void)key;
    (void)cookie;
    if (!fw_policy_expect(reader, node, FW_YAML_LIST, "databases", "a list of paths"))
        return;
    for (const struct fw_yaml_node *item = node->first; item; item = item->next)
        read_database(reader, item);
}

void fw_policy_read_geo(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    static const char *const keys[] = {"databases"};
    struct fw_policy *policy = reader->policy;

    if (!fw_policy_expect(reader, node, FW_YAML_MAP, "geo",
                          "a mapping: {databases: [/usr/share/GeoIP/GeoLite2-City.mmdb]}"))
        return;
    if (!policy->databases)
        policy->databases = calloc(FW_POLICY_DATABASES_MAX, sizeof *policy->databases);
    if (!policy->databases) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        return;
    }
    (void)fw_policy_read_map(reader, node, "key of geo", keys, 1, take_key, NULL);
    if (policy->databases_count == 0)
        return;
    policy->geo = (struct fw_geo){.find = find, .cookie = policy};
    policy->site.geo = &policy->geo;
}

void fw_policy_print_geo(const struct fw_policy *policy, FILE *out) {
    if (policy->databases_count == 0)
        return;
    (void)fputs("\ngeo:\n  databases:\n", out);
    for (size_t i = 0; i < policy->databases_count; i++) {
        (void)fputs("    - ", out);
        fw_policy_print_quoted(policy->databases[i].path, out);
        (void)fputc('\n', out);
    }
}

void fw_policy_free_geo(struct fw_policy *policy) {
    for (size_t i = 0; i < policy->databases_count; i++) {
        MMDB_close(&policy->databases[i].file);
        free(policy->databases[i].path);
    }
    free(policy->databases);
    policy->databases = NULL;
    policy->databases_count = 0;
}
