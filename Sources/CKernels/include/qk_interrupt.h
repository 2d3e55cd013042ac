/// Ending long kernels early.
#ifndef QK_INTERRUPT_H
#define QK_INTERRUPT_H

#include <stdbool.h>

/// Whether what runs is to end; may be asked on any thread.
typedef bool (*qk_question)(void);

/// Sets what long kernels ask between two of their parts. Where the answer is yes they leave their results unfinished: the host sees
/// to it that nobody gets to see them.
void qk_set_interrupt_question(qk_question question);

/// The answer; no while there is no question.
bool qk_is_interrupted(void);

#endif
