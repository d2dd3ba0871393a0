# Made by tools/sources.sh from the tree; ./autogen.sh runs it.

FW_CORE_SOURCES = \
    plugins/omfirewatch/core/addr.c \
    plugins/omfirewatch/core/addr.h \
    plugins/omfirewatch/core/block.c \
    plugins/omfirewatch/core/block.h \
    plugins/omfirewatch/core/clock.c \
    plugins/omfirewatch/core/clock.h \
    plugins/omfirewatch/core/counters.def \
    plugins/omfirewatch/core/distinct.c \
    plugins/omfirewatch/core/distinct.h \
    plugins/omfirewatch/core/document.c \
    plugins/omfirewatch/core/document.h \
    plugins/omfirewatch/core/engine.c \
    plugins/omfirewatch/core/engine.h \
    plugins/omfirewatch/core/event.c \
    plugins/omfirewatch/core/event.h \
    plugins/omfirewatch/core/fields.def \
    plugins/omfirewatch/core/finding.c \
    plugins/omfirewatch/core/finding.h \
    plugins/omfirewatch/core/gate.c \
    plugins/omfirewatch/core/gate.h \
    plugins/omfirewatch/core/hash.c \
    plugins/omfirewatch/core/hash.h \
    plugins/omfirewatch/core/json.c \
    plugins/omfirewatch/core/json.h \
    plugins/omfirewatch/core/mem.c \
    plugins/omfirewatch/core/mem.h \
    plugins/omfirewatch/core/net.c \
    plugins/omfirewatch/core/problem.c \
    plugins/omfirewatch/core/problem.h \
    plugins/omfirewatch/core/session.c \
    plugins/omfirewatch/core/session.h \
    plugins/omfirewatch/core/site.h \
    plugins/omfirewatch/core/sketch.c \
    plugins/omfirewatch/core/sketch.h \
    plugins/omfirewatch/core/slab.c \
    plugins/omfirewatch/core/slab.h \
    plugins/omfirewatch/core/table.c \
    plugins/omfirewatch/core/table.h

FW_DETECT_SOURCES = \
    plugins/omfirewatch/detect/det_addr_scan.c \
    plugins/omfirewatch/detect/det_mass_mail.c \
    plugins/omfirewatch/detect/detector.h \
    plugins/omfirewatch/detect/keyed.c \
    plugins/omfirewatch/detect/keyed.h \
    plugins/omfirewatch/detect/registry.c

FW_PARSE_SOURCES = \
    plugins/omfirewatch/parse/header.h \
    plugins/omfirewatch/parse/parser.h

FW_POLICY_SOURCES = \
    plugins/omfirewatch/policy/policy.h

FW_CLI_SOURCES =

FW_COMMAND =

FW_GLUE_SOURCES = \
    plugins/omfirewatch/omfirewatch.c \
    plugins/omfirewatch/selftest.c \
    plugins/omfirewatch/selftest.h

FW_UNIT_TESTS =

FW_UNIT_SHARED =

FW_FUZZ_TESTS =

FW_RULEBASES =

FW_MANS =
