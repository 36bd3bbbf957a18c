// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static void
print(const char *prefix, const char *format, va_list arguments)
{
    // On a terminal the live line may stand where the message goes.
    const char *clear_line = isatty(STDERR_FILENO) ? "\r\033[K" : "";
    flockfile(stderr);
    fprintf(stderr, "%saudyn: %s", clear_line, prefix);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void
audyn_log_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print("error: ", format, arguments);
    va_end(arguments);
}

void
audyn_log_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print("warning: ", format, arguments);
    va_end(arguments);
}

void
audyn_log_info(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print("", format, arguments);
    va_end(arguments);
}
