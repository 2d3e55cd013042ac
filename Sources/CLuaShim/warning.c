// Warnings: put together from their pieces, then given to the host.
#include <stdlib.h>
#include <string.h>
#include "record.h"

static void append(struct qlua_record *record, const char *piece, size_t length) {
  size_t needed = record->warn_length + length + 1;
  if (needed > record->warn_capacity) {
    char *larger = realloc(record->warn_text, needed * 2);
    if (larger == NULL) return;  // a warning is not worth an error
    record->warn_text = larger;
    record->warn_capacity = needed * 2;
  }
  memcpy(record->warn_text + record->warn_length, piece, length);
  record->warn_length += length;
  record->warn_text[record->warn_length] = 0;
}

void qlua_receive_warning(void *context, const char *message, int to_continue) {
  struct qlua_record *record = context;
  if (record->warn_length == 0 && !to_continue && message[0] == '@') {
    if (strcmp(message, "@on") == 0) record->warn_enabled = true;
    if (strcmp(message, "@off") == 0) record->warn_enabled = false;
    return;
  }
  append(record, message, strlen(message));
  if (to_continue) return;
  size_t length = record->warn_length;
  record->warn_length = 0;
  if (record->warn_enabled && record->warn != NULL && record->warn_text != NULL)
    record->warn(record->warn_context, record->warn_text, length);
}

void qlua_set_warning(lua_State *L, qlua_warning receive, void *context, bool enabled) {
  struct qlua_record *record = qlua_record(L);
  record->warn = receive;
  record->warn_context = context;
  record->warn_enabled = enabled;
}
