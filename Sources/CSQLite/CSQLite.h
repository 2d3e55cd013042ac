// The system's SQLite, for the history of sessions.
#ifndef QREPL_CSQLITE_H
#define QREPL_CSQLITE_H

#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast, which Swift does not import.
static inline int qsqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

#endif
