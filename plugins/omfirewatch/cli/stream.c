/* stream.c: see stream.h. What an attacker controls: nothing but the amount of
 * text in a log; a damaged file ends in an error, never in a crash.
 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PACKED_BYTES (64 << 10)
#define MAGIC_BYTES  6                /* of the longest, xz */
#define GZIP_WINDOW  (16 + MAX_WBITS) /* zlib: a gzip header is expected */
#define ERROR_TEXT   128

enum format { PLAIN, GZIP, XZ };

struct fw_stream {
    int fd;
    enum format format;
    bool ended;  /* the file has no more */
    bool within; /* gzip: a member has begun and not ended */
    bool failed;
    uint64_t members;
    uint64_t position;
    size_t first; /* in packed[]: what was read and not used */
    size_t count;
    z_stream gzip;
    lzma_stream xz;
    char error[ERROR_TEXT];
    uint8_t packed[PACKED_BYTES];
};

static int fail(struct fw_stream *stream, const char *text) {
    (void)snprintf(stream->error, sizeof stream->error, "%s", text);
    stream->failed = true;
    return -1;
}

static ssize_t read_some(struct fw_stream *stream, void *buf, size_t size) {
    for (;;) {
        const ssize_t n = read(stream->fd, buf, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(stream, strerror(errno));
        stream->ended = n == 0;
        stream->position += (uint64_t)n;
        return n;
    }
}

/* More into packed[], behind what is there. Returns -1 on error. */
static int refill(struct fw_stream *stream) {
    ssize_t n;

    if (stream->first > 0)
        memmove(stream->packed, stream->packed + stream->first, stream->count);
    stream->first = 0;
    n = read_some(stream, stream->packed + stream->count, sizeof stream->packed - stream->count);
    if (n < 0)
        return -1;
    stream->count += (size_t)n;
    return 0;
}

/* --- formats ------------------------------------------------------------- */

static const struct magic {
    const char *bytes;
    size_t len;
    enum format format;
    const char *refused; /* NULL: it can be read */
} magics[] = {
    {"\x1f\x8b\x08", 3, GZIP, NULL},
    {"\xfd"
     "7zXZ\0",
     6, XZ, NULL},
    {"BZh9", 4, PLAIN, "bzip2 is not read here: bzcat FILE | firewatch ... -"},
    {"\x28\xb5\x2f\xfd", 4, PLAIN, "zstd is not read here: zstdcat FILE | firewatch ... -"},
};
#define MAGICS (sizeof magics / sizeof *magics)

/* What has come so far could be the beginning of a packed file. */
static bool may_be_packed(const struct fw_stream *stream) {
    for (size_t i = 0; i < MAGICS; i++)
        if (stream->count < magics[i].len && memcmp(stream->packed, magics[i].bytes, stream->count) == 0)
            return true;
    return false;
}

static int start(struct fw_stream *stream) {
    if (stream->format == GZIP && inflateInit2(&stream->gzip, GZIP_WINDOW) != Z_OK)
        return fail(stream, "not enough memory to unpack");
    if (stream->format == XZ && lzma_stream_decoder(&stream->xz, FW_STREAM_XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
        return fail(stream, "not enough memory to unpack");
    return 0;
}

static int detect(struct fw_stream *stream) {
    do {
        if (refill(stream) != 0)
            return -1;
    } while (!stream->ended && may_be_packed(stream));
    for (size_t i = 0; i < MAGICS; i++) {
        if (stream->count < magics[i].len || memcmp(stream->packed, magics[i].bytes, magics[i].len) != 0)
            continue;
        if (magics[i].refused)
            return fail(stream, magics[i].refused);
        stream->format = magics[i].format;
    }
    return start(stream);
}

int fw_stream_open(struct fw_stream **out, const char *path, char *err, size_t errlen) {
    struct fw_stream *stream = calloc(1, sizeof *stream);

    *out = NULL;
    if (!stream) {
        (void)snprintf(err, errlen, "not enough memory");
        return -1;
    }
    stream->xz = (lzma_stream)LZMA_STREAM_INIT;
    stream->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (stream->fd < 0)
        (void)fail(stream, strerror(errno));
    if (stream->fd < 0 || detect(stream) != 0) {
        (void)snprintf(err, errlen, "%s", stream->error);
        fw_stream_close(&stream);
        return -1;
    }
    *out = stream;
    return 0;
}

void fw_stream_close(struct fw_stream **out) {
    struct fw_stream *stream = *out;

    *out = NULL;
    if (!stream)
        return;
    if (stream->format == GZIP)
        (void)inflateEnd(&stream->gzip);
    lzma_end(&stream->xz);
    if (stream->fd > STDERR_FILENO)
        (void)close(stream->fd);
    free(stream);
}

/* --- reading ------------------------------------------------------------- */

static void use(struct fw_stream *stream, size_t left) {
    stream->first += stream->count - left;
    stream->count = left;
}

static ssize_t read_plain(struct fw_stream *stream, char *buf, size_t size) {
    size_t n = stream->count < size ? stream->count : size;

    if (n == 0)
        return stream->ended ? 0 : read_some(stream, buf, size);
    memcpy(buf, stream->packed + stream->first, n);
    use(stream, stream->count - n);
    return (ssize_t)n;
}

/* Between two members: more of them, or the end. What follows the last member and is none is padding (tapes) and read
 * over, as gzip does. */
static bool gzip_goes_on(struct fw_stream *stream) {
    if (stream->within)
        return true;
    if (stream->members > 0 && (stream->count == 0 || stream->packed[stream->first] != 0x1f))
        return false;
    (void)inflateReset(&stream->gzip);
    stream->within = true;
    return true;
}

static ssize_t read_gzip(struct fw_stream *stream, char *buf, size_t size) {
    z_stream *z = &stream->gzip;

    z->next_out = (unsigned char *)buf;
    z->avail_out = (unsigned)size;
    while (z->avail_out == size) {
        if (stream->count == 0 && !stream->ended && refill(stream) != 0)
            return -1;
        if (!gzip_goes_on(stream))
            return 0;
        if (stream->count == 0)
            return fail(stream, "ends in the middle of its gzip data");
        z->next_in = stream->packed + stream->first;
        z->avail_in = (unsigned)stream->count;
        const int result = inflate(z, Z_NO_FLUSH);
        use(stream, z->avail_in);
        if (result == Z_STREAM_END) {
            stream->within = false;
            stream->members++;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            (void)fail(stream, result == Z_MEM_ERROR ? "not enough memory to unpack" : "its gzip data are damaged");
            break;
        }
    }
    return z->avail_out == size ? -1 : (ssize_t)(size - z->avail_out);
}

static const char *xz_error(lzma_ret result) {
    switch (result) {
    case LZMA_MEM_ERROR:
        return "not enough memory to unpack";
    case LZMA_MEMLIMIT_ERROR:
        return "was packed to need more than 128 MiB to unpack";
    case LZMA_BUF_ERROR:
        return "ends in the middle of its xz data";
    default:
        return "its xz data are damaged";
    }
}

static ssize_t read_xz(struct fw_stream *stream, char *buf, size_t size) {
    lzma_stream *z = &stream->xz;

    z->next_out = (uint8_t *)buf;
    z->avail_out = size;
    while (z->avail_out == size) {
        if (stream->count == 0 && !stream->ended && refill(stream) != 0)
            return -1;
        z->next_in = stream->packed + stream->first;
        z->avail_in = stream->count;
        const lzma_ret result = lzma_code(z, stream->ended ? LZMA_FINISH : LZMA_RUN);
        use(stream, z->avail_in);
        if (result == LZMA_STREAM_END) {
            stream->count = 0;
            return (ssize_t)(size - z->avail_out);
        }
        if (result != LZMA_OK && (result != LZMA_BUF_ERROR || stream->ended)) {
            (void)fail(stream, xz_error(result));
            break;
        }
    }
    return z->avail_out == size ? -1 : (ssize_t)(size - z->avail_out);
}

ssize_t fw_stream_read(struct fw_stream *stream, char *buf, size_t size) {
    if (stream->failed)
        return -1;
    switch (stream->format) {
    case GZIP:
        return read_gzip(stream, buf, size);
    case XZ:
        return read_xz(stream, buf, size);
    case PLAIN:
        break;
    }
    return read_plain(stream, buf, size);
}

const char *fw_stream_error(const struct fw_stream *stream) {
    return stream->error;
}

uint64_t fw_stream_position(const struct fw_stream *stream) {
    return stream->position - stream->count;
}

int fw_stream_descriptor(const struct fw_stream *stream) {
    return stream->fd;
}
