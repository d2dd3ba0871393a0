/* swatch.c: reads a configuration of swatch; see swatch.h. */
#include "swatch.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../rules/rule.h"

static void unmapped(struct fw_swatch *swatch, const char *what) {
    swatch->lossy = true;
    (void)fprintf(stderr, "%s:%u: %s\n", swatch->path, swatch->line, what);
}

/* Between slashes, with an i behind them where case does not matter. */
static void add_entry(struct fw_swatch *swatch, const char *value, bool ignore) {
    const size_t len = strlen(value);
    const char *end = value[0] == '/' ? strrchr(value, '/') : NULL;
    struct fw_swatch_entry *one = &swatch->entries[swatch->count];

    if (swatch->count == FW_SWATCH_ENTRIES_MAX || !end || end == value || len < 3 ||
        (end[1] != '\0' && strcmp(end + 1, "i") != 0)) {
        unmapped(swatch, "no pattern between slashes: the whole entry is left out");
        return;
    }
    *one = (struct fw_swatch_entry){.ignore = ignore, .regex = malloc(len + 8)};
    if (!one->regex)
        return;
    (void)sprintf(one->regex, "%s%.*s", end[1] == 'i' ? "(?i)" : "", (int)(end - value - 1), value + 1);
    swatch->count++;
}

/* ---- options: "root@example.org,subject=full disk,when=1-6:8-17" ---- */

/* Cuts the option of that name out of the value; a copy of what it says, NULL: it is not there. */
static char *take_option(char *value, const char *name) {
    const size_t len = strlen(name);
    char *at = value;

    while ((at = strstr(at, name)) != NULL && !((at == value || at[-1] == ',' || at[-1] == ' ') && at[len] == '='))
        at += len;
    if (!at)
        return NULL;
    char *end = at + len + 1;
    for (; *end != '\0'; end++) { /* up to the next option: values have commas of their own */
        if (*end != ',')
            continue;
        const size_t word = strspn(end + 1, "abcdefghijklmnopqrstuvwxyz_ ");
        if (end[1 + word] == '=' || strcmp(end + 1, "keep_open") == 0)
            break;
    }
    char *copy = strndup(at + len + 1, (size_t)(end - at) - len - 1);
    if (at > value && at[-1] == ',')
        at--;
    memmove(at, end, strlen(end) + 1);
    if (at == value && value[0] == ',')
        memmove(value, value + 1, strlen(value));
    return copy;
}

static bool take_word(char *value, const char *word) {
    const size_t len = strlen(value), n = strlen(word);

    if (len < n || strcmp(value + len - n, word) != 0 || (len > n && value[len - n - 1] != ','))
        return false;
    value[len > n ? len - n - 1 : 0] = '\0';
    return true;
}

static void unquote(char *value) {
    const size_t len = strlen(value);

    if (len > 1 && value[0] == '"' && value[len - 1] == '"') {
        memmove(value, value + 1, len - 2);
        value[len - 2] = '\0';
    }
}

/* ---- when: "1-6:8-17" ---- */

/* "1-6" or "1,3"; "" when it is not that, with *end behind it. */
static bool read_range(const char **p, unsigned most, unsigned *first, unsigned *last) {
    char *end;

    if (!isdigit((unsigned char)**p))
        return false;
    *first = *last = (unsigned)strtoul(*p, &end, 10);
    if (*end == '-' && isdigit((unsigned char)end[1]))
        *last = (unsigned)strtoul(end + 1, &end, 10);
    *p = end;
    return *first <= *last && *last <= most;
}

