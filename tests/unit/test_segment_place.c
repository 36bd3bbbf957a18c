// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Years of cuts and names, these in memory instead of on disk.

#include "unit_test.h"

#include "archive/segment_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400
#define TAI_MINUS_UTC 37
#define FOLDER "/archive/stream"

// The hashes of the names that are there; 0: none.
#define SLOTS (1U << 18)
static uint64_t names[SLOTS];

static uint64_t
hash_of(const char *path)
{
    uint64_t hash = UINT64_C(14695981039346656037); // FNV-1a
    for (; *path; ++path) {
        hash = (hash ^ (uint8_t)*path) * UINT64_C(1099511628211);
    }
    return hash;
}

static uint64_t *
find(uint64_t hash)
{
    uint64_t *slot = &names[hash % SLOTS];
    while (*slot && *slot != hash) {
        slot = slot + 1 < names + SLOTS ? slot + 1 : names;
    }
    return slot;
}

int __wrap_lstat64(const char *path, struct stat *about);
int __wrap_audyn_directory_make_for(const char *path);

int
__wrap_lstat64(const char *path, struct stat *about)
{
    (void)about;
    errno = ENOENT;
    return *find(hash_of(path)) ? 0 : -1;
}

int
__wrap_audyn_directory_make_for(const char *path)
{
    return strncmp(path, FOLDER "/", sizeof FOLDER) ? ENOENT : 0;
}

// As O_EXCL does.
static void
create_file(const char *base)
{
    char path[PATH_MAX];
    audyn_segment_path(base, "wav", path);
    const uint64_t hash = hash_of(path);
    uint64_t *slot = find(hash);
    assert_true(*slot == 0);
    *slot = hash;
}

struct walk {
    audyn_layout_t layout;
    audyn_media_rate_t rate;
    int day;            // of 2026
    int64_t midnight_s; // at which it begins, and which comes next
    unsigned segments, shorter;
};

static void
next_midnight(struct walk *walk)
{
    struct tm tm = {.tm_year = 2026 - 1900, .tm_mday = ++walk->day, .tm_isdst = -1};
    walk->midnight_s = mktime(&tm) + TAI_MINUS_UTC;
}

// The second that a sample was taken in.
static int64_t
second_of(const struct walk *walk, uint64_t position)
{
    return audyn_media_tai_ns(position, &walk->rate) / AUDYN_NS_PER_SECOND;
}

// Returns where the next one begins.
static uint64_t
add_segment(struct walk *walk, uint64_t position)
{
    const uint64_t cut = audyn_segment_cut(&walk->layout, &walk->rate, position);
    assert_true(cut > position);
    const int64_t first_s = second_of(walk, position);
    const int64_t end_s = second_of(walk, cut);
    assert_int_equal(second_of(walk, cut - 1), end_s - 1); // the first of its second
    if (first_s == walk->midnight_s) {
        next_midnight(walk);
    }
    assert_true(end_s <= walk->midnight_s);
    assert_true(walk->layout.period_s == DAY || end_s - first_s <= walk->layout.period_s);
    walk->segments += 1;
    walk->shorter += end_s - first_s < walk->layout.period_s;
    char base[PATH_MAX];
    assert_int_equal(audyn_segment_choose_base(NULL, &walk->layout, &walk->rate, FOLDER,
                                               position, base),
                     AUDYN_OK);
    create_file(base);
    return cut;
}

// From the first to the last second of 2026 in UTC.
static struct walk
walk_year(const char *layout, uint32_t period_s, const audyn_media_rate_t *rate)
{
    struct walk walk = {.rate = *rate};
    assert_int_equal(
        audyn_layout_init(&walk.layout, layout, period_s, AUDYN_ARCHIVE_LOCAL, NULL),
        AUDYN_OK);
    struct tm tm = {.tm_year = 2026 - 1900, .tm_mday = 1};
    const int64_t start_s = timegm(&tm) + TAI_MINUS_UTC;
    do {
        next_midnight(&walk);
    } while (walk.midnight_s < start_s);
    memset(names, 0, sizeof names);
    uint64_t position = audyn_media_position(start_s * AUDYN_NS_PER_SECOND, rate) + 1;
    while (second_of(&walk, position) < start_s + 365 * DAY) {
        position = add_segment(&walk, position);
    }
    return walk;
}

static const struct {
    const char *name;
    audyn_media_rate_t rate;
} zones[] = {
    {"Europe/Dublin", {48000, 1, 1}},
    {"America/St_Johns", {44100, 1, 1}},
    {"Australia/Lord_Howe", {48000, 1000, 1001}},
};
static const char *const layouts[] = {"flat",     "hierarchy", "combo",
                                      "dailydir", "accurate",  "custom=%Y/%j"};

// `segments` and how many of them are shorter, by zone.
static void
assert_years(const char *layout, uint32_t period_s, const unsigned segments[3],
             const unsigned shorter[3])
{
    for (size_t i = 0; i < sizeof zones / sizeof *zones; ++i) {
        setenv("TZ", zones[i].name, 1);
        tzset();
        const struct walk walk = walk_year(layout, period_s, &zones[i].rate);
        assert_int_equal(walk.segments, segments[i]);
        assert_int_equal(walk.shorter, shorter[i]);
    }
}

static void
a_year_of_hours_has_no_name_twice_in_any_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; ++i) {
        assert_years(layouts[i], HOUR, (const unsigned[]){8760, 8761, 8761},
                     (const unsigned[]){0, 1, 2});
    }
}

static void
a_year_of_days_has_no_name_twice_in_any_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; ++i) {
        assert_years(layouts[i], DAY, (const unsigned[]){365, 366, 366},
                     (const unsigned[]){1, 2, 2});
    }
}

static void
a_year_of_quarters_of_an_hour_has_no_name_twice(void **state)
{
    (void)state;
    static const char *const fitting[] = {"accurate", "custom=%m/%d-%H%M", "flat"};
    for (size_t i = 0; i < sizeof fitting / sizeof *fitting; ++i) {
        assert_years(fitting[i], 15 * MINUTE, (const unsigned[]){35040, 35040, 35040},
                     (const unsigned[]){0, 0, 0});
    }
}

// 206 a day, of which the last has five minutes.  Around a change of the offset a period
// ends early, and the next one is begun late; so is the year, but in Dublin.
static void
a_year_of_seven_minutes_has_no_name_twice(void **state)
{
    (void)state;
    assert_years("accurate", 7 * MINUTE, (const unsigned[]){75192, 75194, 75194},
                 (const unsigned[]){369, 370, 370});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_of_hours_has_no_name_twice_in_any_layout),
        cmocka_unit_test(a_year_of_days_has_no_name_twice_in_any_layout),
        cmocka_unit_test(a_year_of_quarters_of_an_hour_has_no_name_twice),
        cmocka_unit_test(a_year_of_seven_minutes_has_no_name_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
