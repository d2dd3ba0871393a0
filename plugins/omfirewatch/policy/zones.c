/* zones.c: time zones by name: "Europe/Berlin", "UTC", "+02:00".
 *
 * Names are those of the system's zone files; each is read once. An offset needs
 * no file. What is in a file is told by zonefile.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define ZONE_DIR       "/usr/share/zoneinfo/"
#define ZONE_BYTES_MAX (256 << 10) /* the largest in use has 4 KiB */
#define TAB_BYTES_MAX  (256 << 10)
#define TAB_NAMES_MAX  1024
#define ZONE_FORM      "a time zone: Europe/Berlin, UTC or +02:00"

static const struct fw_zone utc = {.name = "UTC"};

/* Nothing that leads out of the directory: letters, digits, '_', '+', '-' and single slashes between them. */
static bool is_zone_name(const char *text) {
    char before = '/';

    for (const char *p = text; *p; p++) {
        const bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                            *p == '_' || *p == '+' || *p == '-';

        if (!letter && (*p != '/' || before == '/'))
            return false;
        before = *p;
    }
    return before != '/' && strlen(text) <= FW_ZONE_NAME_MAX;
}

/* At most size bytes; the number of them, or -1 with errno. */
static ssize_t read_bytes(const char *path, uint8_t *bytes, size_t size) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t got;

    if (fd < 0)
        return -1;
    while ((got = read(fd, bytes + n, size - n)) > 0)
        n += (size_t)got;
    const int why = errno;
    (void)close(fd);
    errno = why;
    return got < 0 ? -1 : (ssize_t)n;
}

/* --- names that are not known -------------------------------------------- */

static size_t tab_names(char *text, const char *names[TAB_NAMES_MAX]) {
    size_t n = 0;
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line && n < TAB_NAMES_MAX; line = strtok_r(NULL, "\n", &rest)) {
        char *name = line[0] == '#' ? NULL : strchr(line, '\t');

        name = name ? strchr(name + 1, '\t') : NULL; /* the third column */
        if (!name)
            continue;
        names[n++] = name + 1;
        name[1 + strcspn(name + 1, "\t")] = '\0';
    }
    return n;
}

static void report_unknown(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    char *text = calloc(1, TAB_BYTES_MAX + 1);
    const char **names = calloc(TAB_NAMES_MAX, sizeof *names), *near = NULL;
    const bool there = text && names && read_bytes(ZONE_DIR "zone.tab", (uint8_t *)text, TAB_BYTES_MAX) > 0;

    if (there)
        near = fw_problem_nearest(node->text, names, tab_names(text, names));
    if (near)
        FW_POLICY_PROBLEM(reader, node, "unknown time zone \"%.64s\"; did you mean \"%s\"?", node->text, near);
    else if (there)
        FW_POLICY_PROBLEM(reader, node, "unknown time zone \"%.64s\"; it must be " ZONE_FORM, node->text);
    else
        FW_POLICY_PROBLEM(reader, node,
                          "unknown time zone \"%.64s\": there are none in " ZONE_DIR " (package tzdata); an offset "
                          "needs no file: +02:00",
                          node->text);
    free(names);
    free(text);
}

/* --- one zone ------------------------------------------------------------ */

static const struct fw_zone *keep(struct fw_policy_reader *reader, const struct fw_yaml_node *node,
                                  const struct fw_zone *zone, struct fw_zone_shift *shifts) {
    struct fw_policy_zone *kept = calloc(1, sizeof *kept);

    if (!kept) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
        free(shifts);
        return NULL;
    }
    kept->zone = *zone;
    kept->shifts = shifts;
    kept->next = reader->policy->zones;
    reader->policy->zones = kept;
    return &kept->zone;
}

static bool is_two_digits(const char *text) {
    return text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
}

/* "+02:00", "-03:30" */
static const struct fw_zone *read_offset(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const char *text = node->text;
    struct fw_zone zone;

    if (strlen(text) != strlen("+00:00") || !is_two_digits(text + 1) || text[3] != ':' || !is_two_digits(text + 4) ||
        text[4] > '5' || (text[1] - '0') * 10 + text[2] - '0' > 14) {
        FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is no offset: +02:00 or -03:30, at most 14 hours", text);
        return NULL;
    }
    const fw_time offset =
        ((text[1] - '0') * 10 + text[2] - '0') * FW_HOUR + ((text[4] - '0') * 10 + text[5] - '0') * FW_MINUTE;
    fw_zone_fixed(&zone, text, text[0] == '-' ? -offset : offset);
    return keep(reader, node, &zone, NULL);
}

static const struct fw_zone *read_file(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    char path[sizeof ZONE_DIR + FW_ZONE_NAME_MAX], err[FW_PROBLEM_TEXT];
    uint8_t *bytes = malloc(ZONE_BYTES_MAX);
    struct fw_zone_shift *shifts = NULL;
    const struct fw_zone *kept = NULL;
    struct fw_zone zone;

    (void)snprintf(path, sizeof path, ZONE_DIR "%s", node->text);
    const ssize_t size = bytes ? read_bytes(path, bytes, ZONE_BYTES_MAX) : -1;
    if (!bytes) {
        FW_POLICY_PROBLEM(reader, node, "not enough memory");
    } else if (size < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EISDIR)) {
        report_unknown(reader, node);
    } else if (size < 0) {
        FW_POLICY_PROBLEM(reader, node, "%s cannot be read: %s", path, strerror(errno));
    } else {
        fw_zone_fixed(&zone, node->text, 0);
        if (fw_zonefile_read(&zone, &shifts, bytes, (size_t)size, err, sizeof err) == 0)
            kept = keep(reader, node, &zone, shifts);
        else
            FW_POLICY_PROBLEM(reader, node, "%s %s", path, err);
    }
    free(bytes);
    return kept;
}

const struct fw_zone *fw_policy_read_zone(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    if (!fw_policy_expect(reader, node, FW_YAML_TEXT, "zone", ZONE_FORM))
        return NULL;
    if (strcmp(node->text, utc.name) == 0)
        return &utc;
    for (const struct fw_policy_zone *one = reader->policy->zones; one; one = one->next)
        if (strcmp(one->zone.name, node->text) == 0)
            return &one->zone;
    if (node->text[0] == '+' || node->text[0] == '-')
        return read_offset(reader, node);
    if (is_zone_name(node->text))
        return read_file(reader, node);
    FW_POLICY_PROBLEM(reader, node, "\"%.64s\" is no time zone; it must be " ZONE_FORM, node->text);
    return NULL;
}

void fw_policy_read_zone_section(struct fw_policy_reader *reader, const struct fw_yaml_node *node) {
    const struct fw_zone *zone = fw_policy_read_zone(reader, node);

    if (zone && fw_policy_agree(reader, node, "zone", zone == reader->policy->zone, &reader->zone))
        reader->policy->zone = zone;
}

const struct fw_zone *fw_policy_zone_of(const struct fw_policy *policy, const struct fw_policy_entry *entry) {
    return entry && entry->zone ? entry->zone : policy->zone ? policy->zone : &utc;
}

void fw_policy_free_zones(struct fw_policy *policy) {
    while (policy->zones) {
        struct fw_policy_zone *next = policy->zones->next;

        free(policy->zones->shifts);
        free(policy->zones);
        policy->zones = next;
    }
}
