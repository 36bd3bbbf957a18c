// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sender/sender.h"

#include "core/counter.h"
#include "core/rt_thread.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define PRIORITY 80
#define DATA_POLL_NS AUDYN_NS_PER_MS
// An unreachable port is reported for the packet before the one that is then not sent.
#define SEND_ATTEMPTS 3

struct audyn_sender {
    // Read-only once the thread runs.
    audyn_memory_t memory;
    audyn_destination_t destination;
    uint64_t wanted; // sample frames; UINT64_MAX: until the input ends
    audyn_timeline_t *timeline;
    const audyn_clock_t *clock;
    audyn_pcm_encode_t *encode; // NULL: to 16 bits with dither
    uint32_t payload_bytes;
    int fd;
    int event_fd;
    audyn_rt_thread_t thread;

    // The sender thread's own.
    audyn_rtp_packet_t header;
    audyn_stretch_t stretch;   // sample_frames 0: none is held
    uint64_t taken;            // sample frames of the stretch that were sent
    uint64_t next;             // position of the packet that is being filled
    uint64_t done;             // sample frames before it, sent or refused
    int64_t tai_minus_mono_ns; // as it was at the first packet
    uint64_t classes[AUDYN_SAMPLE_CLASSES];
    uint8_t packet[AUDYN_RTP_HEADER_BYTES + AUDYN_MAX_PAYLOAD_BYTES];

    // Written by the sender thread.
    _Atomic uint64_t position;
    audyn_counter_t sample_frames, packets, late, unsent;
    _Atomic int64_t worst_ns;
    _Atomic int unsent_errno;

    _Atomic bool quit; // written by the controlling thread: the sender thread may end
};

static bool
must_quit(const audyn_sender_t *sender)
{
    return atomic_load_explicit(&sender->quit, memory_order_relaxed);
}

// Holds a stretch with samples not yet sent.  False when there will be none.
static bool
hold_stretch(audyn_sender_t *sender)
{
    const audyn_clock_t *clock = sender->clock;
    while (!sender->stretch.sample_frames) {
        if (audyn_timeline_next(sender->timeline, &sender->stretch)) {
            sender->taken = 0;
        } else if (must_quit(sender) || audyn_timeline_ended(sender->timeline)) {
            return false;
        } else {
            clock->sleep_until(clock, clock->monotonic_ns(clock) + DATA_POLL_NS);
        }
    }
    return true;
}

static void
advance_stretch(audyn_sender_t *sender, uint32_t sample_frames)
{
    sender->taken += sample_frames;
    if (sender->taken == sender->stretch.sample_frames) {
        audyn_timeline_release(sender->timeline, &sender->stretch);
        audyn_timeline_count(sender->timeline, UINT64_MAX, sender->classes);
    }
}

static void
encode_dithered_l16(uint8_t *out, const float *in, size_t samples, uint64_t first_sample)
{
    audyn_pcm_encode_dithered(out, in, samples, 16, first_sample);
    for (size_t i = 0; i < samples; ++i) {
        const uint8_t low = out[2 * i];
        out[2 * i] = out[2 * i + 1];
        out[2 * i + 1] = low;
    }
}

// Encodes the next samples to their place in the packet, which has `filled` already.
static void
encode(audyn_sender_t *sender, uint32_t filled, uint32_t sample_frames)
{
    const audyn_rtp_format_t *format = &sender->destination.format;
    const size_t samples = (size_t)sample_frames * format->channels;
    uint8_t *out = sender->packet + AUDYN_RTP_HEADER_BYTES +
                   (size_t)filled * audyn_rtp_frame_bytes(format);
    if (!sender->stretch.samples) {
        memset(out, 0, samples * format->bits / 8);
        return;
    }
    const float *in = sender->stretch.samples + sender->taken * format->channels;
    if (sender->encode) {
        sender->encode(out, in, samples);
    } else {
        encode_dithered_l16(out, in, samples, (sender->next + filled) * format->channels);
    }
}

// Returns how many sample frames the packet has of the input; silence fills it up.
static uint32_t
fill_packet(audyn_sender_t *sender)
{
    const uint32_t size = sender->destination.packet_frames;
    const uint64_t left = sender->wanted - sender->done;
    const uint32_t limit = left < size ? (uint32_t)left : size;
    uint32_t filled = 0;
    while (filled < limit && hold_stretch(sender)) {
        const uint64_t held = sender->stretch.sample_frames - sender->taken;
        const uint32_t count = held < limit - filled ? (uint32_t)held : limit - filled;
        encode(sender, filled, count);
        advance_stretch(sender, count);
        filled += count;
    }
    const size_t used =
        (size_t)filled * audyn_rtp_frame_bytes(&sender->destination.format);
    memset(sender->packet + AUDYN_RTP_HEADER_BYTES + used, 0,
           sender->payload_bytes - used);
    return filled;
}

