#ifndef CIQ_OPENMPI_SHIM_H
#define CIQ_OPENMPI_SHIM_H
#include <mpi.h>
#endif
