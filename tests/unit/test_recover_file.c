// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Each file is cut off at each byte, and repaired.

#include "wav_files.h"

#include "archive/recover/recover_file.h"
#include "sink/wav_header.h"

#include <opusfile.h>
#include <sndfile.h>

static const audyn_recover_limits_t after_a_kill = {.most_cut = UINT64_MAX,
                                                    .is_all_there = true};
static const audyn_recover_limits_t after_a_power_cut = {.most_cut = UINT64_MAX};

// More than a sink keeps for itself.
#define AT_ONCE 44000

struct content {
    uint8_t *bytes;
    size_t size;
};

static struct content
content_of(const char *path)
{
    const size_t size = size_of_file(path);
    return (struct content){read_bytes(path, 0, size), size};
}

static void
assert_content(const char *path, struct content wanted)
{
    const struct content content = content_of(path);
    assert_int_equal(content.size, wanted.size);
    assert_memory_equal(content.bytes, wanted.bytes, wanted.size);
    free(content.bytes);
}

static void
write_samples(audyn_sink_t *sink, uint64_t first, size_t sample_frames)
{
    float *samples = calloc(sample_frames + 1, sizeof *samples);
    assert_non_null(samples);
    for (size_t i = 0; i < sample_frames; ++i) {
        samples[i] = signal_at(first + i) / 512; // small, and so are FLAC frames
    }
    assert_int_equal(audyn_sink_write(sink, samples, sample_frames), AUDYN_OK);
    free(samples);
}

static audyn_sink_config_t
mono(audyn_encoding_t encoding)
{
    audyn_sink_config_t config = a_config(encoding, 1);
    config.codec = (audyn_codec_t){.flac_level = 0, .opus_bit_rate = 6000};
    return config;
}

// What a recorder makes of so many samples.
static struct content
recorded(const char *name, audyn_encoding_t encoding, size_t sample_frames)
{
    char path[PATH_MAX];
    strcpy(path, in_folder(name));
    const audyn_sink_config_t config = mono(encoding);
    audyn_sink_t *sink = begin_file(path, &config);
    write_samples(sink, 0, sample_frames);
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
    return content_of(path);
}

// What lies there once one was killed that has synced `synced` and written some more.
static struct content
left_behind(const char *name, audyn_encoding_t encoding, size_t synced, size_t more)
{
    char path[PATH_MAX];
    strcpy(path, in_folder(name));
    const audyn_sink_config_t config = mono(encoding);
    audyn_sink_t *sink = begin_file(path, &config);
    write_samples(sink, 0, synced);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    write_samples(sink, synced, more);
    audyn_sink_flush(sink);
    const struct content content = content_of(path);
    audyn_sink_discard(sink);
    return content;
}

static audyn_status_t
recover(const char *path, audyn_recovered_file_t *found)
{
    audyn_error_t error = {""};
    const audyn_status_t status =
        audyn_recover_file(path, &after_a_power_cut, found, &error);
    assert_true(!status == !*error.text);
    return status;
}

// Repairs the first `size` bytes; once more changes nothing.
static audyn_recovered_file_t
recover_cut(const char *path, struct content whole, size_t size)
{
    audyn_recovered_file_t found, again;
    unlink(path); // a file that was emptied first is put on disk as it is closed
    write_bytes(path, whole.bytes, size);
    if (recover(path, &found)) {
        assert_int_equal(found.sample_frames, 0);
    }
    if (!found.sample_frames) {
        assert_content(path, (struct content){whole.bytes, size});
        return found;
    }
    assert_int_equal(found.bytes, size_of_file(path));
    assert_int_equal(recover(path, &again), AUDYN_OK);
    assert_false(again.changed);
    assert_int_equal(again.sample_frames, found.sample_frames);
    return found;
}

static void
check_description(const audyn_recovered_file_t *found)
{
    assert_true(found->has_position);
    assert_int_equal(found->position, START_POSITION);
    assert_int_equal(found->sample_rate, 48000);
    assert_int_equal(found->channels, 1);
}

