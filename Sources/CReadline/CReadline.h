// GNU readline, with setters for its variables, which Swift does not import because they are shared mutable state.
// All of it belongs to the thread that reads the prompt.
#ifndef QREPL_CREADLINE_H
#define QREPL_CREADLINE_H

#include <stdio.h>
#include <stdlib.h>
#include <readline/readline.h>
#include <readline/history.h>

/// The name by which ~/.inputrc knows the program. The string must stay.
static inline void qreadline_set_name(const char *name) { rl_readline_name = name; }
/// Reads from standard input and writes to standard output.
static inline void qreadline_use_standard_streams(void) { rl_instream = stdin; rl_outstream = stdout; }
/// What completes words, and what tells before it where a word begins.
static inline void qreadline_set_completer(rl_completion_func_t *complete, char *(*breaks)(void)) {
  rl_attempted_completion_function = complete;
  rl_completion_word_break_hook = breaks;
  // Otherwise readline closes a quote of its own accord, also after a folder's name.
  rl_basic_quote_characters = "";
}
/// What reads a key.
static inline void qreadline_set_getc(rl_getc_func_t *getc) { rl_getc_function = getc; }
/// The character after a word that was completed; 0 for none.
static inline void qreadline_set_append_character(int character) { rl_completion_append_character = character; }
/// Keeps readline from completing file names of its own accord.
static inline void qreadline_end_completion(void) { rl_attempted_completion_over = 1; }
/// The line as typed so far.
static inline const char *qreadline_line(void) { return rl_line_buffer ? rl_line_buffer : ""; }
/// The cursor's byte in it.
static inline int qreadline_point(void) { return rl_point; }

#endif
