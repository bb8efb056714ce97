// A run of one process, for builds without the package trait `MPI`.

#if !defined(CIQ_MPI)

#include "CIQMPI.h"

#include <stdio.h>

bool iq_mpi_is_available(void) { return false; }

int iq_mpi_initialize(void) { return IQ_MPI_UNAVAILABLE; }

int iq_mpi_finalize(void) { return IQ_MPI_SUCCESS; }

int iq_mpi_rank(void) { return 0; }

int iq_mpi_size(void) { return 1; }

int iq_mpi_compare(iq_mpi_intent mine, bool same_count, iq_mpi_intent *all) {
    (void)mine, (void)same_count, (void)all;
    return IQ_MPI_UNAVAILABLE;
}

int iq_mpi_allreduce_sum_f32(float *values, size_t count, size_t chunk) {
    (void)values, (void)count, (void)chunk;
    return IQ_MPI_UNAVAILABLE;
}

int iq_mpi_allreduce_sum_f64(double *values, size_t count) {
    (void)values, (void)count;
    return IQ_MPI_UNAVAILABLE;
}

int iq_mpi_broadcast(void *bytes, size_t size) {
    (void)bytes, (void)size;
    return IQ_MPI_UNAVAILABLE;
}

int iq_mpi_gather(const void *bytes, const int64_t *sizes, void *all) {
    (void)bytes, (void)sizes, (void)all;
    return IQ_MPI_UNAVAILABLE;
}

int iq_mpi_barrier(void) { return IQ_MPI_UNAVAILABLE; }

void iq_mpi_error_text(int code, char *text, size_t capacity) {
    snprintf(text, capacity, "code %d of a build without MPI", code);
}

void iq_mpi_abort(int status) { (void)status; }

#endif
