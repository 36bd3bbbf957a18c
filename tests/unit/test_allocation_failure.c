// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Each constructor of the source tree, each of its requests to the system refused in
// turn: it says what it lacked and leaves nothing behind.

#include "unit_test.h"

#include "archive/archive.h"
#include "cli/line_writer.h"
#include "core/rt_thread.h"
#include "input/announcements.h"
#include "input/rtp_receiver.h"
#include "loopback.h"
#include "net/sap_announcer.h"
#include "recorder/worker.h"
#include "refusals.h"
#include "sender/sender.h"
#include "sink/sink.h"

#include <audyn/audio_queue.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_REQUESTS 2000

static char folder[] = "/tmp/audyn-allocation-failure-XXXXXX";
static char output[64], file_uri[80], sdp_uri[80], rtp_uri[80];
static uint16_t port;

static const audyn_timeline_config_t timeline_config = {
    .sample_rate = 48000, .channels = 2, .window_ms = 200, .buffer_ms = 500};
static const audyn_rtp_format_t format = {
    .bits = 24, .sample_rate = 48000, .channels = 2};

// Whatever was built.  What is NULL was not.
struct scene {
    audyn_frame_pool_t *pool;
    audyn_audio_queue_t *queue;
    audyn_loss_map_t *map;
    audyn_timeline_t *timeline;
    audyn_rtp_stream_t *stream;
    audyn_rtp_receivers_t *receivers;
    audyn_rtp_link_t *link;
    audyn_input_t *input;
    audyn_sink_t *sink;
    audyn_output_t *output;
    audyn_archive_t *archive;
    audyn_recorder_t *recorder;
    audyn_worker_t *worker;
    audyn_sender_t *sender;
    audyn_announcements_t *announcements;
    audyn_sap_directory_t *directory;
    audyn_sap_listener_t *listener;
    audyn_line_writer_t *writer;
    audyn_sap_announcer_t *announcer;
    audyn_rt_thread_t thread;
    audyn_error_t error;
};

// Of what is there before it is started.
#define STARTED SIZE_MAX

struct constructor {
    audyn_status_t (*prepare)(struct scene *scene); // NULL: nothing
    audyn_status_t (*construct)(struct scene *scene);
    size_t product; // offset in the scene of what is NULL after a failure, or STARTED
    bool speaks;    // fills `error`
    int requests;   // at least so many
};

static void
tear_down(struct scene *scene)
{
    audyn_worker_stop(scene->worker);
    audyn_recorder_destroy(scene->recorder);
    audyn_sender_destroy(scene->sender);
    audyn_output_discard(scene->output);
    audyn_archive_close(scene->archive);
    audyn_sink_discard(scene->sink);
    audyn_input_close(scene->input);
    audyn_rtp_link_detach(scene->link);
    audyn_rtp_stream_destroy(scene->stream);
    audyn_timeline_destroy(scene->timeline);
    audyn_rtp_receivers_destroy(scene->receivers);
    audyn_announcements_destroy(scene->announcements);
    audyn_sap_listener_close(scene->listener);
    audyn_sap_announcer_close(scene->announcer);
    audyn_sap_directory_destroy(scene->directory);
    audyn_loss_map_destroy(scene->map);
    audyn_audio_queue_destroy(scene->queue);
    audyn_frame_pool_destroy(scene->pool);
    audyn_line_writer_finish(scene->writer, NULL, AUDYN_NS_PER_SECOND);
    audyn_rt_thread_join(&scene->thread);
    unlink(output);
}

static unsigned
files_in_folder(void)
{
    unsigned count = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    while (readdir(entries)) {
        ++count;
    }
    closedir(entries);
    return count;
}

static void
assert_holds(const struct holdings *expected)
{
    const struct holdings now = holdings_alone();
    assert_int_equal(now.blocks, expected->blocks);
    assert_int_equal(now.mapped, expected->mapped);
    assert_int_equal(now.descriptors, expected->descriptors);
    assert_int_equal(now.threads, 1);
}

static void
assert_clear(const struct constructor *constructor, const struct scene *scene,
             audyn_status_t status, enum refusal refusal)
{
    assert_int_not_equal(status, AUDYN_OK);
    if (refusal == REFUSED_THREAD || refusal == REFUSED_DESCRIPTOR) {
        assert_int_equal(status, AUDYN_NO_RESOURCES);
    } else if (status != AUDYN_NO_MEMORY) {
        // Threads have memory of the C library's; libsndfile says no more than "no".
        assert_int_equal(refusal, REFUSED_LIBRARY_MEMORY);
        assert_true(status == AUDYN_NO_RESOURCES || status == AUDYN_BAD_DATA);
    }
    if (constructor->speaks) {
        assert_true(strlen(scene->error.text) > 10);
    }
}

