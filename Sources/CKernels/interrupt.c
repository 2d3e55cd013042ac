#include "qk_interrupt.h"
#include <stdatomic.h>
#include <stddef.h>

static _Atomic(qk_question) question;

void qk_set_interrupt_question(qk_question asked) { atomic_store(&question, asked); }

bool qk_is_interrupted(void) {
  const qk_question asked = atomic_load_explicit(&question, memory_order_relaxed);
  return asked != NULL && asked();
}
