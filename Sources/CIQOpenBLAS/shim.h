#ifndef CIQ_OPENBLAS_SHIM_H
#define CIQ_OPENBLAS_SHIM_H
#include <cblas.h>
#endif