// Returns false once nothing was left to refuse.
static bool
refuse_one(const struct constructor *constructor, int allowed, bool for_good)
{
    struct scene scene = {0};
    if (constructor->prepare) {
        assert_int_equal(constructor->prepare(&scene), AUDYN_OK);
    }
    if (constructor->product != STARTED) {
        const void *garbage = &scene;
        memcpy((char *)&scene + constructor->product, &garbage, sizeof garbage);
    }
    const struct holdings before = holdings_alone();
    const unsigned files = files_in_folder();
    refuse_after(allowed, for_good);
    const audyn_status_t status = constructor->construct(&scene);
    const enum refusal refusal = refused();
    refuse_after(-1, false);
    if (constructor->product != STARTED) {
        void *product;
        memcpy(&product, (const char *)&scene + constructor->product, sizeof product);
        assert_int_equal(product == NULL, status != AUDYN_OK);
    }
    if (status) {
        assert_clear(constructor, &scene, status, refusal);
        assert_int_equal(files_in_folder(), files);
        assert_holds(&before);
    }
    tear_down(&scene);
    return refusal != REFUSED_NOTHING;
}

static void
refuse_each(void **state)
{
    const struct constructor *constructor = *state;
    // Libraries keep some of what they ask for the first time.
    refuse_one(constructor, MOST_REQUESTS, false);
    const struct holdings before = holdings_alone();
    for (int for_good = 0; for_good < 2; ++for_good) {
        int allowed = 0;
        while (refuse_one(constructor, allowed, for_good)) {
            assert_holds(&before);
            ++allowed;
        }
        assert_in_range(allowed, constructor->requests, MOST_REQUESTS - 1);
    }
}

static audyn_status_t
create_pool(struct scene *scene)
{
    const audyn_frame_pool_config_t config = {
        .pool_size = 4, .channels = 2, .sample_frames_per_buffer = 48};
    return audyn_frame_pool_create_with(&config, &scene->pool);
}

static audyn_status_t
create_queue(struct scene *scene)
{
    return audyn_audio_queue_create(&scene->queue, 4);
}

static audyn_status_t
create_loss_map(struct scene *scene)
{
    return audyn_loss_map_create(&scene->map);
}

static audyn_status_t
create_directory(struct scene *scene)
{
    return audyn_sap_directory_create(&scene->directory);
}

static audyn_status_t
open_listener(struct scene *scene)
{
    return audyn_sap_listener_open(&scene->listener, "lo", &scene->error);
}

static audyn_status_t
open_announcer(struct scene *scene)
{
    const audyn_sap_announcer_config_t config = {
        .description = "v=0\r\n",
        .destination.s_addr = inet_addr("239.255.77.9"),
        .interface_index = (int)if_nametoindex("lo"),
        .ttl = 1,
    };
    return audyn_sap_announcer_open(&scene->announcer, &config, &scene->error);
}

static audyn_status_t
create_timeline(struct scene *scene)
{
    return audyn_timeline_create(&scene->timeline, &timeline_config);
}

static audyn_status_t
create_stream(struct scene *scene)
{
    const audyn_rtp_stream_config_t config = {.format = format, .payload_type = -1};
    return audyn_rtp_stream_create(&scene->stream, &config, scene->timeline);
}

static audyn_status_t
create_receivers(struct scene *scene)
{
    return audyn_rtp_receivers_create(&scene->receivers);
}

static audyn_status_t
prepare_link(struct scene *scene)
{
    audyn_status_t status = create_timeline(scene);
    if (!status) {
        status = create_stream(scene);
    }
    return status ? status : create_receivers(scene);
}

static audyn_status_t
attach_link(struct scene *scene)
{
    const audyn_rtp_route_t route = {
        .destination = {.address.s_addr = inet_addr("239.255.77.9"), .port = port},
        .interface_index = (int)if_nametoindex("lo"),
    };
    return audyn_rtp_receivers_attach(scene->receivers, &scene->link, &route, 1,
                                      scene->stream, scene->timeline, &scene->error);
}

static audyn_status_t
prepare_link_start(struct scene *scene)
{
    const audyn_status_t status = prepare_link(scene);
    return status ? status : attach_link(scene);
}

static audyn_status_t
start_link(struct scene *scene)
{
    return audyn_rtp_link_start(scene->link, &scene->error);
}

static audyn_status_t
open_input(struct scene *scene, const char *uri)
{
    const audyn_input_config_t config = {.receivers = scene->receivers,
                                         .announcements = scene->announcements,
                                         .buffer_ms = 500,
                                         .free_running = true};
    return audyn_input_open(&scene->input, uri, &config, &scene->error);
}

