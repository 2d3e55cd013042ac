// Running a function of vectors over memory. In assembly, because C passes a wide vector in registers only where the whole
// file is compiled for the instruction set.
#ifndef QK_SLEEF_CALL_H
#define QK_SLEEF_CALL_H

#include "../CSLEEF/sleef_functions.h"
#include <stddef.h>

typedef void (*qk_vector_function)(void);

/// y = f(a), or f(a, b), for `count` vectors; from one to the next `a` and `b` go `a_step` and `b_step` bytes on.
typedef struct qk_vector_job {
  qk_vector_function f;
  const void *a, *b;
  void *y;
  size_t count, a_step, b_step;
} qk_vector_job;

// f, a, b, y and count in registers that f keeps; seven words on the stack leave it aligned.
#define QK_EACH_VECTOR(name, move, register, size)                                        \
  __attribute__((naked, noinline, unused)) static void name(const qk_vector_job *job) {   \
    __asm__(                                                                              \
        "pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"   \
        "subq $8, %rsp\n"                                                                 \
        "movq %rdi, %rbp\n movq (%rdi), %rbx\n movq 8(%rdi), %r12\n"                      \
        "movq 16(%rdi), %r13\n movq 24(%rdi), %r14\n movq 32(%rdi), %r15\n"               \
        "testq %r15, %r15\n jz 2f\n"                                                      \
        "1: " move " (%r12), %" register "0\n " move " (%r13), %" register "1\n"          \
        "call *%rbx\n"                                                                    \
        move " %" register "0, (%r14)\n"                                                  \
        "addq 40(%rbp), %r12\n addq 48(%rbp), %r13\n addq $" size ", %r14\n"              \
        "decq %r15\n jnz 1b\n"                                                            \
        "2: vzeroupper\n addq $8, %rsp\n"                                                 \
        "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n retq");  \
  }

#endif