static void
a_wav_file_cut_anywhere_is_one_of_the_samples_that_it_has(void **state)
{
    (void)state;
    enum { FRAMES = 11, FRAME_BYTES = 3, HEADER = AUDYN_WAV_DATA_OFFSET };
    char path[PATH_MAX];
    strcpy(path, in_folder("cut.wav"));
    struct content shorter[FRAMES + 1];
    for (size_t n = 0; n <= FRAMES; ++n) {
        shorter[n] = recorded("whole.wav", AUDYN_PCM24, n);
    }
    const struct content whole = shorter[FRAMES];
    const struct content left = left_behind("left.wav", AUDYN_PCM24, FRAMES, 9);
    for (size_t size = 0; size <= left.size; ++size) {
        const struct content cut = size % 2 && size <= whole.size ? whole : left;
        const audyn_recovered_file_t found = recover_cut(path, cut, size);
        const size_t frames = size < HEADER ? 0 : (size - HEADER) / FRAME_BYTES;
        assert_int_equal(found.sample_frames, frames < FRAMES ? frames : FRAMES);
        if (found.sample_frames) {
            assert_content(path, shorter[found.sample_frames]);
            check_description(&found);
            assert_int_equal(found.bits, 24);
        }
    }
    for (size_t n = 0; n <= FRAMES; ++n) {
        free(shorter[n].bytes);
    }
    free(left.bytes);
}

static void
a_wav_file_has_all_that_was_written_to_it_where_the_power_stayed(void **state)
{
    (void)state;
    enum { COUNTED = 7, SYNCED = 9, FRAMES = 23, HEADER = AUDYN_WAV_DATA_OFFSET };
    char path[PATH_MAX];
    strcpy(path, in_folder("cut.wav"));
    const audyn_sink_config_t config = mono(AUDYN_PCM24);
    audyn_sink_t *sink = begin_file(in_folder("left.wav"), &config);
    write_samples(sink, 0, COUNTED);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    write_samples(sink, COUNTED, SYNCED - COUNTED);
    assert_int_equal(audyn_sink_flush(sink), AUDYN_OK);
    // More than what is held back behind both ends, while the sync is under way.
    write_samples(sink, SYNCED, AT_ONCE - SYNCED);
    const struct content left = content_of(in_folder("left.wav"));
    audyn_sink_discard(sink);
    assert_true(left.size > HEADER + FRAMES * 3);
    for (size_t size = HEADER + 3 * SYNCED; size <= HEADER + 3 * FRAMES; ++size) {
        const size_t frames = (size - HEADER) / 3;
        const struct content whole = recorded("whole.wav", AUDYN_PCM24, frames);
        write_bytes(path, left.bytes, size);
        audyn_recovered_file_t found;
        audyn_error_t error;
        assert_int_equal(audyn_recover_file(path, &after_a_kill, &found, &error),
                         AUDYN_OK);
        assert_int_equal(found.sample_frames, frames);
        assert_content(path, whole);
        write_bytes(path, left.bytes, size);
        assert_int_equal(recover(path, &found), AUDYN_OK);
        assert_int_equal(found.sample_frames, COUNTED);
        free(whole.bytes);
    }
    free(left.bytes);
}

static void
a_wav_file_beyond_4_gib_is_repaired(void **state)
{
    (void)state;
    const uint64_t frames = UINT64_C(1500000000);
    char path[PATH_MAX];
    strcpy(path, in_folder("large.wav"));
    const audyn_sink_config_t config = mono(AUDYN_PCM24);
    audyn_sink_t *sink = begin_file(path, &config);
    assert_int_equal(audyn_sink_write_silence(sink, frames), AUDYN_OK);
    assert_int_equal(flush_and_sync(sink), AUDYN_OK);
    const struct content header = {read_bytes(path, 0, AUDYN_WAV_DATA_OFFSET),
                                   AUDYN_WAV_DATA_OFFSET};
    audyn_sink_discard(sink);
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    assert_int_equal(write(fd, header.bytes, header.size), (ssize_t)header.size);
    assert_int_equal(ftruncate(fd, (off_t)(header.size + 3 * frames - 2)), 0);
    close(fd);
    audyn_recovered_file_t found;
    assert_int_equal(recover(path, &found), AUDYN_OK);
    assert_int_equal(found.sample_frames, frames - 1);
    SF_INFO info = {.format = 0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.frames, frames - 1);
    assert_int_equal(info.format & SF_FORMAT_TYPEMASK, SF_FORMAT_RF64);
    sf_close(file);
    free(header.bytes);
}