// The first packet begins at the next whole multiple of its size, so that packets lie
// on the same grid whenever a sender was started.
static void
begin(audyn_sender_t *sender)
{
    const audyn_clock_t *clock = sender->clock;
    const int64_t mono_ns = clock->monotonic_ns(clock);
    const int64_t tai_ns = audyn_clock_tai_now_ns(clock);
    const uint32_t size = sender->destination.packet_frames;
    const uint64_t now =
        audyn_clock_position(tai_ns, sender->destination.format.sample_rate);
    sender->tai_minus_mono_ns = tai_ns - mono_ns;
    sender->next = (now / size + 1) * size;
    atomic_store_explicit(&sender->position, sender->next, memory_order_relaxed);
}

static bool
send_packet(audyn_sender_t *sender)
{
    const size_t size = AUDYN_RTP_HEADER_BYTES + sender->payload_bytes;
    int cause = ECONNREFUSED;
    for (int i = 0; i < SEND_ATTEMPTS && cause == ECONNREFUSED; ++i) {
        const ssize_t sent = send(sender->fd, sender->packet, size, 0);
        cause = sent < 0 ? errno : 0;
    }
    if (cause) {
        audyn_counter_add(&sender->unsent, 1);
        atomic_store_explicit(&sender->unsent_errno, cause, memory_order_relaxed);
    }
    return !cause;
}

static void
count_lateness(audyn_sender_t *sender, int64_t late_ns)
{
    if (late_ns > atomic_load_explicit(&sender->worst_ns, memory_order_relaxed)) {
        atomic_store_explicit(&sender->worst_ns, late_ns, memory_order_relaxed);
    }
    const uint64_t packet_ns = sender->destination.packet_frames *
                               (uint64_t)AUDYN_NS_PER_SECOND /
                               sender->destination.format.sample_rate;
    if (late_ns > (int64_t)packet_ns) {
        audyn_counter_add(&sender->late, 1);
    }
}

// Waits until the packet's last sample is due.
static void
send_in_time(audyn_sender_t *sender, uint32_t sample_frames)
{
    const audyn_clock_t *clock = sender->clock;
    const uint64_t end = sender->next + sender->destination.packet_frames;
    const int64_t due_ns =
        audyn_clock_tai_ns(end, sender->destination.format.sample_rate) -
        sender->tai_minus_mono_ns;
    sender->header.timestamp = (uint32_t)sender->next;
    audyn_rtp_write_header(&sender->header, sender->packet);
    clock->sleep_until(clock, due_ns);
    if (send_packet(sender)) {
        count_lateness(sender, clock->monotonic_ns(clock) - due_ns);
        audyn_counter_add(&sender->packets, 1);
        audyn_counter_add(&sender->sample_frames, sample_frames);
    }
    sender->done += sample_frames;
    ++sender->header.sequence;
    sender->next = end;
}

static void *
run(void *argument)
{
    audyn_sender_t *sender = argument;
    bool begun = false;
    while (!must_quit(sender)) {
        // The first samples have to be there before there is a first position.
        if (!begun && hold_stretch(sender)) {
            begin(sender);
            begun = true;
        }
        const uint32_t sample_frames = fill_packet(sender);
        if (!sample_frames || must_quit(sender)) {
            break;
        }
        send_in_time(sender, sample_frames);
    }
    if (sender->stretch.sample_frames) {
        audyn_timeline_release(sender->timeline, &sender->stretch);
    }
    eventfd_write(sender->event_fd, 1);
    return NULL;
}

static audyn_status_t
check_format(const audyn_rtp_format_t *wanted, const audyn_input_format_t *given,
             audyn_error_t *error)
{
    if (wanted->sample_rate != given->sample_rate ||
        wanted->channels != given->channels) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "the source has %u Hz and %u channels, the destination %u "
                               "Hz and %u; nothing is converted, so write "
                               "format=L%u/%u/%u or convert the source",
                               given->sample_rate, given->channels, wanted->sample_rate,
                               wanted->channels, wanted->bits, given->sample_rate,
                               given->channels);
    }
    return AUDYN_OK;
}