/* "mon-sat", "sun,wed-fri", "daily"; false: these are no days. */
static bool read_days(const char **p, char *days, size_t size) {
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    unsigned first, last;
    size_t len = 0;

    days[0] = '\0';
    if (**p == '*') {
        (*p)++;
        (void)snprintf(days, size, "daily");
        return **p == ':';
    }
    do {
        if (!read_range(p, 6, &first, &last) || len >= size - 16)
            return false;
        len += (size_t)snprintf(days + len, size - len, "%s%s%s%s", len > 0 ? "," : "", names[first],
                                last > first ? "-" : "", last > first ? names[last] : "");
    } while (**p == ',' && (*p)++);
    return **p == ':';
}

/* "[\"mon-sat 08:00-18:00\"]": an hour of swatch's is in it to its end. */
static bool read_when(const char *text, char *when, size_t size) {
    char days[64];
    unsigned first, last;
    const char *p = text;

    if (!read_days(&p, days, sizeof days))
        return false;
    p++;
    if (strcmp(p, "*") == 0)
        return (size_t)snprintf(when, size, "[\"%s\"]", days) < size;
    size_t len = (size_t)snprintf(when, size, "[");
    do {
        if (!read_range(&p, 23, &first, &last) || len >= size - 80)
            return false;
        len += (size_t)snprintf(when + len, size - len, "%s\"%s %02u:00-%02u:00\"", len > 1 ? ", " : "", days, first,
                                last + 1);
    } while (*p == ',' && p++);
    (void)snprintf(when + len, size - len, "]");
    return *p == '\0';
}

/* ---- how often ---- */

/* Brackets of an expression that capture. */
static unsigned brackets_of(const char *regex) {
    unsigned n = 0;

    for (const char *p = regex; *p != '\0'; p++)
        if (*p == '\\' && p[1] != '\0')
            p++;
        else
            n += *p == '(' && p[1] != '?';
    return n;
}

/* What swatch puts in place of a $N without a bracket is empty: it tells nothing apart. */
static void read_keys(struct fw_swatch_threshold *threshold, const char *track, const char *regex) {
    const int most = '0' + (int)brackets_of(regex);

    for (const char *p = track; (p = strchr(p, '$')) != NULL; p++)
        if (p[1] >= '1' && p[1] <= '4' && p[1] <= most && threshold->keys_count < FW_SWATCH_KEYS_MAX)
            threshold->keys[threshold->keys_count++] = (unsigned)(p[1] - '0');
}

static void read_type(struct fw_swatch *swatch, struct fw_swatch_threshold *threshold, const char *type) {
    if (strcmp(type, "limit") == 0) {
        if (threshold->count != 1)
            unmapped(swatch, "type=limit with more than one: the rule tells the first, its finding counts the others");
        threshold->often = FW_SWATCH_FIRST;
    } else if (strcmp(type, "threshold") == 0 && threshold->count <= FW_RULE_STEPS_MAX) {
        threshold->often = threshold->count == 1 ? FW_SWATCH_ALWAYS : FW_SWATCH_NTH;
    } else if (strcmp(type, "both") == 0 || strcmp(type, "threshold") == 0) {
        if (type[0] == 't')
            unmapped(swatch, "type=threshold with more than 32: the rule tells it once in that time");
        threshold->often = FW_SWATCH_ONCE;
    } else {
        unmapped(swatch, "threshold: type is limit, threshold or both");
    }
}

/* Takes the options of a threshold out of the value. */
static void read_threshold(struct fw_swatch *swatch, struct fw_swatch_threshold *threshold, char *value) {
    const char *regex = swatch->entries[swatch->count - 1].regex;
    char *track = take_option(value, "track_by"), *type = take_option(value, "type");
    char *count = take_option(value, "count"), *seconds = take_option(value, "seconds");

    *threshold = (struct fw_swatch_threshold){.count = count ? (unsigned)strtoul(count, NULL, 10) : 0,
                                              .seconds = seconds ? (unsigned)strtoul(seconds, NULL, 10) : 0};
    if (track)
        read_keys(threshold, track, regex);
    if (threshold->count == 0 || threshold->seconds == 0)
        unmapped(swatch, "threshold: it needs type, count and seconds; left out");
    else
        read_type(swatch, threshold, type ? type : "");
    free(track);
    free(type);
    free(count);
    free(seconds);
}

