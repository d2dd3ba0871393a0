/* locked.c: how long omfirewatch.so waits for its locks and holds them, in a process that runs as it is.
 *
 * Loaded by LD_PRELOAD into rsyslogd (tests/bench/workers builds it). Locks of
 * everybody else pass through. At the end the process writes to the file FW_LOCKED
 * of the one that was taken most often, the engine's: how often, ns waited, ns held.
 * Where one of both took LONG or more somebody else had the core: not counted. Reading the clock three times a lock makes
 * the rate of such a run no rate.
 *
 *   cc -O2 -shared -fPIC -o locked.so tests/bench/preload/locked.c
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MODULE  "omfirewatch.so"
#define MUTEXES 256     /* more than the module has */
#define LONG    5000000 /* ns; 64 lines that waited for another worker take 200,000 */

static int (*lock)(pthread_mutex_t *);
static int (*trylock)(pthread_mutex_t *);
static int (*unlock)(pthread_mutex_t *);
static atomic_uintptr_t base; /* where the module begins; 0: not yet seen */
static struct figures {
    _Atomic(pthread_mutex_t *) mutex; /* NULL: free */
    atomic_uint_least64_t locks, waited, held;
} figures[MUTEXES];
static _Thread_local struct figures *mine; /* of the lock of the module that this thread holds */
static _Thread_local uint64_t waiting, since;

static struct figures *figures_of(pthread_mutex_t *mutex) {
    for (unsigned i = 0; i < MUTEXES; i++) {
        pthread_mutex_t *other = atomic_load_explicit(&figures[i].mutex, memory_order_relaxed);

        if (other == mutex || (!other && atomic_compare_exchange_strong(&figures[i].mutex, &other, mutex)) ||
            other == mutex)
            return &figures[i];
    }
    return NULL;
}

static uint64_t now(void) {
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void find(void) {
    *(void **)&lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    *(void **)&trylock = dlsym(RTLD_NEXT, "pthread_mutex_trylock");
    *(void **)&unlock = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
}

/* The text of the module is smaller than 4 MiB. */
static int is_of_module(const void *caller) {
    const uintptr_t at = (uintptr_t)caller, begins = atomic_load_explicit(&base, memory_order_relaxed);
    Dl_info info;

    if (begins)
        return at - begins < 4u << 20;
    if (!dladdr(caller, &info) || !info.dli_fname || !strstr(info.dli_fname, MODULE))
        return 0;
    atomic_store(&base, (uintptr_t)info.dli_fbase);
    return 1;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    if (!lock)
        find();
    if (mine || !is_of_module(__builtin_return_address(0)))
        return lock(mutex);
    struct figures *of = figures_of(mutex);
    const uint64_t begun = now();
    const int result = lock(mutex);

    if (!of)
        return result;
    mine = of;
    since = now();
    waiting = since - begun;
    return result;
}

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
    if (!trylock)
        find();
    const int result = trylock(mutex);

    if (result == 0 && !mine && is_of_module(__builtin_return_address(0)) && (mine = figures_of(mutex))) {
        since = now();
        waiting = 0;
    }
    return result;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    if (!unlock)
        find();
    if (mine && mine->mutex == mutex) {
        const uint64_t held = now() - since;

        if (held < LONG && waiting < LONG) {
            atomic_fetch_add_explicit(&mine->waited, waiting, memory_order_relaxed);
            atomic_fetch_add_explicit(&mine->held, held, memory_order_relaxed);
            atomic_fetch_add_explicit(&mine->locks, 1, memory_order_relaxed);
        }
        mine = NULL;
    }
    return unlock(mutex);
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("FW_LOCKED");
    const struct figures *most = figures;
    FILE *out = path && base ? fopen(path, "w") : NULL;

    if (!out)
        return;
    for (unsigned i = 1; i < MUTEXES; i++)
        if (figures[i].locks > most->locks)
            most = &figures[i];
    fprintf(out, "%llu %llu %llu\n", (unsigned long long)most->locks, (unsigned long long)most->waited,
            (unsigned long long)most->held);
    fclose(out);
}
