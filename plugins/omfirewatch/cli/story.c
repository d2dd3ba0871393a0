/* story.c: see story.h; story_print.c tells them. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"

static struct fw_story *find(struct fw_stories *stories, const char *id) {
    for (size_t i = 0; i < stories->count; i++)
        if (strcmp(stories->story[i].told.id, id) == 0)
            return &stories->story[i];
    if (stories->count == FW_STORY_MAX)
        return NULL;
    return &stories->story[stories->count++];
}

static bool replace(char **kept, const char *text, size_t len) {
    char *copy = strndup(text, len);

    if (!copy)
        return false;
    free(*kept);
    *kept = copy;
    return true;
}

/* "finding-open" is "open" */
static void copy_action(struct fw_story_step *step, const char *action) {
    const char *dash = strchr(action, '-');

    (void)snprintf(step->action, sizeof step->action, "%s", dash ? dash + 1 : action);
}

static bool add_step(struct fw_story *story, const struct fw_record *record) {
    struct fw_story_step *steps = story->steps;

    if (story->count == FW_STORY_STEPS) {
        story->omitted++;
    } else {
        steps = fw_index_grow(steps, story->count, sizeof *steps);
        if (!steps)
            return false;
        story->steps = steps;
        story->count++;
    }
    struct fw_story_step *step = &steps[story->count - 1];
    step->time = fw_record_time(record, "@timestamp");
    copy_action(step, fw_record_text(record, "event.action"));
    step->value = fw_record_number(record, "firewatch.measure.value", -1);
    step->stage = fw_record_number(record, "firewatch.finding.stage", 0);
    step->severity = fw_record_number(record, "event.severity", -1);
    return true;
}

static bool add(struct fw_story *story, const struct fw_record *record, const char *text, size_t len) {
    if (fw_record_count(record, "firewatch.evidence") > 0) {
        free(story->evidence);
        story->evidence = NULL;
    } else if (story->text && !story->evidence) {
        story->evidence = story->text;
        story->text = NULL;
    }
    fw_told_add(&story->told, record);
    return replace(&story->text, text, len) && add_step(story, record);
}

/* A finding that has begun again says so in the documents of the later one. */
static void note_reopening(struct fw_stories *stories, const struct fw_record *record) {
    const char *previous = fw_record_text(record, "firewatch.finding.previous_id");

    for (size_t i = 0; previous[0] != '\0' && i < stories->count; i++)
        if (strcmp(stories->story[i].told.id, previous) == 0)
            (void)snprintf(stories->story[i].reopened, sizeof stories->story[i].reopened, "%s",
                           fw_record_text(record, "event.id"));
}

bool fw_stories_take(struct fw_stories *stories, const struct fw_record *record, const char *text, size_t len,
                     const char *wanted) {
    const char *id = fw_record_text(record, "event.id");
    const bool by_key = strcmp(fw_record_text(record, "firewatch.finding.key"), wanted) == 0;
    struct fw_story *story;

    note_reopening(stories, record);
    if (!by_key && strncmp(id, wanted, strlen(wanted)) != 0)
        return true;
    story = strlen(id) < FW_TOLD_NAME ? find(stories, id) : NULL;
    if (!story)
        return false;
    story->by_key = by_key;
    return add(story, record, text, len);
}

void fw_stories_free(struct fw_stories *stories) {
    for (size_t i = 0; i < stories->count; i++) {
        free(stories->story[i].steps);
        free(stories->story[i].text);
        free(stories->story[i].evidence);
    }
    stories->count = 0;
}

const struct fw_story *fw_stories_last_of_key(const struct fw_stories *stories) {
    const struct fw_story *last = stories->count > 0 ? &stories->story[0] : NULL;

    for (size_t i = 1; i < stories->count; i++) {
        if (!stories->story[i].by_key || !last->by_key)
            return NULL;
        if (stories->story[i].told.opened >= last->told.opened)
            last = &stories->story[i];
    }
    return last;
}