static void read_throttle(struct fw_swatch *swatch, struct fw_swatch_threshold *threshold, const char *value) {
    unsigned seconds = 0;

    for (const char *p = value; isdigit((unsigned char)*p); p += *p == ':') {
        char *end;
        seconds = seconds * 60 + (unsigned)strtoul(p, &end, 10);
        p = end;
        if (*p != ':')
            break;
    }
    *threshold =
        (struct fw_swatch_threshold){.often = FW_SWATCH_FIRST, .count = 1, .seconds = seconds > 0 ? seconds : 1};
    if (!strstr(value, "key=regex") && !strstr(value, "use=regex"))
        unmapped(swatch, "throttle by message: the rule throttles the pattern as a whole");
}

/* ---- actions ---- */

/* Commands become parts of a line of rsyslog's that is taken apart at blanks; no shell reads those of exec. */
static bool is_plain_command(struct fw_swatch *swatch, enum fw_swatch_act act, const char *command) {
    const char *odd = act == FW_SWATCH_EXEC ? "|&;<>()`\"'\\?[]{}~" : "\"'\\`";

    for (const char *p = command; (p = strchr(p, '$')) != NULL; p++)
        if (act == FW_SWATCH_PIPE || (p[1] != '0' && p[1] != '*')) {
            unmapped(swatch, "$N in a command: rsyslog gives the line as a whole, $0; the action is left out");
            return false;
        }
    if (strpbrk(command, odd)) {
        unmapped(swatch, "a command with quotes or for a shell is left out: put it into a script and name that");
        return false;
    }
    return true;
}

static bool is_same(const struct fw_swatch_threshold *a, const struct fw_swatch_threshold *b) {
    return a->often == b->often && a->count == b->count && a->seconds == b->seconds && a->keys_count == b->keys_count &&
           memcmp(a->keys, b->keys, a->keys_count * sizeof *a->keys) == 0;
}

/* Where an action goes that acts at these times and that often; NULL: there are too many. */
static struct fw_swatch_group *group_of(struct fw_swatch_entry *entry, const struct fw_swatch_group *like) {
    for (size_t i = 0; i < entry->groups_count; i++) {
        struct fw_swatch_group *one = &entry->groups[i];

        if (strcmp(one->when, like->when) == 0 && one->own == like->own &&
            (!one->own || is_same(&one->threshold, &like->threshold)))
            return one->actions_count < FW_SWATCH_ACTIONS_MAX ? one : NULL;
    }
    if (entry->groups_count == FW_SWATCH_GROUPS_MAX)
        return NULL;
    entry->groups[entry->groups_count] = *like;
    return &entry->groups[entry->groups_count++];
}

static void add_action(struct fw_swatch *swatch, struct fw_swatch_entry *entry, enum fw_swatch_act act, char *value) {
    struct fw_swatch_group like = {.own = false};
    char *when = take_option(value, "when"), *threshold = take_option(value, "threshold");
    char *subject = act == FW_SWATCH_MAIL ? take_option(value, "subject") : NULL;
    char *addresses = act == FW_SWATCH_MAIL ? take_option(value, "addresses") : NULL;

    if (when && !read_when(when, like.when, sizeof like.when)) {
        unmapped(swatch, "when= is days and hours, as 1-6:8-17: the action runs at any time");
        like.when[0] = '\0';
    }
    if (threshold) {
        like.own = true;
        read_threshold(swatch, &like.threshold, value);
    }
    const bool keep_open = act == FW_SWATCH_PIPE && take_word(value, "keep_open");
    unquote(addresses ? addresses : value);
    if (subject)
        unquote(subject);
    const bool runs = act == FW_SWATCH_EXEC || act == FW_SWATCH_PIPE;
    struct fw_swatch_group *group = runs && !is_plain_command(swatch, act, value) ? NULL : group_of(entry, &like);
    if (!group && !runs)
        unmapped(swatch, "too many actions: this one is left out");
    else if (group)
        group->actions[group->actions_count++] = (struct fw_swatch_action){
            .act = act, .value = strdup(addresses ? addresses : value), .subject = subject, .keep_open = keep_open};
    if (!group)
        free(subject);
    free(when);
    free(threshold);
    free(addresses);
}

