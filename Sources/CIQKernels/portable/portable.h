// What the portable sources share.
#ifndef IQK_PORTABLE_H
#define IQK_PORTABLE_H

#include "../constants.h"
#include "../internal.h"

size_t iqk_attention_bytes_portable(int64_t rows, int64_t head_dimension, int64_t keys);
void iqk_attention_portable(const iqk_attention_job *job, const iqk_attention_task *task, void *scratch);

#endif
