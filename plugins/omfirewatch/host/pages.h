/* pages.h: the allocator of programs that run an engine: large blocks on huge pages.
 *
 * An engine looks up keys all over tables of many megabytes. On pages of 4 KiB
 * nearly each look-up also misses the processor's table of pages, which in a
 * virtual machine costs more than the miss of the data itself. So blocks from
 * FW_PAGES_HUGE_FROM on are mapped on their own and the kernel is asked for huge
 * pages; where it has none they are ordinary ones.
 *
 * Blocks from FW_PAGES_MAP_FROM on are mapped as well, so that they become resident
 * as they are filled: a small site does not pay for the whole budget, and an engine
 * opens at once.
 * Resident: a huge page that is touched anywhere is resident whole, so a table
 * comes to its full size with fewer keys. Never more than was asked for and one
 * huge page a block: an engine's budget holds.
 * Every block begins at a cache line.
 */
#ifndef FW_PAGES_H
#define FW_PAGES_H

#include "../core/mem.h"

#define FW_PAGES_HUGE      ((size_t)2 << 20)
#define FW_PAGES_HUGE_FROM (2 * FW_PAGES_HUGE) /* smaller blocks would waste a large part of one */
#define FW_PAGES_MAP_FROM  ((size_t)128 << 10) /* smaller ones are cheaper to zero than to map */

extern const struct fw_mem fw_mem_pages;

#endif
