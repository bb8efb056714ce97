#include "CIQKernels.h"
