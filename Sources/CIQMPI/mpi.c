// Message passing over MPI, for builds with the package trait `MPI`. What each function does stands in CIQMPI.h.

#if defined(CIQ_MPI)

// on_exit, which says with which status a process ends, is an extension of glibc.
#define _GNU_SOURCE 1

#include "CIQMPI.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Messages are counted by int in MPI 3. Larger buffers go in parts of this many bytes.
#define MESSAGE_BYTES ((size_t)1 << 30)

static bool running = false;
static bool ended = false;

bool iq_mpi_is_available(void) { return true; }

// A rank that leaves with a failure while others wait for it would leave them waiting for ever; so it stops them.
#if defined(__GLIBC__)
static void end_at_exit(int status, void *unused) {
    (void)unused;
    if (!running) return;
    if (status == 0) {
        iq_mpi_finalize();
    } else {
        iq_mpi_abort(status);
    }
}
static bool watch_exit(void) { return on_exit(end_at_exit, NULL) == 0; }
#else
// Here nobody says with which status the process ends: whoever does not finalize has failed, unless it is alone.
static void end_at_exit(void) {
    if (!running) return;
    if (iq_mpi_size() == 1) {
        iq_mpi_finalize();
    } else {
        iq_mpi_abort(1);
    }
}
static bool watch_exit(void) { return atexit(end_at_exit) == 0; }
#endif

