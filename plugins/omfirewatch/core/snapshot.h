/* snapshot.h: the whole state of an engine as a sequence of frames, in memory.
 *
 * A snapshot is a head and frames; the last frame says that it is complete. Each
 * frame holds records of one part of the engine (see state.h) and a checksum
 * over itself and its number, so that frames can neither be damaged nor left
 * out, doubled or exchanged unnoticed. Where the bytes go is the caller's: to a
 * file (store/), or at once into another engine (a new policy).
 *
 * Events may be observed between two frames: the lock of the engine is needed
 * for one frame at a time, that is for at most FW_FRAME_MAX bytes.
 * Layout, numbers little endian:
 *   head    magic 8, version 8, byte order 8, seed 16, event time 8, checksum 8
 *   frame   checksum 8, section 8 (a name), version of the section 8, number of
 *           the frame 8, length 8, and so many bytes of records
 *   the end is a frame of section "end", its records are the number of frames.
 * Checksums are SipHash with the fixed seed: they guard against accidents. Who
 * can write the file can write what he likes; load checks what it reads, so that
 * the worst he gets is an engine that knows nonsense.
 * Memory: one frame, the caller's.
 */
#ifndef FW_SNAPSHOT_H
#define FW_SNAPSHOT_H

#include "engine.h"
#include "state.h"

#define FW_SNAPSHOT_HEAD    56
#define FW_FRAME_HEAD       40
#define FW_FRAME_MAX        ((size_t)1 << 20) /* with its head: about a millisecond to fill */
#define FW_SNAPSHOT_VERSION 2

struct fw_snapshot_head {
    struct fw_seed seed; /* secret: an engine that loads it has to be opened with it */
    fw_time time;        /* of the engine, when it began */
};

void fw_snapshot_put_head(const struct fw_snapshot_head *head, uint8_t bytes[FW_SNAPSHOT_HEAD]);
/* -1: this is no snapshot, or not one of this version and machine; *why says what it is. */
int fw_snapshot_get_head(struct fw_snapshot_head *head, const uint8_t bytes[FW_SNAPSHOT_HEAD], const char **why);

/* ---- writing ---- */

struct fw_snapshot {
    uint8_t *frame; /* FW_FRAME_MAX bytes, the caller's */
    size_t len;     /* of the frame, with its head */
    size_t section; /* where it goes on */
    size_t detector;
    uint64_t cursor;
    uint64_t frames;
    bool ended;
};

void fw_snapshot_begin(struct fw_snapshot *snapshot, uint8_t *frame);
/* The next frame; false: there is none, the last one was the end. The caller holds the engine's lock. */
bool fw_snapshot_fill(struct fw_snapshot *snapshot, struct fw_engine *engine);
/* Completes it, without the lock; the frame is then `len` bytes. */
void fw_snapshot_seal(struct fw_snapshot *snapshot);

/* ---- reading ---- */

struct fw_frame {
    char section[9];
    uint64_t version;
    size_t length; /* of the records after its head */
    uint64_t checksum;
};

/* Of the head of the number-th frame: -1 when there is no such frame, or it is too long. */
int fw_frame_get_head(struct fw_frame *frame, uint64_t number, const uint8_t bytes[FW_FRAME_HEAD]);
/* Whether the bytes of the frame, head and records, are what was written. */
bool fw_frame_is_whole(const struct fw_frame *frame, const uint8_t *bytes);
bool fw_frame_is_end(const struct fw_frame *frame);

struct fw_restore {
    struct fw_engine *engine;
    uint64_t frames;
    uint64_t dropped; /* frames that the engine has no use for: a detector that is off or changed */
    uint64_t useless[(FW_DETECTORS_MAX + FW_RULES_MAX) / 64 + 1]; /* bits: detectors whose frames made no sense */
    uint64_t useless_sections;
};

/* Into an engine that was just opened, with the seed of the head. */
void fw_restore_begin(struct fw_restore *restore, struct fw_engine *engine);
/* Takes the records of one frame; those that make no sense are dropped, with the rest of their section, and counted. */
void fw_restore_frame(struct fw_restore *restore, const struct fw_frame *frame, const uint8_t *records);
/* What documents that left after the snapshot said of their findings: struct fw_document's trace, in their order.
 * After the last frame. */
void fw_restore_trace(struct fw_restore *restore, uint64_t sequence, const uint8_t *trace, size_t len);
/* The last call: what was loaded is put in order. */
void fw_restore_end(struct fw_restore *restore);

/* Both at once: the state of one engine into another one, by way of a frame. */
void fw_snapshot_move(struct fw_engine *from, struct fw_engine *to, uint8_t *frame);

#endif
