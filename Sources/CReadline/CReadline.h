// GNU readline, with what Swift cannot import from its headers: variables that are shared mutable state.
#ifndef QREPL_CREADLINE_H
#define QREPL_CREADLINE_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <readline/readline.h>
#include <readline/history.h>

// All of these belong to the thread that reads the prompt.
static inline void qreadline_set_name(const char *name) { rl_readline_name = name; }
static inline void qreadline_set_completer(rl_completion_func_t *complete, const char *breaks) {
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = (char *)breaks;
  rl_basic_word_break_characters = breaks;
}
static inline void qreadline_set_append_character(int character) { rl_completion_append_character = character; }
static inline void qreadline_end_completion(void) { rl_attempted_completion_over = 1; }
static inline void qreadline_suppress_quote(void) { rl_completion_suppress_quote = 1; }
static inline const char *qreadline_line(void) { return rl_line_buffer ? rl_line_buffer : ""; }
static inline int qreadline_point(void) { return rl_point; }
static inline void qreadline_use_own_signals(void) { rl_catch_signals = 0; rl_catch_sigwinch = 1; }
static inline void qreadline_set_output(FILE *file) { rl_outstream = file; }
static inline void qreadline_use_standard_output(void) { rl_instream = stdin; rl_outstream = stdout; }
static inline void qreadline_set_event_hook(rl_hook_func_t *hook) { rl_signal_event_hook = hook; }
static inline void qreadline_set_startup_hook(rl_hook_func_t *hook) { rl_startup_hook = hook; }
static inline void qreadline_stop(void) { rl_done = 1; }
static inline bool qreadline_is_stopped(void) { return rl_done != 0; }

#endif