int iq_mpi_initialize(void) {
    if (running) return IQ_MPI_SUCCESS;
    if (ended) return IQ_MPI_ENDED;
    int provided = MPI_THREAD_SINGLE;
    int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    if (code != MPI_SUCCESS) return code;
    if (provided < MPI_THREAD_SERIALIZED) {
        MPI_Finalize();
        ended = true;
        return IQ_MPI_NO_THREADS;
    }
    running = true;
    if (!watch_exit()) return IQ_MPI_OUT_OF_MEMORY;
    // Codes come back to us instead of ending the process inside the library.
    return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int iq_mpi_finalize(void) {
    if (!running) return IQ_MPI_SUCCESS;
    running = false;
    ended = true;
    return MPI_Finalize();
}

int iq_mpi_rank(void) {
    int rank = 0;
    if (running) MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int iq_mpi_size(void) {
    int size = 1;
    if (running) MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

int iq_mpi_compare(iq_mpi_intent mine, bool same_count, iq_mpi_intent *all) {
    if (!running) return IQ_MPI_ENDED;
    const int64_t sent[2] = {mine.operation, mine.count};
    int code = MPI_Allgather(sent, 2, MPI_INT64_T, all, 2, MPI_INT64_T, MPI_COMM_WORLD);
    if (code != MPI_SUCCESS) return code;
    const int size = iq_mpi_size();
    for (int rank = 1; rank < size; rank++) {
        if (all[rank].operation != all[0].operation) return IQ_MPI_MISMATCH;
        if (same_count && all[rank].count != all[0].count) return IQ_MPI_MISMATCH;
    }
    return IQ_MPI_SUCCESS;
}

// Memory and message counts of a sum of floats; the floats of a chunk are shared out among the ranks, the first ones
// taking one more where they do not come out even.
typedef struct chunk_exchange {
    float *received;  // the share of this rank as every rank has it, [ranks, share]
    int *counts;      // floats of each rank's share
    int *offsets;     // where each rank's share starts in the chunk
    int *from_counts; // floats from each rank: the share of this one
    int *from_offsets;
} chunk_exchange;

static void share_out(const chunk_exchange *exchange, int rank, int size, size_t length) {
    size_t offset = 0;
    for (int other = 0; other < size; other++) {
        const size_t share = length / (size_t)size + ((size_t)other < length % (size_t)size ? 1 : 0);
        exchange->counts[other] = (int)share;
        exchange->offsets[other] = (int)offset;
        offset += share;
    }
    for (int other = 0; other < size; other++) {
        exchange->from_counts[other] = exchange->counts[rank];
        exchange->from_offsets[other] = other * exchange->counts[rank];
    }
}

// Every rank receives its own share from all others, sums it, and hands the sum to all others.
static int sum_chunk(float *values, const chunk_exchange *exchange, int rank, int size) {
    int code = MPI_Alltoallv(values, exchange->counts, exchange->offsets, MPI_FLOAT, exchange->received,
                             exchange->from_counts, exchange->from_offsets, MPI_FLOAT, MPI_COMM_WORLD);
    if (code != MPI_SUCCESS) return code;
    const int share = exchange->counts[rank];
    float *sums = values + exchange->offsets[rank];
    for (int i = 0; i < share; i++) {
        double sum = exchange->received[i];
        for (int other = 1; other < size; other++) sum += exchange->received[(size_t)other * (size_t)share + (size_t)i];
        sums[i] = (float)sum;
    }
    return MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, exchange->counts, exchange->offsets, MPI_FLOAT,
                          MPI_COMM_WORLD);
}

int iq_mpi_allreduce_sum_f32(float *values, size_t count, size_t chunk) {
    if (!running) return IQ_MPI_ENDED;
    const int size = iq_mpi_size(), rank = iq_mpi_rank();
    if (size == 1 || count == 0) return IQ_MPI_SUCCESS;
    const size_t most = INT_MAX / 2;
    if (chunk == 0 || chunk > most) chunk = most;
    if (chunk > count) chunk = count;
    const size_t share = chunk / (size_t)size + 1;
    chunk_exchange exchange = {
        .received = malloc(share * (size_t)size * sizeof(float)),
        .counts = malloc(4 * (size_t)size * sizeof(int)),
    };
    int code = IQ_MPI_OUT_OF_MEMORY;
    if (exchange.received != NULL && exchange.counts != NULL) {
        exchange.offsets = exchange.counts + size;
        exchange.from_counts = exchange.offsets + size;
        exchange.from_offsets = exchange.from_counts + size;
        code = MPI_SUCCESS;
        for (size_t start = 0; start < count && code == MPI_SUCCESS; start += chunk) {
            share_out(&exchange, rank, size, count - start < chunk ? count - start : chunk);
            code = sum_chunk(values + start, &exchange, rank, size);
        }
    }
    free(exchange.received);
    free(exchange.counts);
    return code;
}

int iq_mpi_allreduce_sum_f64(double *values, size_t count) {
    if (!running) return IQ_MPI_ENDED;
    const int size = iq_mpi_size();
    if (size == 1 || count == 0) return IQ_MPI_SUCCESS;
    if (count > INT_MAX / (size_t)size) return MPI_ERR_COUNT;
    double *all = malloc(count * (size_t)size * sizeof(double));
    if (all == NULL) return IQ_MPI_OUT_OF_MEMORY;
    const int code = MPI_Allgather(values, (int)count, MPI_DOUBLE, all, (int)count, MPI_DOUBLE, MPI_COMM_WORLD);
    if (code == MPI_SUCCESS) {
        for (size_t i = 0; i < count; i++) {
            double sum = all[i];
            for (int other = 1; other < size; other++) sum += all[(size_t)other * count + i];
            values[i] = sum;
        }
    }
    free(all);
    return code;
}

int iq_mpi_broadcast(void *bytes, size_t size) {
    if (!running) return IQ_MPI_ENDED;
    int code = MPI_SUCCESS;
    for (size_t start = 0; start < size && code == MPI_SUCCESS; start += MESSAGE_BYTES) {
        const size_t length = size - start < MESSAGE_BYTES ? size - start : MESSAGE_BYTES;
        code = MPI_Bcast((char *)bytes + start, (int)length, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
    return code;
}

int iq_mpi_gather(const void *bytes, const int64_t *sizes, void *all) {
    if (!running) return IQ_MPI_ENDED;
    const int size = iq_mpi_size(), rank = iq_mpi_rank();
    int *counts = malloc(2 * (size_t)size * sizeof(int));
    if (counts == NULL) return IQ_MPI_OUT_OF_MEMORY;
    int *offsets = counts + size;
    int64_t offset = 0;
    int code = MPI_SUCCESS;
    for (int other = 0; other < size; other++) {
        if (sizes[other] > INT_MAX - offset) {
            code = MPI_ERR_COUNT;
            break;
        }
        counts[other] = (int)sizes[other];
        offsets[other] = (int)offset;
        offset += sizes[other];
    }
    if (code == MPI_SUCCESS) {
        code = MPI_Gatherv(bytes, counts[rank], MPI_BYTE, all, counts, offsets, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
    free(counts);
    return code;
}

int iq_mpi_barrier(void) { return running ? MPI_Barrier(MPI_COMM_WORLD) : IQ_MPI_ENDED; }

void iq_mpi_error_text(int code, char *text, size_t capacity) {
    if (capacity == 0) return;
    const char *own = NULL;
    switch (code) {
    case IQ_MPI_MISMATCH: own = "the ranks do not do the same"; break;
    case IQ_MPI_OUT_OF_MEMORY: own = "no memory for the exchange"; break;
    case IQ_MPI_NO_THREADS: own = "the MPI library does not let different threads call it in turn"; break;
    case IQ_MPI_ENDED: own = "MPI has ended in this process and cannot be started twice"; break;
    default: break;
    }
    char buffer[MPI_MAX_ERROR_STRING + 1] = {0};
    int length = 0;
    if (own == NULL && code > 0 && MPI_Error_string(code, buffer, &length) == MPI_SUCCESS && length > 0) own = buffer;
    if (own != NULL) {
        snprintf(text, capacity, "%s", own);
    } else {
        snprintf(text, capacity, "code %d", code);
    }
}

void iq_mpi_abort(int status) {
    if (!running) return;
    running = false;
    ended = true;
    MPI_Abort(MPI_COMM_WORLD, status);
}

#endif