static audyn_status_t
open_descriptors(audyn_sender_t *sender, audyn_error_t *error)
{
    const audyn_destination_t *destination = &sender->destination;
    sender->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (sender->event_fd < 0) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "no event descriptor could be had: %s", strerror(cause));
    }
    const audyn_status_t status = audyn_socket_open_sender(
        &sender->fd, &destination->endpoint, destination->interface_index, error);
    if (status) {
        return status;
    }
    if (!audyn_socket_mark(sender->fd, destination->dscp, destination->ttl)) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "dscp=%u and ttl=%u cannot be set: %s", destination->dscp,
                               destination->ttl, strerror(cause));
    }
    return AUDYN_OK;
}

static audyn_pcm_encode_t *
choose_encoder(uint32_t bits, uint32_t source_bits)
{
    if (bits == 24) {
        return audyn_pcm_best()->encode_l24;
    }
    return source_bits > 16 ? NULL : audyn_pcm_best()->encode_l16;
}

audyn_status_t
audyn_sender_create(audyn_sender_t **out, audyn_input_t *input,
                    const audyn_sender_config_t *config, audyn_error_t *error)
{
    *out = NULL;
    const audyn_destination_t *destination = &config->destination;
    const audyn_input_format_t *format = audyn_input_format(input);
    audyn_status_t status = check_format(&destination->format, format, error);
    if (status) {
        return status;
    }
    audyn_memory_t memory;
    status =
        audyn_memory_map(&memory, sizeof(audyn_sender_t), AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return audyn_error_set(error, status, "no memory for a sender");
    }
    audyn_sender_t *sender = memory.address;
    sender->memory = memory;
    sender->destination = *destination;
    sender->wanted = config->sample_frames ? config->sample_frames : UINT64_MAX;
    sender->timeline = audyn_input_timeline(input);
    sender->clock = config->clock ? config->clock : audyn_clock_system();
    sender->encode = choose_encoder(destination->format.bits, format->bits);
    sender->payload_bytes =
        destination->packet_frames * audyn_rtp_frame_bytes(&destination->format);
    sender->header.payload_type = destination->payload_type;
    sender->header.ssrc = destination->ssrc;
    // RFC 3550, section 5.1: sequence numbers begin by chance.
    getrandom(&sender->header.sequence, sizeof sender->header.sequence, GRND_NONBLOCK);
    sender->fd = -1;
    status = open_descriptors(sender, error);
    if (status) {
        audyn_sender_destroy(sender);
        return status;
    }
    *out = sender;
    return AUDYN_OK;
}

void
audyn_sender_local(const audyn_sender_t *sender, struct in_addr *address, uint8_t mac[6])
{
    audyn_socket_local(sender->fd, address, mac);
}

audyn_status_t
audyn_sender_start(audyn_sender_t *sender, audyn_error_t *error)
{
    const audyn_status_t status =
        audyn_rt_thread_start(&sender->thread, "audyn-sender", PRIORITY, run, sender);
    if (status) {
        return audyn_error_set(error, status,
                               "no thread could be started for sending: %s",
                               audyn_strerror(status));
    }
    return AUDYN_OK;
}

int
audyn_sender_event_fd(const audyn_sender_t *sender)
{
    return sender->event_fd;
}

void
audyn_sender_stop(audyn_sender_t *sender)
{
    atomic_store_explicit(&sender->quit, true, memory_order_relaxed);
    audyn_rt_thread_join(&sender->thread);
}

void
audyn_sender_get_report(const audyn_sender_t *sender, audyn_sender_report_t *report)
{
    *report = (audyn_sender_report_t){
        .position = atomic_load_explicit(&sender->position, memory_order_relaxed),
        .sample_frames = audyn_counter_get(&sender->sample_frames),
        .packets = audyn_counter_get(&sender->packets),
        .late = audyn_counter_get(&sender->late),
        .unsent = audyn_counter_get(&sender->unsent),
        .worst_ns = atomic_load_explicit(&sender->worst_ns, memory_order_relaxed),
        .unsent_errno = atomic_load_explicit(&sender->unsent_errno, memory_order_relaxed),
        .real_time = sender->thread.fifo,
    };
}

void
audyn_sender_destroy(audyn_sender_t *sender)
{
    if (!sender) {
        return;
    }
    audyn_sender_stop(sender);
    if (sender->fd >= 0) {
        close(sender->fd);
    }
    if (sender->event_fd >= 0) {
        close(sender->event_fd);
    }
    audyn_memory_t memory = sender->memory;
    audyn_memory_unmap(&memory);
}