static void read_action(struct fw_swatch *swatch, const char *keyword, char *value) {
    static const struct {
        const char *keyword;
        enum fw_swatch_act act;
    } acts[] = {{"echo", FW_SWATCH_ECHO}, {"mail", FW_SWATCH_MAIL},   {"exec", FW_SWATCH_EXEC},
                {"pipe", FW_SWATCH_PIPE}, {"write", FW_SWATCH_WRITE}, {"mailto", FW_SWATCH_MAIL}};
    struct fw_swatch_entry *entry = swatch->count > 0 ? &swatch->entries[swatch->count - 1] : NULL;

    if (!entry)
        return;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (strcmp(keyword, acts[i].keyword) != 0)
            continue;
        add_action(swatch, entry, acts[i].act, value);
        return;
    }
    if (strcmp(keyword, "continue") == 0)
        entry->goes_on = true;
    else if (strcmp(keyword, "throttle") == 0)
        read_throttle(swatch, &entry->threshold, value);
    else if (strcmp(keyword, "threshold") == 0)
        read_threshold(swatch, &entry->threshold, value);
    else
        unmapped(swatch, strcmp(keyword, "bell") == 0
                             ? "bell: a daemon has no terminal; write says it on those of users"
                         : strcmp(keyword, "quit") == 0     ? "quit: rsyslogd goes on"
                         : strcmp(keyword, "perlcode") == 0 ? "perlcode: rules run no code"
                                                            : "this is not known, and left out");
}

static void read_line(struct fw_swatch *swatch, char *line) {
    char *keyword = line + strspn(line, " \t"), *value;

    line[strcspn(line, "\r\n")] = '\0';
    if (*keyword == '#' || *keyword == '\0')
        return;
    value = keyword + strcspn(keyword, " \t=");
    if (*value != '\0')
        *value++ = '\0';
    value += strspn(value, " \t=");
    for (size_t len = strlen(value); len > 0 && isspace((unsigned char)value[len - 1]); len--)
        value[len - 1] = '\0';
    if (strcmp(keyword, "watchfor") == 0 || strcmp(keyword, "ignore") == 0)
        add_entry(swatch, value, keyword[0] == 'i');
    else
        read_action(swatch, keyword, value);
}

int fw_swatch_read(struct fw_swatch *swatch, const char *path) {
    char line[FW_SWATCH_LINE];
    FILE *in = fopen(path, "r");

    if (!in)
        return -1;
    memset(swatch, 0, sizeof *swatch);
    swatch->path = path;
    while (fgets(line, sizeof line, in)) {
        swatch->line++;
        read_line(swatch, line);
    }
    (void)fclose(in);
    for (size_t i = 0; i < swatch->count; i++) /* an entry that only watches is a rule too */
        if (!swatch->entries[i].ignore && swatch->entries[i].groups_count == 0)
            swatch->entries[i].groups_count = 1;
    return 0;
}

void fw_swatch_free(struct fw_swatch *swatch) {
    for (size_t i = 0; i < swatch->count; i++) {
        struct fw_swatch_entry *entry = &swatch->entries[i];

        for (size_t g = 0; g < entry->groups_count; g++)
            for (size_t a = 0; a < entry->groups[g].actions_count; a++) {
                free(entry->groups[g].actions[a].value);
                free(entry->groups[g].actions[a].subject);
            }
        free(entry->regex);
    }
    swatch->count = 0;
}