static audyn_status_t
open_tone(struct scene *scene)
{
    return open_input(scene, "tone:");
}

static audyn_status_t
open_file(struct scene *scene)
{
    return open_input(scene, file_uri);
}

static audyn_status_t
open_rtp(struct scene *scene)
{
    return open_input(scene, rtp_uri);
}

static audyn_status_t
open_sdp(struct scene *scene)
{
    return open_input(scene, sdp_uri);
}

// A session that was heard, and no doubt about it: nobody waits.
static audyn_status_t
prepare_announcement(struct scene *scene)
{
    static const char text[] =
        "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=one\nc=IN IP4 127.0.0.1\n"
        "m=audio %u RTP/AVP 98\na=rtpmap:98 L24/48000/2\n";
    char description[256];
    snprintf(description, sizeof description, text, port);
    const audyn_sap_packet_t packet = {.payload = description,
                                       .payload_bytes = strlen(description)};
    const audyn_clock_t *clock = audyn_clock_system();
    const audyn_sap_arrival_t arrival = {
        .interface_index = (int)if_nametoindex("lo"),
        .now_ns = clock->monotonic_ns(clock),
    };
    audyn_status_t status = audyn_announcements_create(&scene->announcements);
    if (!status) {
        status = announcements_hear(scene->announcements, &scene->error);
    }
    if (!status) {
        scene->announcements->since_ns -= AUDYN_NS_PER_SECOND;
        audyn_sap_directory_take(scene->announcements->directory, &packet, &arrival);
        status = create_receivers(scene);
    }
    return status;
}

static audyn_status_t
open_sap(struct scene *scene)
{
    return open_input(scene, "sap:one");
}

static audyn_status_t
create_announcements(struct scene *scene)
{
    return audyn_announcements_create(&scene->announcements);
}

static audyn_status_t
prepare_rtp_start(struct scene *scene)
{
    const audyn_status_t status = create_receivers(scene);
    return status ? status : open_rtp(scene);
}

static audyn_status_t
start_input(struct scene *scene)
{
    return audyn_input_start(scene->input, &scene->error);
}

static audyn_status_t
open_sink(struct scene *scene)
{
    const audyn_sink_config_t config = {.sample_rate = 48000,
                                        .channels = 2,
                                        .encoding = AUDYN_PCM24,
                                        .description = "a test",
                                        .source = "a tone"};
    return audyn_sink_open(&scene->sink, output, &config, &scene->error);
}

static audyn_status_t
create_file_output(struct scene *scene)
{
    const audyn_status_t status = audyn_file_output_create(&scene->output, scene->sink);
    scene->sink = status ? scene->sink : NULL; // the output's now
    return status;
}

static audyn_status_t
open_archive(struct scene *scene)
{
    static const audyn_archive_settings_t settings = {.formats = {"wav"},
                                                      .format_count = 1};
    return audyn_archive_open(&scene->archive, folder, &settings, &scene->error);
}

static audyn_status_t
create_archive_output(struct scene *scene)
{
    static const audyn_archive_stream_t stream = {
        .name = "stream", .format = {.sample_rate = 48000, .channels = 2, .bits = 24}};
    return audyn_archive_output_create(&scene->output, scene->archive, &stream,
                                       &scene->error);
}

static audyn_status_t
prepare_recorder(struct scene *scene)
{
    audyn_status_t status = open_tone(scene);
    status = status ? status : open_sink(scene);
    return status ? status : create_file_output(scene);
}

static audyn_status_t
create_recorder(struct scene *scene)
{
    const audyn_recorder_config_t config = {
        .input = scene->input, .output = scene->output, .keeps_spans = true};
    const audyn_status_t status = audyn_recorder_create(&scene->recorder, &config);
    scene->output = status ? scene->output : NULL; // the recorder's now
    return status;
}

static audyn_status_t
start_worker(struct scene *scene)
{
    return audyn_worker_start(&scene->worker);
}

static audyn_status_t
create_sender(struct scene *scene)
{
    const audyn_sender_config_t config = {
        .destination = {.endpoint = {{htonl(INADDR_LOOPBACK)}, port},
                        .format = format,
                        .payload_type = 98,
                        .ttl = 1,
                        .packet_frames = 48},
    };
    return audyn_sender_create(&scene->sender, scene->input, &config, &scene->error);
}

static audyn_status_t
prepare_sender_start(struct scene *scene)
{
    const audyn_status_t status = open_tone(scene);
    return status ? status : create_sender(scene);
}

static audyn_status_t
start_sender(struct scene *scene)
{
    return audyn_sender_start(scene->sender, &scene->error);
}

static audyn_status_t
start_line_writer(struct scene *scene)
{
    return audyn_line_writer_start(&scene->writer, STDOUT_FILENO, 1000);
}

