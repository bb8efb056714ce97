// Constants of the activation functions, the same at every level.
#ifndef IQK_CONSTANTS_H
#define IQK_CONSTANTS_H

/// 2 * sqrt(2 / pi) of the tanh form of GELU.
#define IQK_GELU_TWICE_ROOT 1.5957691216057308f
/// The coefficient of the cube in the tanh form of GELU.
#define IQK_GELU_CUBIC 0.044715f
/// sqrt(1 / 2)
#define IQK_ROOT_HALF 0.70710678118654752f

/// 1 / sqrt(2 * pi)
#define IQK_INVERSE_ROOT_TWO_PI 0.3989422804014327f

#endif
