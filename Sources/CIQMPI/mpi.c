#include "CIQMPI.h"

bool iq_mpi_is_available(void) { return false; }