static void
a_flac_file_cut_anywhere_is_one_of_its_whole_frames(void **state)
{
    (void)state;
    enum { BLOCK = 1152, FRAMES = 4, METADATA = 39000 };
    char path[PATH_MAX];
    strcpy(path, in_folder("cut.flac"));
    struct content shorter[FRAMES + 1];
    for (size_t n = 0; n <= FRAMES; ++n) {
        shorter[n] = recorded("whole.flac", AUDYN_PCM16, n * BLOCK);
    }
    const struct content left =
        left_behind("left.flac", AUDYN_PCM16, 2 * BLOCK, 2 * BLOCK + 5);
    const struct content whole = shorter[FRAMES];
    assert_int_equal(left.size, whole.size);
    size_t n = 0;
    for (size_t size = 0; size <= left.size; size += size < METADATA ? 501 : 1) {
        const audyn_recovered_file_t found =
            recover_cut(path, size % 2 ? whole : left, size);
        n += n < FRAMES && size >= shorter[n + 1].size;
        assert_int_equal(found.sample_frames, n * BLOCK);
        if (n) {
            assert_content(path, shorter[n]);
            check_description(&found);
            assert_int_equal(found.bits, 16);
        }
    }
    assert_int_equal(n, FRAMES);
    for (n = 0; n <= FRAMES; ++n) {
        free(shorter[n].bytes);
    }
    free(left.bytes);
}

static void
a_flac_file_has_the_seek_points_that_its_encoder_would_have_set(void **state)
{
    (void)state;
    enum { BLOCK = 1152, FRAMES = 1000 };
    const struct content whole = recorded("whole.flac", AUDYN_PCM16, FRAMES * BLOCK);
    const struct content left =
        left_behind("left.flac", AUDYN_PCM16, FRAMES * BLOCK, BLOCK - 1);
    char path[PATH_MAX];
    strcpy(path, in_folder("cut.flac"));
    assert_int_equal(recover_cut(path, left, left.size).sample_frames, FRAMES * BLOCK);
    assert_content(path, whole);
    free(whole.bytes);
    free(left.bytes);
}

static void
assert_plays(const char *path, uint64_t sample_frames)
{
    int cause;
    OggOpusFile *file = op_open_file(path, &cause);
    assert_non_null(file);
    assert_int_equal(op_pcm_total(file, -1), sample_frames);
    opus_int16 samples[5760];
    uint64_t played = 0;
    int got;
    while ((got = op_read(file, samples, 5760, NULL)) > 0) {
        played += (uint64_t)got;
    }
    assert_int_equal(got, 0);
    assert_int_equal(played, sample_frames);
    op_free(file);
}

// Returns where the last page begins.
static size_t
last_page(struct content file)
{
    size_t at = file.size - 4;
    while (memcmp(file.bytes + at, "OggS", 4) != 0) {
        --at;
    }
    return at;
}

static void
an_opus_file_cut_anywhere_is_one_of_its_whole_pages(void **state)
{
    (void)state;
    char path[PATH_MAX];
    strcpy(path, in_folder("cut.opus"));
    const struct content whole = recorded("whole.opus", AUDYN_FLOAT32, 60000);
    const struct content left = left_behind("left.opus", AUDYN_FLOAT32, 40000, 40000);
    struct content last = {NULL, 0};
    uint64_t frames = 0;
    unsigned pages = 0;
    for (size_t size = 0; size <= left.size; ++size) {
        const audyn_recovered_file_t found = recover_cut(path, left, size);
        assert_true(found.sample_frames >= frames);
        if (found.sample_frames == frames) {
            if (frames) {
                assert_content(path, last);
            }
            continue;
        }
        assert_int_equal(size_of_file(path), size);
        assert_plays(path, found.sample_frames);
        check_description(&found);
        free(last.bytes);
        last = content_of(path);
        assert_int_equal(last.bytes[last_page(last) + 5], 4);
        frames = found.sample_frames;
        ++pages;
    }
    assert_true(pages >= 4);
    assert_int_equal(recover_cut(path, whole, whole.size).sample_frames, 60000);
    assert_content(path, whole);
    free(last.bytes);
    free(whole.bytes);
    free(left.bytes);
}