static void *
return_at_once(void *argument)
{
    return argument;
}

static audyn_status_t
start_thread(struct scene *scene)
{
    return audyn_rt_thread_start(&scene->thread, "audyn-test", 1, return_at_once, NULL);
}

static void
write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
write_sound(const char *path)
{
    SF_INFO info = {
        .samplerate = 48000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    assert_non_null(file);
    const short samples[48] = {1};
    assert_int_equal(sf_write_short(file, samples, 48), 48);
    sf_close(file);
}

static int
set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    port = loopback_free_port();
    snprintf(output, sizeof output, "%s/out.wav", folder);
    snprintf(rtp_uri, sizeof rtp_uri,
             "rtp://239.255.77.9:%u?format=L24/48000/2&iface=127.0.0.1", port);
    char path[64];
    snprintf(path, sizeof path, "%s/in.wav", folder);
    snprintf(file_uri, sizeof file_uri, "file:%s", path);
    write_sound(path);
    snprintf(path, sizeof path, "%s/in.sdp", folder);
    snprintf(sdp_uri, sizeof sdp_uri, "sdp:%s?iface=lo", path);
    char text[256];
    snprintf(text, sizeof text,
             "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\n"
             "c=IN IP4 239.255.77.9/1\r\nm=audio %u RTP/AVP 98\r\n"
             "a=rtpmap:98 L24/48000/2\r\n",
             port);
    write_text(path, text);
    snprintf(path, sizeof path, "%s/.audyn", folder); // an archive leaves it behind
    return mkdir(path, 0777);
}

static int
clean_up(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

#define PRODUCT(member) offsetof(struct scene, member)

// Name, then as in struct constructor.
#define CASE(name, ...)                                                                  \
    {                                                                                    \
        name, refuse_each, NULL, NULL, &(struct constructor)                             \
        {                                                                                \
            __VA_ARGS__                                                                  \
        }                                                                                \
    }

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a frame pool", NULL, create_pool, PRODUCT(pool), false, 1),
        CASE("an audio queue", NULL, create_queue, PRODUCT(queue), false, 1),
        CASE("a real-time thread", NULL, start_thread, PRODUCT(thread), false, 3),
        CASE("a loss map", NULL, create_loss_map, PRODUCT(map), false, 1),
        CASE("a directory of announcements", NULL, create_directory, PRODUCT(directory),
             false, 1),
        CASE("an announcer", NULL, open_announcer, PRODUCT(announcer), true, 2),
        CASE("a listener to announcements", NULL, open_listener, PRODUCT(listener), true,
             2),
        CASE("a timeline", NULL, create_timeline, PRODUCT(timeline), false, 3),
        CASE("an RTP stream", create_timeline, create_stream, PRODUCT(stream), false, 1),
        CASE("a set of receivers", NULL, create_receivers, PRODUCT(receivers), false, 1),
        CASE("a link to a receiver", prepare_link, attach_link, PRODUCT(link), true, 3),
        CASE("the start of a receiver", prepare_link_start, start_link, STARTED, true, 3),
        CASE("a tone", NULL, open_tone, PRODUCT(input), true, 5),
        CASE("a sound file", NULL, open_file, PRODUCT(input), true, 7),
        CASE("an RTP input", create_receivers, open_rtp, PRODUCT(input), true, 9),
        CASE("an RTP input by SDP", create_receivers, open_sdp, PRODUCT(input), true, 9),
        CASE("announcements", NULL, create_announcements, PRODUCT(announcements), false,
             1),
        CASE("an RTP input by its announcement", prepare_announcement, open_sap,
             PRODUCT(input), true, 8),
        CASE("the start of a tone", open_tone, start_input, STARTED, true, 3),
        CASE("the start of an RTP input", prepare_rtp_start, start_input, STARTED, true,
             3),
        CASE("a WAV file", NULL, open_sink, PRODUCT(sink), true, 4),
        CASE("a file output", open_sink, create_file_output, PRODUCT(output), false, 1),
        CASE("an archive", NULL, open_archive, PRODUCT(archive), true, 3),
        CASE("an archive's output", open_archive, create_archive_output, PRODUCT(output),
             true, 3),
        CASE("a recorder", prepare_recorder, create_recorder, PRODUCT(recorder), false,
             2),
        CASE("a worker", NULL, start_worker, PRODUCT(worker), false, 5),
        CASE("a writer of lines", NULL, start_line_writer, PRODUCT(writer), false, 2),
        CASE("a sender", open_tone, create_sender, PRODUCT(sender), true, 3),
        CASE("the start of a sender", prepare_sender_start, start_sender, STARTED, true,
             3),
    };
    return cmocka_run_group_tests(tests, set_up, clean_up);
}
