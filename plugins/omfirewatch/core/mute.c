/* mute.c: which open finding keeps which other one silent; see relation.h for the rules.
 *
 * Open findings hang in chains by their source, those of detectors that mute
 * others in one and the rest in another, so that looking for a parent walks few.
 * It is done when a finding opens and when it closes, never for a report.
 *
 * What an attacker controls: how many findings one source has open; chains are
 * no longer than FW_FINDINGS_MAX, and grow by one for each finding.
 */
#include <string.h>

#include "register.h"
#include "relation.h"

static bool is_about(const struct fw_relation *relation, const struct fw_subject *below) {
    if (relation->only[0].proto == 0)
        return true;
    for (size_t i = 0; i < FW_RELATION_SERVICES && relation->only[i].proto != 0; i++)
        if (relation->only[i].proto == below->proto && relation->only[i].dport == below->dport)
            return true;
    return false;
}

int fw_relation_find(const struct fw_relation *relations, const char *parent, const struct fw_subject *above,
                     const char *child, const struct fw_subject *below) {
    if (relations == NULL || !above->has_src || !below->has_src || !fw_addr_equal(&above->src, &below->src))
        return -1;
    for (int i = 0; relations[i].parent != NULL; i++) {
        const struct fw_relation *relation = &relations[i];
        if (strcmp(relation->parent, parent) != 0 || strcmp(relation->child, child) != 0)
            continue;
        if (relation->scope == FW_SAME_SERVICE && (above->proto != below->proto || above->dport != below->dport))
            continue;
        if (is_about(relation, below))
            return i;
    }
    return -1;
}

static uint32_t *chain_of(struct fw_findings *f, const union fw_addr *src, bool parents) {
    return &f->chains[fw_hash(&fw_seed_fixed, src, sizeof *src) % FW_CHAINS + (parents ? FW_CHAINS : 0)];
}

static bool is_parent_of_any(const struct fw_findings *f, const char *detector) {
    for (size_t i = 0; f->relations != NULL && f->relations[i].parent != NULL; i++)
        if (strcmp(f->relations[i].parent, detector) == 0)
            return true;
    return false;
}

void fw_mute_link(struct fw_findings *f, struct fw_finding *one) {
    const uint32_t self = (uint32_t)(one - f->all);
    if (!one->subject.has_src)
        return;
    one->mutes = is_parent_of_any(f, one->detector->ops->name);
    uint32_t *head = chain_of(f, &one->subject.src, one->mutes);
    one->chain_prev = FW_NIL;
    one->chain_next = *head;
    if (*head != FW_NIL)
        f->all[*head].chain_prev = self;
    *head = self;
}

void fw_mute_unlink(struct fw_findings *f, const struct fw_finding *one) {
    if (!one->subject.has_src)
        return;
    if (one->chain_prev != FW_NIL)
        f->all[one->chain_prev].chain_next = one->chain_next;
    else
        *chain_of(f, &one->subject.src, one->mutes) = one->chain_next;
    if (one->chain_next != FW_NIL)
        f->all[one->chain_next].chain_prev = one->chain_prev;
}

static int relation_of(const struct fw_findings *f, const struct fw_finding *parent, const struct fw_finding *child) {
    return fw_relation_find(f->relations, parent->detector->ops->name, &parent->subject, child->detector->ops->name,
                            &child->subject);
}

/* The relation that stands first in the table decides, then the smaller id: a restart chooses the same. */
static struct fw_finding *find_parent(struct fw_findings *f, const struct fw_finding *child) {
    struct fw_finding *best = NULL;
    int best_relation = 0;
    for (uint32_t i = *chain_of(f, &child->subject.src, true); i != FW_NIL; i = f->all[i].chain_next) {
        struct fw_finding *other = &f->all[i];
        const int relation = other == child ? -1 : relation_of(f, other, child);
        if (relation >= 0 &&
            (best == NULL || relation < best_relation || (relation == best_relation && other->id < best->id))) {
            best = other;
            best_relation = relation;
        }
    }
    return best;
}

/* In the order of the alphabet, so that it does not matter who came first: a restart does not know. */
static void name_child(struct fw_finding *parent, const char *name) {
    char next[FW_CHILD_NAME] = "", kept[FW_CHILD_NAME];
    memcpy(next, name, strnlen(name, FW_CHILD_NAME - 1));
    for (size_t i = 0; i < FW_CHILDREN_MAX; i++) {
        char *slot = parent->children[i];
        const int order = strcmp(next, slot);
        if (order == 0)
            return;
        if (slot[0] != '\0' && order > 0)
            continue;
        memcpy(kept, slot, sizeof kept);
        memcpy(slot, next, sizeof next);
        memcpy(next, kept, sizeof kept);
        if (next[0] == '\0')
            return;
    }
}

/* The child counts in its parent, and in what mutes that one. */
static void attach(struct fw_findings *f, struct fw_finding *child, struct fw_finding *parent) {
    child->parent = (uint32_t)(parent - f->all) + 1;
    child->resumed = FW_TIME_NONE;
    if (child->parent_id == parent->id) /* again the same: counted before */
        return;
    child->parent_id = parent->id;
    if (parent->detector->ops->heard == NULL)
        fw_register_tell(f, child, child->last, false, true);
    for (unsigned depth = 0; depth < FW_RELATION_DEPTH; depth++) {
        parent->muted++;
        name_child(parent, child->detector->ops->name);
        if (parent->parent == 0)
            return;
        parent = &f->all[parent->parent - 1];
    }
}

static void mute_chain(struct fw_findings *f, struct fw_finding *parent, bool parents) {
    for (uint32_t i = *chain_of(f, &parent->subject.src, parents); i != FW_NIL; i = f->all[i].chain_next) {
        struct fw_finding *other = &f->all[i];
        if (other != parent && other->parent == 0 && relation_of(f, parent, other) >= 0)
            attach(f, other, parent);
    }
}

void fw_mute_opened(struct fw_findings *f, struct fw_finding *one) {
    if (!one->subject.has_src)
        return;
    struct fw_finding *parent = find_parent(f, one);
    if (parent != NULL)
        attach(f, one, parent);
    if (one->mutes) {
        mute_chain(f, one, false);
        mute_chain(f, one, true);
    }
}

static void free_chain(struct fw_findings *f, const struct fw_finding *parent, bool parents) {
    const uint32_t self = (uint32_t)(parent - f->all) + 1;
    for (uint32_t i = *chain_of(f, &parent->subject.src, parents); i != FW_NIL; i = f->all[i].chain_next) {
        struct fw_finding *child = &f->all[i];
        if (child->parent != self)
            continue;
        child->parent = 0;
        struct fw_finding *other = find_parent(f, child);
        if (other != NULL)
            attach(f, child, other);
    }
}

void fw_mute_closed(struct fw_findings *f, const struct fw_finding *one) {
    if (!one->subject.has_src || !one->mutes)
        return;
    free_chain(f, one, false);
    free_chain(f, one, true);
}
