/// Message passing between the processes of one training run, as plain C functions.
///
/// Without the package trait `MPI` these are the functions of a run of one process.
#ifndef CIQ_MPI_H
#define CIQ_MPI_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// True if this build speaks MPI.
bool iq_mpi_is_available(void);

#ifdef __cplusplus
}
#endif

#endif
