/// Message passing between the processes of one training run, as plain C functions.
///
/// With the package trait `MPI` these speak MPI; without it `iq_mpi_is_available` is false, the run has one process, and
/// every other function returns `IQ_MPI_UNAVAILABLE`.
///
/// Every function that returns an int returns `IQ_MPI_SUCCESS`, or a code whose text `iq_mpi_error_text` gives. After any
/// other code than IQ_MPI_SUCCESS and IQ_MPI_MISMATCH the run cannot go on.
///
/// All processes ("ranks", numbered from 0) call the collective functions in the same order. One call at a time: the
/// caller serialises, whatever thread it comes from.
#ifndef CIQ_MPI_H
#define CIQ_MPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __clang__
#pragma clang assume_nonnull begin
#endif

enum {
    IQ_MPI_SUCCESS = 0,
    /// This build does not speak MPI.
    IQ_MPI_UNAVAILABLE = -1,
    /// The ranks called different functions, or gave different sizes; nothing was changed.
    IQ_MPI_MISMATCH = -2,
    /// No memory for the exchange.
    IQ_MPI_OUT_OF_MEMORY = -3,
    /// The MPI library does not let different threads call it in turn.
    IQ_MPI_NO_THREADS = -4,
    /// MPI was ended before, and cannot be started twice in a process.
    IQ_MPI_ENDED = -5,
};

/// What a rank is about to do, for the comparison in front of every exchange.
typedef struct iq_mpi_intent {
    /// Which function, as the caller numbers them.
    int64_t operation;
    /// How many elements, bytes or values it brings.
    int64_t count;
} iq_mpi_intent;

/// True if this build speaks MPI.
bool iq_mpi_is_available(void);

/// Starts MPI, once; calls after the first change nothing. When the process ends without `iq_mpi_finalize`, an exit
/// status of 0 finalizes, any other one stops all ranks.
int iq_mpi_initialize(void);

/// Waits for all ranks, and ends MPI in this process for good. Does nothing when MPI does not run.
int iq_mpi_finalize(void);

/// Number of this process, from 0.
int iq_mpi_rank(void);

/// Number of processes, at least 1.
int iq_mpi_size(void);

/// Tells all ranks what each is about to do: `all` receives one intent a rank.
///
/// Returns IQ_MPI_MISMATCH, on every rank alike, if the operations differ, or the counts where `same_count` is set.
int iq_mpi_compare(iq_mpi_intent mine, bool same_count, iq_mpi_intent *all);

/// Sums `count` floats over all ranks, in place.
///
/// Each sum is taken in double, in the order of the ranks, and rounded once. So all ranks hold the same bits, and they do
/// not depend on how the library moves messages or on `chunk`, the floats that are exchanged at once.
int iq_mpi_allreduce_sum_f32(float *values, size_t count, size_t chunk);

/// Sums `count` doubles over all ranks, in place, in the order of the ranks.
int iq_mpi_allreduce_sum_f64(double *values, size_t count);

/// Copies `size` bytes of rank 0 to all ranks.
int iq_mpi_broadcast(void *bytes, size_t size);

/// Brings the bytes of all ranks to rank 0, one behind the other; `sizes` has the bytes of each rank, the same everywhere.
///
/// `all` holds the sum of the sizes on rank 0, and is not used elsewhere.
int iq_mpi_gather(const void *bytes, const int64_t *sizes, void *_Nullable all);

/// Waits until all ranks are here.
int iq_mpi_barrier(void);

/// The text of a code, in `text`, cut to `capacity` bytes with its terminating zero.
void iq_mpi_error_text(int code, char *text, size_t capacity);

/// Stops all ranks with an exit status; does not come back where MPI runs.
void iq_mpi_abort(int status);

#if __clang__
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