static void
an_opus_page_that_is_only_half_ended_is_kept(void **state)
{
    (void)state;
    enum { FLAGS = 5, SUM = 22 };
    char path[PATH_MAX];
    strcpy(path, in_folder("cut.opus"));
    const struct content left = left_behind("left.opus", AUDYN_FLOAT32, 40000, 40000);
    const uint64_t frames = recover_cut(path, left, left.size).sample_frames;
    const struct content ended = content_of(path);
    const size_t page = last_page(left);
    const size_t changed[] = {page + FLAGS, page + SUM, page + SUM + 1, page + SUM + 2,
                              page + SUM + 3};
    for (unsigned mask = 0; mask < 32; ++mask) {
        struct content half = {malloc(left.size), left.size};
        memcpy(half.bytes, left.bytes, left.size);
        for (unsigned i = 0; i < 5; ++i) {
            half.bytes[changed[i]] = (mask >> i & 1 ? ended : left).bytes[changed[i]];
        }
        assert_int_equal(recover_cut(path, half, half.size).sample_frames, frames);
        assert_content(path, ended);
        free(half.bytes);
    }
    free(ended.bytes);
    free(left.bytes);
}

static void
what_is_broken_far_from_its_end_is_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        audyn_encoding_t encoding;
    } cases[] = {{"broken.flac", AUDYN_PCM16}, {"broken.opus", AUDYN_FLOAT32}};
    for (size_t i = 0; i < 2; ++i) {
        struct content file = recorded(cases[i].name, cases[i].encoding, 480000);
        char path[PATH_MAX];
        strcpy(path, in_folder(cases[i].name));
        file.bytes[file.size * 3 / 4] ^= 1;
        write_bytes(path, file.bytes, file.size);
        audyn_recovered_file_t found;
        audyn_error_t error;
        assert_int_equal(
            audyn_recover_file(path, &(audyn_recover_limits_t){.most_cut = file.size / 8},
                               &found, &error),
            AUDYN_BAD_DATA);
        assert_non_null(strstr(error.text, "damaged"));
        assert_content(path, file);
        assert_int_equal(
            audyn_recover_file(path, &(audyn_recover_limits_t){.most_cut = file.size / 2},
                               &found, &error),
            AUDYN_OK);
        assert_true(found.cut_bytes > file.size / 8);
        free(file.bytes);
    }
}

static void
other_files_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"text.wav", "text.flac", "text.opus", "text.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        const char *path = in_folder(names[i]);
        audyn_recovered_file_t found;
        write_bytes(path, names[i], 8);
        assert_int_equal(recover(path, &found), AUDYN_BAD_DATA);
        assert_int_equal(size_of_file(path), 8);
        unlink(path);
        if (i < 3) {
            assert_int_equal(recover(path, &found), AUDYN_NOT_FOUND);
        }
    }
}

static void
a_file_that_is_being_recorded_is_left_alone(void **state)
{
    (void)state;
    char path[PATH_MAX];
    strcpy(path, in_folder("open.wav"));
    const audyn_sink_config_t config = mono(AUDYN_PCM16);
    audyn_sink_t *sink = begin_file(path, &config);
    audyn_recovered_file_t found;
    assert_int_equal(recover(path, &found), AUDYN_BUSY);
    audyn_sink_discard(sink);
}

static void
what_a_link_leads_to_is_left(void **state)
{
    (void)state;
    char path[PATH_MAX];
    strcpy(path, in_folder("outside.wav"));
    const struct content left = left_behind("outside.wav", AUDYN_PCM24, 1000, 500);
    write_bytes(path, left.bytes, left.size); // what is discarded is removed
    char link[PATH_MAX];
    strcpy(link, in_folder("inside.wav"));
    assert_int_equal(symlink(path, link), 0);
    audyn_recovered_file_t found;
    assert_int_equal(recover(link, &found), AUDYN_INVALID);
    assert_content(path, left);
    free(left.bytes);
    unlink(link);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wav_file_cut_anywhere_is_one_of_the_samples_that_it_has),
        cmocka_unit_test(
            a_wav_file_has_all_that_was_written_to_it_where_the_power_stayed),
        cmocka_unit_test(a_wav_file_beyond_4_gib_is_repaired),
        cmocka_unit_test(a_flac_file_cut_anywhere_is_one_of_its_whole_frames),
        cmocka_unit_test(a_flac_file_has_the_seek_points_that_its_encoder_would_have_set),
        cmocka_unit_test(an_opus_file_cut_anywhere_is_one_of_its_whole_pages),
        cmocka_unit_test(an_opus_page_that_is_only_half_ended_is_kept),
        cmocka_unit_test(what_is_broken_far_from_its_end_is_left_alone),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(a_file_that_is_being_recorded_is_left_alone),
        cmocka_unit_test(what_a_link_leads_to_is_left),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
